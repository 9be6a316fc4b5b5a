"""A difference taken into steps that sum to it: between two systems, or between two releases."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from baskets.models import IndexPoint, Release, Revision
from baskets.selectors.catalog import EvalName, SystemName
from baskets.selectors.frontier import Step, steps_of
from baskets.selectors.moves import Driver
from baskets.selectors.revised import KINDS

LARGEST = 10
"""Steps that a chart shows by themselves; the others are one."""

UNTOLD = "untold"
ENTERS, PASSES = "enters", "passes"


@dataclass(frozen=True)
class Rise:
    """One step of a difference: points by an eval, or by a cause where `eval` is None.

    `kind`: "eval", "rest", or a cause; `count` evals stand behind the rest.
    """

    kind: str
    points: float
    eval: EvalName | None = None
    count: int = 1


@dataclass(frozen=True)
class Waterfall:
    """From one value to another in a series, with every step between; they sum to `move`."""

    series: str
    start: SystemName
    end: SystemName
    before: float
    after: float
    rises: tuple[Rise, ...]

    @property
    def move(self) -> float:
        """Points between the two."""
        return self.after - self.before


def between_systems(
    drivers: Sequence[Driver],
    *,
    series: str,
    system: SystemName,
    against: SystemName,
    values: tuple[float, float],
    largest: int = LARGEST,
) -> Waterfall:
    """The largest contributions to the difference, and all others as one.

    values: of the system, and of the one it is compared with.
    """
    rises = [Rise("eval", driver.points, driver.eval) for driver in drivers[:largest]]
    rest = drivers[largest:]
    if rest:
        rises.append(Rise("rest", math.fsum(d.points for d in rest), count=len(rest)))
    after, before = values
    return Waterfall(series, against, system, before, after, tuple(rises))


@dataclass(frozen=True)
class FrontierChange:
    """Why the frontier of a series is not where it was in an earlier release."""

    earlier: Release
    release: Release
    waterfall: Waterfall


def frontier_change(
    earlier: Release, release: Release, series: str, systems: Mapping[str, SystemName]
) -> FrontierChange | None:
    """From the earlier frontier to this one; None where either release has none.

    First what became of the value that led then, cause by cause; then the system that leads now,
    against that value. What the releases between do not say by cause stands as "untold".
    """
    names = dict(systems)
    old, new = steps_of(earlier, series, names), steps_of(release, series, names)
    if not old or not new:
        return None
    first, last = old[-1], new[-1]
    stays = first.system.slug == last.system.slug
    now = last.value if stays else _value(release, series, first.system.slug)
    rises = _causes(earlier, release, series, first, now)
    if not stays:
        kind = PASSES if _known(earlier, series, last.system.slug) else ENTERS
        rises.append(Rise(kind, last.value - (first.value if now is None else now)))
    made = Waterfall(series, first.system, last.system, first.value, last.value, tuple(rises))
    return FrontierChange(earlier, release, made)


def _value(release: Release, series: str, system: str) -> float | None:
    points = IndexPoint.objects.filter(
        release=release, series=series, system__slug=system, on_official_version=True
    )
    return points.values_list("value", flat=True).first()


def _known(release: Release, series: str, system: str) -> bool:
    return _value(release, series, system) is not None


def _causes(
    earlier: Release, release: Release, series: str, first: Step, now: float | None
) -> list[Rise]:
    """What moved the value that led, by cause, over all releases between the two."""
    if now is None:
        return []
    between = Q(release__number__gt=earlier.number, release__number__lte=release.number)
    rows = Revision.objects.filter(
        between, release__basket=release.basket_id, series=series, system__slug=first.system.slug
    )
    points = dict.fromkeys(KINDS, 0.0)
    for terms in rows.values_list("terms", flat=True):
        for term in terms:
            points[term["kind"]] = points.get(term["kind"], 0.0) + term["points"]
    rises = [Rise(kind, value) for kind, value in points.items() if value]
    untold = now - first.value - math.fsum(points.values())
    # Values are stored with six decimals, so that less than that is nothing.
    return [*rises, Rise(UNTOLD, untold)] if abs(untold) > 5e-6 else rises
