"""The shipped site after a million repeated runs: the catalog's systems, measured on and on.

The catalog, its basket and its history of releases are what a new site has. The million comes in
through a real import: runs of every system on every eval on which the catalog has it, each near the
catalog's own value, with a protocol, a day and an address of its own, so that nearly all are left
out of the index because another score stands. One release knows them all.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import random
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from baskets.engine import ENGINE_VERSION
from indexsite import env
from indexsite.run.lock import data_lock
from tests.bench.importing import Servers, servers
from tests.bench.report import MeasurementFailed

SCORES = 1_000_000
SPREAD = 0.004
SEED = 20_261_121
HEADER = "system,eval,value,elicitation,reported_by,observed_on,source_url"


@contextmanager
def kept(*, scores: int = SCORES) -> Iterator[Servers]:
    """The servers of such a site while the block runs, built once under var/ as `large_site`'s."""
    made_of = f"{scores} {ENGINE_VERSION} {Path(__file__).read_text()}"
    name = hashlib.sha256(made_of.encode()).hexdigest()[:12]
    folder = env.ROOT / "var" / "bench" / f"rerun-{name}"
    whole = folder / "whole"
    for other in folder.parent.glob("rerun-*"):
        if other != folder or not whole.exists():
            with data_lock(other):
                shutil.rmtree(other)
    with servers(folder) as found:
        if not whole.exists():
            fill(folder, scores)
            whole.touch()
        yield found


def fill(folder: Path, scores: int) -> None:
    """The catalog, its releases, the runs, and a release of all of them, looked at for alerts."""
    from alerts.services import examine_release
    from baskets.models import Basket, Release
    from tests.databases import fill_with_catalog

    with _timed("Filling in the catalog"):
        fill_with_catalog()
    with _timed(f"Importing {scores:,} runs"):
        path = write_runs(folder / "runs.csv", scores)
        import_file(path, scores)
        path.unlink()
    with _timed("Computing the release of all scores"):
        release_now(Basket.objects.get(slug="agi"))
    with _timed("Looking at releases"):
        for release in Release.objects.defer("bundle").order_by("number"):
            examine_release(release)


def release_now(basket: Any) -> None:
    """A release of everything that is known."""
    from django.utils import timezone

    from baskets.models import Recompute
    from baskets.services import recomputes

    Recompute.objects.filter(state="pending").update(due_at=timezone.now())
    recomputes.request_release(basket, cause="Measurement", due_at=timezone.now())
    if recomputes.run_due(basket.pk) is None:
        raise MeasurementFailed("No release was made")


def import_file(path: Path, rows: int) -> None:
    """Import a file in this process; of a thousand rows at most one may be held for its value."""
    from evals.services import imports

    run = imports.run_import(imports.create_run(path=path, source="runs").pk)
    if run is None or run.state != "done" or run.accepted < 0.999 * rows:
        raise MeasurementFailed(f"The import ended otherwise: {run and vars(run)}")


def write_runs(path: Path, rows: int) -> Path:
    """A catalog file of repeated runs, cell by cell, each cell as often as the others."""
    draw = random.Random(SEED)
    cells = _cells()
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        for row in range(rows):
            system, item, value, low, high, protocol, reporter, day = cells[row % len(cells)]
            again = row // len(cells)
            near = min(max(value * (1 + draw.gauss(0, SPREAD)), low), high)
            said = f"{protocol} run {again}".strip().replace('"', '""')
            on = min(day + dt.timedelta(days=again % 28), dt.date(2026, 11, 1))
            file.write(
                f'{system},{item},{near:.5f},"{said}",{reporter},{on},https://runs.example/{row}\n'
            )
    return path


def _cells() -> list[tuple[Any, ...]]:
    """A score of every cell with its eval's bounds."""
    from evals.selectors.counting import counting

    found = {}
    for score in counting().order_by("pk").select_related("system", "eval"):
        item = score.eval
        low = -math.inf if item.lower is None else item.lower
        high = math.inf if item.upper is None else item.upper
        found[score.system.slug, item.slug] = (
            *(score.system.slug, item.slug, score.value, low, high),
            *(score.elicitation, score.reported_by, score.observed_on),
        )
    return list(found.values())


@contextmanager
def _timed(text: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{text}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
