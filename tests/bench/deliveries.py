"""`python -m tests.bench.deliveries`: alerts from the commit of a release to the mail server.

Two Celery workers send 10,000 alerts about one event of the shipped catalog, each a whole mail with
a picture, to a mail server in a process of its own; their memory is read early and at the end.
Then releases with a new leading system are made one after another, and each is timed from its
commit to the mail. Nothing sweeps meanwhile: the hints after the commits are all there is.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.bench import report
from tests.bench.apart import measured_apart
from tests.bench.importing import Servers, servers
from tests.bench.report import MeasurementFailed, Row
from tests.bench.sink import Sink, sink
from tests.e2e.results import SCORES

if TYPE_CHECKING:
    from baskets.models import Basket

DELIVERIES, WORKERS, RELEASES = 10_000, 2, 20
SECONDS, LATENCY, GROWTH = 60.0, 2.0, 20.0
PATIENCE = 300.0
BEHIND, STEP = 6.0, 0.3
"""Percent by which the first new system stays behind full marks, and each next one does better."""


def measured() -> list[Row]:
    """Both measurements on servers of their own."""
    with tempfile.TemporaryDirectory(prefix="agi-index-bench-") as folder, ExitStack() as stack:
        box = stack.enter_context(sink(Path(folder)))
        os.environ["EMAIL_URL"] = mail = f"smtp://127.0.0.1:{box.port}"
        found = stack.enter_context(servers(Path(folder) / "var"))
        # `servers` forgets every setting but those of the servers.
        os.environ["EMAIL_URL"] = mail
        basket = _filled()
        with _workers(found, mail) as crew:
            rows = _many(box, crew)
            return [*rows, *_latency(box, basket, Path(folder))]


def in_own_process() -> list[Row]:
    """The same measured by another process: Django takes the addresses of its servers once."""
    return [Row(**row) for row in measured_apart("tests.bench.deliveries", "--json")["rows"]]


@contextmanager
def _workers(found: Servers, mail: str) -> Iterator[list[int]]:
    """The process ids of the workers."""
    from tests import sites

    environment = sites.variables(found.urls, found.folder, EMAIL_URL=mail)
    # Of alerts alone: this process imports and computes itself, to know when it commits.
    line = ["-m", "celery", "-A", "indexsite", "worker", "-Q", "alerts", "-c", "1", "-l", "warning"]
    with ExitStack() as stack:
        crew = [
            stack.enter_context(sites.process("worker", environment, *line)).pid
            for _ in range(WORKERS)
        ]
        # A worker that is still starting would be measured as a slow one.
        until(lambda: all(psutil.Process(pid).children() for pid in crew), "workers")
        time.sleep(3)
        yield crew


def _filled() -> Basket:
    """The catalog and its releases, all of them examined, and a first release of our own."""
    from alerts import services
    from baskets.models import Basket, Release
    from tests.databases import fill_with_catalog

    fill_with_catalog()
    for release in Release.objects.order_by("number"):
        services.examine_release(release)
    return Basket.objects.get(slug="agi")


def subscribed(basket: Basket, count: int, *, minimum: float) -> list[int]:
    """Subscriptions of so many people; their ids."""
    from django.utils import timezone

    from alerts.models import Recipient, Rule, Subscription
    from alerts.rules import Terms

    terms = Terms(series=frozenset({"capability"}), minimum=minimum).to_json()
    people = Recipient.objects.bulk_create(
        Recipient(email=f"r{n}-{minimum:g}@example.org") for n in range(count)
    )
    made = Subscription.objects.bulk_create(
        Subscription(recipient=one, confirmed_at=timezone.now()) for one in people
    )
    Rule.objects.bulk_create(Rule(subscription=one, basket=basket, terms=terms) for one in made)
    return [one.pk for one in made]


def _many(box: Sink, crew: list[int]) -> list[Row]:
    from django.db import transaction

    from alerts import tasks
    from alerts.models import Event, Subscription
    from alerts.services.outbox import store_alerts
    from baskets.models import Basket

    event = Event.objects.filter(kind="frontier", series="capability").latest("pk")
    basket = Basket.objects.get(slug="agi")
    ids = subscribed(basket, DELIVERIES, minimum=500.0)
    told = list(Subscription.objects.filter(pk__in=ids).select_related("rule"))
    worked = _processor_time(crew)
    began = time.time()
    with transaction.atomic():
        store_alerts(event.release, [(one, [event.pk]) for one in told])
    stored = time.time() - began
    tasks.hint_due_deliveries()
    until(lambda: len(box.mails()) >= DELIVERIES // 5, "the first fifth")
    early = _memory(crew)
    until(lambda: len(box.mails()) >= DELIVERIES, "all mails")
    mails = box.mails()
    late = _memory(crew)
    if len({mail.ident for mail in mails}) != DELIVERIES or len(mails) != DELIVERIES:
        raise MeasurementFailed(f"{len(mails)} mails of {DELIVERIES} deliveries")
    size = sum(mail.size for mail in mails) / len(mails) / 1000
    return [
        Row("alerts: store 10,000 deliveries", stored, "s"),
        Row("alerts: 10,000 mails by 2 workers", mails[-1].at - began - stored, "s", SECONDS),
        Row("alerts: processor time of the workers for them", _processor_time(crew) - worked, "s"),
        Row("alerts: growth of a worker meanwhile", late - early, "MB", GROWTH),
        Row("alerts: a mail with its picture", size, "kB"),
    ]


def _memory(crew: list[int]) -> float:
    """What the largest process of the workers holds, in MB."""
    processes = [child for pid in crew for child in psutil.Process(pid).children(recursive=True)]
    return max(process.memory_info().rss for process in processes) / 1e6


def _processor_time(crew: list[int]) -> float:
    """Seconds that the processes of the workers have computed so far."""
    times = [child.cpu_times() for pid in crew for child in psutil.Process(pid).children()]
    return sum(one.user + one.system for one in times)


def _latency(box: Sink, basket: Basket, folder: Path) -> list[Row]:
    """From the commit of a release to the mail about it."""
    committed = _commits()
    subscribed(basket, 1, minimum=0.1)
    waits = []
    for n in range(RELEASES):
        before = len(box.mails())
        _lead(basket, n)
        until(lambda: len(box.mails()) > before, f"the mail about release {n}")  # noqa: B023
        waits.append(box.mails()[before].at - committed[-1])
    waits.sort()
    return [
        Row("alerts: commit of a release to mail, median", waits[len(waits) // 2], "s"),
        Row("alerts: commit of a release to mail, 95%", waits[-2], "s", LATENCY),
    ]


def _commits() -> list[float]:
    """When releases were committed, from now on; longer with each."""
    from django.db import transaction
    from django.db.models.signals import post_save

    from baskets.models import Release

    times: list[float] = []

    def note(created: bool, **rest: object) -> None:
        if created:
            transaction.on_commit(lambda: times.append(time.time()))

    post_save.connect(note, sender=Release, weak=False)
    return times


def _lead(basket: Basket, n: int) -> None:
    """A release with a new system that leads by a little."""
    from django.utils import timezone

    from baskets.services import recomputes
    from evals.models import Developer, Generation, System
    from evals.services import imports

    day = (datetime.now(UTC) - timedelta(days=1)).date()
    developer, _made = Developer.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    family, _made = Generation.objects.get_or_create(developer=developer, name="Bench")
    known = {"developer": developer, "generation": family, "released_on": day}
    System.objects.create(slug=f"bench-{n}", name=f"Bench {n}", **known)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "observations.csv"
        rows = [
            f"bench-{n},{name},{value - BEHIND + n * STEP:g},third_party,{day},https://x.example"
            for name, value in SCORES.items()
        ]
        head = "system,eval,value,reported_by,observed_on,source_url"
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        run = imports.run_import(imports.create_run(path=path, source="bench").pk)
    if run is None or run.accepted != len(SCORES):
        raise MeasurementFailed(f"the scores of system {n} were not taken: {run and vars(run)}")
    recomputes.request_release(basket, cause="bench", due_at=timezone.now())
    recomputes.run_due(basket.pk)


def until(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise MeasurementFailed(f"{what} did not come within {PATIENCE:g} s")
        time.sleep(0.05)


def main() -> int:
    """Measure and print the rows, for a person or for another process."""
    rows = measured()
    if "--json" in sys.argv:
        import json

        print(json.dumps({"rows": [vars(row) for row in rows]}))
    else:
        print(report.table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
