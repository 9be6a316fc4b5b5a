"""A database of the size that the site must stay fast at: a million scores, two hundred releases.

The scores come in through a real import and the newest release is computed by the engine. The
releases before it are copies of its rows under earlier numbers and dates, each with the systems
that were out by then: their values are not what the engine would have said, their size is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from baskets.engine import ENGINE_VERSION
from indexsite import env
from indexsite.run.lock import data_lock
from tests.bench.importing import Servers, servers
from tests.bench.large_releases import copy_releases
from tests.bench.report import MeasurementFailed

SYSTEMS, EVALS, DEVELOPERS, RELEASES = 1_000, 300, 20, 200
DOMAINS = (("capability", "Capability"), ("safety", "Safety"), ("alignment", "Alignment"))
SUBDOMAINS, OVERLAP = 10, 20
FIRST, LAST = dt.date(2022, 1, 15), dt.date(2026, 9, 30)
VERSIONS = (dt.date(2024, 1, 1), dt.date(2025, 1, 1), dt.date(2026, 1, 1))
SEED = 20_261_121
HEADER = "system,eval,value,uncertainty,n_items,elicitation,reported_by,observed_on,source_url,note"


@contextmanager
def kept(*, scores: int, releases: int = RELEASES) -> Iterator[Servers]:
    """The servers of such a site while the block runs.

    Built once in a folder under var/, which is named after all that it is made of, and found there
    the next time; others are dropped.
    """
    made_of = f"{scores} {releases} {ENGINE_VERSION} {Path(__file__).read_text()}"
    name = hashlib.sha256(made_of.encode()).hexdigest()[:12]
    folder = env.ROOT / "var" / "bench" / f"large-{name}"
    whole = folder / "whole"
    for other in folder.parent.glob("large-*"):
        if other != folder or not whole.exists():
            # Not under the hands of one who is building it at this moment.
            with data_lock(other):
                shutil.rmtree(other)
    with servers(folder, durable=False) as found:
        if not whole.exists():
            fill(folder, scores=scores, releases=releases)
            whole.touch()
        yield found


def fill(folder: Path, *, scores: int, releases: int = RELEASES) -> None:
    """Everything of the measurement's site, in the database that Django has been pointed at."""
    with _timed("Importing"):
        add_names()
        path = write_scores(folder / "scores.csv", scores)
        _import(path, scores)
        path.unlink()
    with _timed("Computing the release"):
        add_basket()
        _release()
    with _timed("Copying releases"):
        copy_releases([LAST - dt.timedelta(weeks=n) for n in range(releases - 1, 0, -1)])


@contextmanager
def _timed(text: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{text}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def released(system: int) -> dt.date:
    """The day on which the system of a number came out: evenly from first to last."""
    return FIRST + (LAST - FIRST) * system // SYSTEMS


def add_names() -> None:
    """Developers of generations of systems, and evals of ten subdomains in each domain."""
    from evals.models import Developer, Domain, Eval, Generation, System

    labs = [Developer(slug=f"lab-{n:02}", name=f"Lab {n}") for n in range(DEVELOPERS)]
    labs = Developer.objects.bulk_create(labs)
    generations = {
        (n, year): Generation.objects.create(developer=lab, name=f"L{n} of {year}")
        for n, lab in enumerate(labs)
        for year in range(FIRST.year, LAST.year + 1)
    }
    System.objects.bulk_create(
        System(
            slug=f"system-{n:04}",
            name=f"System {n}",
            developer=labs[n % DEVELOPERS],
            generation=generations[n % DEVELOPERS, released(n).year],
            released_on=released(n),
        )
        for n in range(SYSTEMS)
    )
    domains = [
        Domain.objects.get_or_create(slug=slug, defaults={"name": name})[0]
        for slug, name in DOMAINS
    ]
    facts = {"unit": "percent", "scale": "linear", "direction": "higher"}
    goalposts = {"lower": 0.0, "upper": 100.0, "floor": 0.0, "ceiling": 100.0}
    Eval.objects.bulk_create(
        Eval(
            slug=f"eval-{n:03}",
            name=f"Eval {n}",
            domain=domains[n % len(domains)],
            subdomain=f"part {n // len(domains) % SUBDOMAINS}",
            **facts,
            **goalposts,
        )
        for n in range(EVALS)
    )


def write_scores(path: Path, rows: int) -> Path:
    """A catalog file in which every cell is measured about as often; later systems score more."""
    draw = random.Random(SEED)
    hard = [draw.uniform(0.2, 0.9) for _ in range(EVALS)]
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        for row in range(rows):
            cell, again = row % (SYSTEMS * EVALS), row // (SYSTEMS * EVALS)
            system, item = cell // EVALS, cell % EVALS
            level = 15 + 70 * system / SYSTEMS * (1.2 - hard[item]) + draw.gauss(0, 3)
            day = released(system) + dt.timedelta(days=1 + again)
            file.write(
                f"system-{system:04},eval-{item:03},{min(max(level, 1), 99):.3f},±1.5,400,"
                f"run {again},third_party,{day},https://results.example.org/{row},\n"
            )
    return path


def _import(path: Path, rows: int) -> None:
    from evals.services import imports

    run = imports.create_run(path=path, source="measurement")
    imports.run_import(run.pk)
    run.refresh_from_db()
    if (run.state, run.accepted) != ("done", rows):
        raise MeasurementFailed(f"The import ended {run.state}: {run.accepted} {run.error}")


def add_basket() -> None:
    """The official basket with three linked versions of all evals."""
    from django.utils import timezone

    from baskets.models import Basket, BasketVersion, Weight
    from evals.models import Eval, System

    draw = random.Random(SEED)
    base = System.objects.get(slug=f"system-{SYSTEMS // 2:04}")
    basket = Basket.objects.create(slug="agi", name="AGI Index", base=base)
    evals = list(Eval.objects.order_by("slug"))
    for number, day in enumerate(VERSIONS, 1):
        version = BasketVersion.objects.create(
            basket=basket, number=number, effective_on=day, rationale="Measurement."
        )
        Weight.objects.bulk_create(
            Weight(
                version=version,
                eval=item,
                weight=draw.uniform(0.5, 1.5),
                selection="best",
                owner="Measurement",
                rationale="Measurement.",
            )
            for item in evals
        )
        near = [n for n in range(SYSTEMS) if released(n) < day][-OVERLAP:] if number > 1 else []
        version.overlap.set(System.objects.filter(slug__in=[f"system-{n:04}" for n in near]))
        version.published_at = timezone.now()
        version.save()


def _release() -> None:
    """The newest release alone: a new site would reconstruct the months before it."""
    from django.db import transaction
    from django.utils import timezone

    from baskets.models import Basket
    from baskets.selectors.problems import knowledge
    from baskets.services.releases import make_release

    with transaction.atomic():
        known = knowledge(Basket.objects.select_for_update().get(slug="agi"))
        make_release(
            known, vintage_on=timezone.now().date(), versions=known.versions, cause="Measurement"
        )
