"""Series over time: frontier, generations, slopes and safety gaps (methodology section 12)."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from baskets.engine.answer import Answer, Point
from baskets.engine.errors import UndefinedComparison
from baskets.engine.parts import System
from baskets.engine.problem import Problem

DAYS_PER_YEAR = 365.25
FEWEST_SYSTEMS = 3
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Step:
    """A system that raised the frontier; `previous` is the frontier before it, None at first."""

    system: str
    released_on: date
    value: float
    previous: float | None


@dataclass(frozen=True)
class GenerationValue:
    """The system that stands for a generation; provisional where it has no official value."""

    developer: str
    generation: str
    system: str
    released_on: date | None
    basket: str
    value: float
    low: float | None
    high: float | None
    provisional: bool


@dataclass(frozen=True)
class Slope:
    """Points per year with its 95% interval, over `count` systems of the window."""

    per_year: float
    low: float
    high: float
    count: int
    since: date
    until: date


@dataclass(frozen=True)
class SafetyGap:
    """Slopes in goalpost points per year (index points divided by k) along one set of systems.

    gap = domain less capability; negative means that capability is outrunning the domain.
    """

    domain: Slope
    capability: Slope
    gap: Slope
    systems: tuple[str, ...]


def frontier(points: Iterable[Point], systems: Iterable[System], series: str) -> tuple[Step, ...]:
    """The running maximum of official values by release date, one step per system that raised it.

    Of several systems released on one day only the highest can raise the frontier (then the
    first by id). Systems without a release date have no place in time and are left out.
    """
    known = {s.id: s for s in systems}
    return running_maximum(
        (released_on, p.value, p.system)
        for p in points
        if p.series == series and p.official and p.value is not None
        if (released_on := known[p.system].released_on) is not None
    )


def running_maximum(values: Iterable[tuple[date, float, str]]) -> tuple[Step, ...]:
    """The steps of a frontier: (released_on, value, system) of dated systems in any order."""
    steps: list[Step] = []
    ordered = sorted((released_on, -value, system) for released_on, value, system in values)
    for released_on, minus, system in ordered:
        highest = steps[-1].value if steps else None
        if highest is None or -minus > highest:
            steps.append(Step(system, released_on, -minus, highest))
    return tuple(steps)


def generations(
    points: Iterable[Point], systems: Iterable[System], series: str
) -> tuple[GenerationValue, ...]:
    """The best official system of every (developer, generation), in order of release.

    Where no system of a generation has an official value, its best provisional one stands in
    and is marked, always on the version in force at its release. Ties go to the earlier release.
    """
    known = {s.id: s for s in systems}
    best: dict[tuple[str, str], tuple[bool, float, int, str, Point]] = {}
    for point in points:
        system = known[point.system]
        if point.series != series or point.value is None or not point.in_force:
            continue
        if system.developer is None or system.generation is None:
            continue
        key = (system.developer, system.generation)
        day = (system.released_on or date.max).toordinal()
        rank = (not point.official, -point.value, day, system.id, point)
        if key not in best or rank[:4] < best[key][:4]:
            best[key] = rank
    found = [_generation(key, rank[4], known) for key, rank in best.items()]
    return tuple(sorted(found, key=lambda g: (g.released_on or date.max, g.system)))


def _generation(key: tuple[str, str], point: Point, known: Mapping[str, System]) -> GenerationValue:
    assert point.value is not None
    return GenerationValue(
        developer=key[0],
        generation=key[1],
        system=point.system,
        released_on=known[point.system].released_on,
        basket=point.basket,
        value=point.value,
        low=point.low,
        high=point.high,
        provisional=not point.official,
    )


def slope(
    points: Iterable[Point],
    systems: Iterable[System],
    series: str,
    *,
    since: date | None = None,
    until: date | None = None,
) -> Slope | None:
    """Points per year of a series' frontier over a window, both ends included.

    Least squares through the systems that raised the frontier in the window. None with fewer
    than three of them, or where all were released on one day.
    """
    steps = frontier(points, systems, series)
    return line([(s.released_on, s.value) for s in steps if _within(s.released_on, since, until)])


def line(dots: Sequence[tuple[date, float]]) -> Slope | None:
    """Least-squares slope per year of dated values, with its t interval.

    slope = sum (t - tbar) y / sum (t - tbar)^2,  t in years of 365.25 days
    interval = slope -+ t_{n-2, 0.975} sqrt(RSS / (n - 2) / sum (t - tbar)^2)
    """
    if len(dots) < FEWEST_SYSTEMS:
        return None
    first = min(day for day, _ in dots)
    years = [(day - first).days / DAYS_PER_YEAR for day, _ in dots]
    values = [value for _, value in dots]
    count = len(dots)
    middle, level = math.fsum(years) / count, math.fsum(values) / count
    spread = math.fsum((t - middle) ** 2 for t in years)
    if spread == 0:
        return None
    rate = (
        math.fsum((t - middle) * (y - level) for t, y in zip(years, values, strict=True)) / spread
    )
    misses = ((y - level - rate * (t - middle)) ** 2 for t, y in zip(years, values, strict=True))
    error = math.sqrt(math.fsum(misses) / (count - 2) / spread)
    # Imported here because it doubles the start-up time of everything that has no slopes.
    from scipy.special import stdtrit

    reach = float(stdtrit(count - 2, 0.5 + CONFIDENCE / 2)) * error
    return Slope(rate, rate - reach, rate + reach, count, first, max(day for day, _ in dots))


def safety_gap(
    answer: Answer,
    problem: Problem,
    *,
    domain: str = "safety",
    capability: str = "capability",
    since: date | None = None,
    until: date | None = None,
) -> SafetyGap | None:
    """Slope of a domain less slope of capability, in goalpost points per year.

    Measured along the systems of the capability frontier that have an official value in both
    domains, on the version in force at their release. The gap's interval is that of the slope of
    the paired difference, since both are read on the same systems. None with fewer than three.
    Additive links carry one k per series over all versions, which makes linked levels of
    different versions comparable after division by k; for other links it is refused.
    """
    rates = {name: _points_per_goalpost(answer, problem, name) for name in (domain, capability)}
    official = {
        (p.system, p.series): p.value
        for p in answer.points
        if p.official and p.value is not None and p.series in rates
    }
    steps = frontier(answer.points, problem.systems, capability)
    rows = [
        (
            s.system,
            s.released_on,
            official[s.system, domain] / rates[domain],
            s.value / rates[capability],
        )
        for s in steps
        if _within(s.released_on, since, until) and (s.system, domain) in official
    ]
    safe = line([(day, high) for _, day, high, _ in rows])
    able = line([(day, high) for _, day, _, high in rows])
    gap = line([(day, high - other) for _, day, high, other in rows])
    if safe is None or able is None or gap is None:
        return None
    return SafetyGap(safe, able, gap, tuple(row[0] for row in rows))


def _points_per_goalpost(answer: Answer, problem: Problem, series: str) -> float:
    """k of a series, which additive links leave unchanged."""
    if problem.method.scale != "points" or problem.method.effective_link != "additive":
        raise UndefinedComparison("goalpost points per year need additive links on points")
    for row in answer.levels:
        if row.series == series:
            return row.slope
    raise UndefinedComparison(f"the answer has no series {series}")


def _within(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or day >= since) and (until is None or day <= until)
