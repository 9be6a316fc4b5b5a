"""`python -m tests.bench.alert_crash [DELIVERIES [KILLS]]`: no alert is lost among kills.

Two Celery workers send to a mail server that takes its time. At random moments the process that
sends is killed (-9), every tenth time its whole worker; after a third of the kills Redis is
restarted empty, after two thirds PostgreSQL is restarted. In the end every delivery must have been
taken under its own Message-ID; what came twice came under the same one. Exit status 1 where not.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.bench.importing import Servers, servers
from tests.bench.sink import Mail, Sink, sink

if TYPE_CHECKING:
    from tests.killing import Workers

DELIVERIES, KILLS, SEED = 3000, 100, 7
PATIENCE = 1800.0
SWEEP = 0.5
TAKING = 0.01
"""Seconds that the mail server takes for a mail, so that many kills meet one that is under way."""


def main() -> int:
    """Send among kills, and compare; the exit status."""
    given = [int(word) for word in sys.argv[1:3]]
    count, kills = (*given, *(DELIVERIES, KILLS)[len(given) :])
    with tempfile.TemporaryDirectory(prefix="agi-index-crash-") as folder, ExitStack() as stack:
        box = stack.enter_context(sink(Path(folder), taking=TAKING))
        found = stack.enter_context(servers(Path(folder) / "var"))
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{box.port}"
        idents = _stored(count)
        killed = _among_kills(found, box, kills)
        return _judged(idents, box.mails(), killed, kills)


def _stored(count: int) -> set[str]:
    """Confirmations that wait to be sent; their Message-IDs."""
    from alerts import tokens
    from alerts.models import Delivery, Recipient, Subscription
    from alerts.rules import Terms
    from alerts.services.rules import set_rule
    from baskets.models import Basket
    from evals.models import Developer, Generation, System

    developer = Developer.objects.create(slug="bench", name="Bench")
    family = Generation.objects.create(developer=developer, name="Bench")
    known = {"developer": developer, "generation": family, "released_on": "2026-01-01"}
    base = System.objects.create(slug="bench", name="Bench", **known)
    basket = Basket.objects.create(slug="agi", name="AGI", base=base)
    idents = set()
    for n in range(count):
        one = Recipient.objects.create(email=f"r{n}@example.org")
        asked = Subscription.objects.create(recipient=one)
        set_rule(asked, terms=Terms(), basket=basket)
        row = Delivery.objects.create(recipient=one, subscription=asked, kind="confirm")
        idents.add(tokens.message_id(tokens.delivery_mark(row.pk)))
    return idents


def _among_kills(found: Servers, box: Sink, kills: int) -> int:
    """Let two workers send until all is sent; how many were killed."""
    from alerts.models import Delivery
    from tests.killing import emptied, workers

    draw, killed, until = random.Random(SEED), 0, time.monotonic() + PATIENCE
    breaks = [(kills // 3, lambda: emptied(found.redis)), (2 * kills // 3, lambda: _again(found))]
    with workers(found.urls, found.folder, 2) as crew:
        swept = next_kill = 0.0
        # Something must have been taken since the last kill: senders that only begin prove nothing.
        seen = -1
        while time.monotonic() < until:
            if time.monotonic() - swept > SWEEP:
                _sweep()
                swept = time.monotonic()
            ready = killed < kills and time.monotonic() > next_kill and box.size() > seen
            if ready and _kill(crew, killed):
                killed, seen = killed + 1, box.size()
                next_kill = time.monotonic() + draw.uniform(0.05, 0.6)
            if breaks and killed >= breaks[0][0]:
                breaks.pop(0)[1]()
            with suppress(Exception):
                waiting = Delivery.objects.exclude(state="sent").count()
                if not waiting:
                    return killed
            time.sleep(0.02)
    return killed


def _again(found: Servers) -> None:
    found.postgres.stop()
    found.postgres.start()
    print("PostgreSQL restarted", flush=True)


def _sweep() -> None:
    """Hint at what waits, if database and Redis answer."""
    from django.db import close_old_connections, connection

    from alerts import tasks

    try:
        tasks.hint_due_deliveries()
    except Exception:
        connection.close()
        close_old_connections()


def _kill(crew: Workers, killed: int) -> bool:
    """Kill the process that holds a delivery now; whether there was one."""
    from django.db import connection

    with suppress(Exception), connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.client_port FROM alerts_delivery d JOIN pg_stat_activity a"
            " ON a.pid = d.holder_pid WHERE d.state = 'sending' LIMIT 1"
        )
        row = cursor.fetchone()
        process = crew.holder(row[0]) if row else None
        if process is not None:
            with suppress(psutil.NoSuchProcess, StopIteration):
                crew.kill(process, whole=killed % 10 == 9)
                return True
    return False


def _judged(idents: set[str], mails: list[Mail], killed: int, kills: int) -> int:
    taken = Counter(mail.ident for mail in mails)
    lost, strange = idents - set(taken), set(taken) - idents
    twice = sum(count - 1 for count in taken.values())
    print(
        f"{killed} kills of {kills}: {len(idents)} deliveries, {len(lost)} lost,"
        f" {len(strange)} unknown, {twice} repeated under their own id"
    )
    return 0 if not lost and not strange and killed == kills else 1


if __name__ == "__main__":
    sys.exit(main())
