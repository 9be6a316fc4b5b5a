"""A recompute of the shipped catalog: the engine alone, and a whole release into the database.

Needs Django set up on a database that holds the catalog and its releases, and that is thrown away
afterwards: every measured release is really made and committed, as a worker does it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.utils import timezone

from baskets.engine import Problem, compute
from baskets.models import Basket
from baskets.selectors.problems import knowledge
from baskets.services import recomputes, releases
from tests.bench.report import Row

SLUG = "agi"
TIMES = 5
ENGINE_SECONDS = 1.0
# With replicates, sensitivity, and why every value moved.
RELEASE_SECONDS = 3.0


def measured() -> list[Row]:
    """Seconds, the fastest of five: what else the machine does only ever adds to them.

    The first call of each, which also loads code, does not count.
    """
    basket = Basket.objects.get(slug=SLUG)
    return [
        _row("recompute, engine alone, no replicates", _engine(basket, replicates=0)),
        _row("recompute, engine alone, 1,000 replicates", _engine(basket, replicates=1000)),
        _row(
            "recompute, whole release, read and stored",
            lambda: _release(basket),
            target=RELEASE_SECONDS,
        ),
    ]


def _row(name: str, work: Callable[[], object], *, target: float = ENGINE_SECONDS) -> Row:
    work()
    return Row(name, min(_seconds(work) for _ in range(TIMES)), "s", target)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _engine(basket: Basket, *, replicates: int) -> Callable[[], object]:
    known = knowledge(basket)
    day = releases.today()
    obj, _excluded = known.problem(
        vintage_on=day,
        versions=releases.in_force(known, day),
        observed_only=False,
        replicates=replicates,
    )
    return lambda: compute(Problem.from_json(obj))


def _release(basket: Basket) -> None:
    recomputes.request_release(basket, cause="Measurement", due_at=timezone.now())
    release = recomputes.run_due(basket.pk)
    assert release is not None
