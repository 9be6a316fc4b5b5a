"""`python -m tests.bench.import_to_mail`: from an accepted import to the mail, a million scores in.

The site is the shipped one with its history of releases and 1,000,000 more scores, as runs that
repeat themselves leave them (`tests.bench.rerun_site`): many scores in every cell, of which one
stands. Small files come in one after another, each with a new system that leads by a little, and
each is timed from the moment at which its import is accepted (the time of the request for a release
that is committed with it) to the mail about it in the mail server. A worker as `make run` starts it
does everything, under the immediate policy: imports, release, alerts. Nothing sweeps: the hints
after the commits are all there is. Database and commits are safe against a power cut.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

from indexsite import embedded
from tests.bench import report, rerun_site
from tests.bench.apart import measured_apart
from tests.bench.deliveries import BEHIND, STEP, subscribed, until
from tests.bench.importing import Servers
from tests.bench.report import MeasurementFailed, Row
from tests.bench.sink import Sink, sink
from tests.e2e.results import SCORES

IMPORTS, WARM_UP, SECONDS = 20, 2, 6.0
STEP_NOW = STEP * 20 / (IMPORTS + WARM_UP + 1)
DATABASE = "import_to_mail"


def measured(scores: int = rerun_site.SCORES) -> list[Row]:
    """The times of the imports on such a site, and the parts of the last one's way."""
    with tempfile.TemporaryDirectory(prefix="agi-index-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        box = stack.enter_context(sink(folder))
        found = stack.enter_context(rerun_site.kept(scores=scores))
        urls = stack.enter_context(_copied(found))
        with _worker(urls, found.folder, f"smtp://127.0.0.1:{box.port}"):
            waits = [_led(box, folder, n) for n in range(WARM_UP + IMPORTS)][WARM_UP:]
        return [*_rows(scores, waits), *_parts(folder)]


def in_own_process() -> list[Row]:
    """The same measured by another process: Django takes the addresses of its servers once."""
    found = measured_apart("tests.bench.import_to_mail", "--json")
    return [Row(**row) for row in found["rows"]]


@contextmanager
def _copied(found: Servers) -> Iterator[embedded.Urls]:
    """A copy of the site's database, with Django on it, while the block runs."""
    import psycopg
    from django.db import connection

    from tests import databases

    before = str(connection.settings_dict["NAME"])
    databases.stay_on(before)
    urls = databases.clone(found.urls, DATABASE, before)
    databases.stay_on(DATABASE)
    try:
        yield urls
    finally:
        databases.stay_on(before)
        server = databases.url_of(found.urls.database_owner, "postgres")
        with psycopg.connect(server, autocommit=True) as session:
            session.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


@contextmanager
def _worker(urls: embedded.Urls, folder: Path, mail: str) -> Iterator[None]:
    """A worker as `make run` starts it on a machine of two cores."""
    from indexsite.run.site import QUEUES
    from tests import sites

    environment = sites.variables(urls, folder, EMAIL_URL=mail, RELEASE_POLICY="immediate")
    line = ["-m", "celery", "-A", "indexsite", "worker", "-Q", QUEUES, "--concurrency", "2"]
    line += ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    log = folder / "worker.log"
    log.unlink(missing_ok=True)
    with sites.process("worker", environment, *line):
        until(lambda: " ready." in log.read_text(), "the worker")
        yield


def _subscribe(n: int) -> None:
    """A new reader in the place of the last: none is told of so many events on one day."""
    from alerts.models import Rule
    from baskets.models import Basket

    Rule.objects.all().delete()
    subscribed(Basket.objects.get(slug="agi"), 1, minimum=0.1 + n / 1000)


def _led(box: Sink, folder: Path, n: int) -> dict[str, float]:
    """Seconds from the acceptance of an import until its release, its examination and its mail."""
    from alerts.models import Examination
    from baskets.models import Recompute
    from evals.services import imports

    _subscribe(n)
    before = len(box.mails())
    run = imports.create_run(path=_file(folder, n), source="bench")
    until(lambda: len(box.mails()) > before, f"the mail about import {n}")
    mail = box.mails()[before]
    run.refresh_from_db()
    if run.accepted != len(SCORES):
        raise MeasurementFailed(f"the scores of system {n} were not taken: {vars(run)}")
    asked = Recompute.objects.filter(release__isnull=False).latest("pk")
    examined = Examination.objects.get(release=asked.release)
    accepted = asked.requested_at.timestamp()
    print(f"{n}: {mail.at - accepted:.2f} s", file=sys.stderr, flush=True)
    return {
        "mail": mail.at - accepted,
        "examined": examined.at.timestamp() - accepted,
        "making": asked.seconds or 0.0,
    }


def _file(folder: Path, n: int) -> Path:
    """The results of a new system that leads by a little."""
    from evals.models import Developer, Generation, System

    day = (datetime.now(UTC) - timedelta(days=1)).date()
    developer, _made = Developer.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    family, _made = Generation.objects.get_or_create(developer=developer, name="Bench")
    known = {"developer": developer, "generation": family, "released_on": day}
    System.objects.create(slug=f"bench-{n}", name=f"Bench {n}", **known)
    rows = [
        f"bench-{n},{name},{value - BEHIND + n * STEP_NOW:g},third_party,{day},https://x.example"
        for name, value in SCORES.items()
    ]
    path = folder / f"observations-{n}.csv"
    head = "system,eval,value,reported_by,observed_on,source_url"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def _rows(scores: int, waits: list[dict[str, float]]) -> list[Row]:
    mails = [wait["mail"] for wait in waits]
    label = f"import accepted to mail, {scores:,} scores stored"
    return [
        Row(f"{label}, median", median(mails), "s"),
        Row(f"{label}, 95%", quantiles(mails, n=20)[-1], "s", SECONDS),
        Row(f"{label}: making the release", median(w["making"] for w in waits), "s"),
        Row(f"{label}: until its examination", median(w["examined"] for w in waits), "s"),
        Row(
            f"{label}: from there to the mail",
            median(wait["mail"] - wait["examined"] for wait in waits),
            "s",
        ),
    ]


def _parts(folder: Path) -> Iterator[Row]:
    """The parts of making one more release, in this process."""
    from baskets.models import Basket
    from baskets.selectors.choices import taken_now
    from baskets.services import releases
    from baskets.services.pieces import store_choices

    day = releases.today()
    path = _file(folder, WARM_UP + IMPORTS)
    rerun_site.import_file(path, len(SCORES))
    began = time.perf_counter()
    now = taken_now(Basket.objects.get(slug="agi"), day)
    assert now.taken is not None
    read = time.perf_counter()
    store_choices(now.choices)
    found = releases.compute_release(now.known, now.taken, vintage_on=day, versions=now.versions)
    computed = time.perf_counter()
    releases.store_release(found, cause="Measurement")
    stored = time.perf_counter()
    label = "release with a million scores stored"
    yield Row(f"{label}: reading", read - began, "s")
    yield Row(f"{label}: engine, and the bundle with its hash", computed - read, "s")
    yield Row(f"{label}: storing, with why values moved", stored - computed, "s")


def main() -> int:
    """Measure and print the rows, for a person or for another process."""
    # `kept` forgets every setting but those of the servers.
    os.environ.pop("RELEASE_POLICY", None)
    rows = measured()
    if "--json" in sys.argv:
        import json

        print(json.dumps({"rows": [vars(row) for row in rows]}))
    else:
        print(report.table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
