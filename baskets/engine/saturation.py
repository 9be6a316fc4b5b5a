"""How much an eval can still say: lifecycle, headroom and fitted saturation (section 13).

An eval is saturating when its frontier is within two standard errors of the ceiling, or when a
quarter of the systems of the last 18 months that were measured on it, at least four of them, are
within two of their own standard errors of the ceiling. The frontier is the best observed score in
points, filled cells have no part in it, and a standard error is that of section 6 taken to points.
The 3 points that section 6 assumes at last, where nothing at all is known of an eval's errors,
decide nothing here: such an error counts as 0, so that only a score at the ceiling itself is at it.

Goalposts are those of the newest basket version that counts the eval, else the eval's own. The
ceiling of a log eval is a stated milestone, not a bound: systems beyond it are still told apart,
so no criterion is applied to such an eval and its headroom may be negative.
"""

import math
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from baskets.engine.answer import Answer
from baskets.engine.measurement import MeasurementErrors, measurement_errors
from baskets.engine.parts import Eval
from baskets.engine.points import Goalposts, slope_at, to_points
from baskets.engine.problem import Problem
from baskets.engine.saturation_date import Saturation, Step, saturation_date
from baskets.engine.trend import frontier

LIFECYCLES = ("experimental", "active", "saturating", "retired")
FRONTIER_AT_CEILING, QUARTER_AT_CEILING = "frontier-at-ceiling", "quarter-at-ceiling"
NOISE = 2.0
QUARTER = 0.25
RECENT_MONTHS = 18
# A quarter of fewer systems is one system, which is what the first criterion is for.
FEWEST_RECENT = 4
NEWEST = 5
TOLD_APART = 1.96


@dataclass(frozen=True)
class EvalWatch:
    """What the watch says of one eval; points and standard errors are goalpost points.

    lifecycle: "retired" is counted by an earlier version but not by the newest, "experimental"
    by none; both keep it whatever `reasons` says. bounded: whether the ceiling is a bound.
    systems: how many were measured. frontier: the system with the best score, the earliest of
    equals. headroom: ceiling less frontier. discrimination: the share of pairs among `compared`
    whose points differ by more than 1.96 joint standard errors, sqrt(a^2 + b^2); `compared` are
    the newest five systems, in order of release, that raised the frontier of the headline or of
    the eval's domain and were measured here; None with fewer than two. error_known: false where
    standard errors are the last resort of 3 points, which decides nothing. recent: how many
    measured systems were released within 18 months; at_ceiling: the share of them within two of
    their own standard errors of the ceiling; at_frontier: the share of them, the frontier itself
    left out, within two joint standard errors of the frontier, which is shown and decides nothing.
    reasons: which criteria hold. saturation: when the fitted frontier meets the first of them.
    """

    eval: str
    domain: str
    lifecycle: str
    bounded: bool
    systems: int
    frontier: str | None
    points: float | None
    stderr: float | None
    error_known: bool
    headroom: float | None
    discrimination: float | None
    compared: tuple[str, ...]
    recent: int
    at_ceiling: float | None
    at_frontier: float | None
    reasons: tuple[str, ...]
    saturation: Saturation


@dataclass(frozen=True)
class _Mark:
    """One measured system on one eval, in points."""

    system: str
    released_on: date | None
    points: float
    stderr: float
    error_known: bool

    @property
    def noise(self) -> float:
        """Two standard errors, as far as anything is known of them."""
        return NOISE * self.stderr if self.error_known else 0.0

    @property
    def at_ceiling(self) -> bool:
        return 100 - self.points <= self.noise

    def apart(self, other: "_Mark", errors: float) -> bool:
        """Whether two systems differ by more than some joint standard errors."""
        return abs(self.points - other.points) > errors * math.hypot(self.stderr, other.stderr)


def watch(problem: Problem, answer: Answer, *, today: date) -> tuple[EvalWatch, ...]:
    """The watch over every eval that a basket counts or that could be counted, by id.

    Could be counted: it has usable goalposts and at least one score. The 18 months end `today`;
    a system measured before its release belongs to them, one without a release date does not.
    """
    errors = measurement_errors(problem)
    marks = _marks(problem, errors)
    since = months_before(today, RECENT_MONTHS)
    counted = {name for basket in problem.baskets for name in basket.weights}
    domains = {item.domain for item in problem.evals}
    leaders = {domain: _leaders(problem, answer, domain) for domain in domains}
    return tuple(
        _watched(problem, item, marks.get(item.id, ()), since, leaders[item.domain])
        for item in problem.evals
        if item.id in counted or item.id in marks
    )


def months_before(day: date, months: int) -> date:
    """The same day of the month some months earlier, or that month's last day."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _marks(problem: Problem, errors: MeasurementErrors) -> dict[str, list[_Mark]]:
    """Every score of every eval with usable goalposts."""
    goalposts = {item.id: _goalposts(problem, item) for item in problem.evals}
    marks: dict[str, list[_Mark]] = {}
    for score in problem.scores:
        item, ends = problem.eval_by_id[score.eval], goalposts[score.eval]
        if not ends.usable(item.scale):
            continue
        points = to_points(score.value, scale=item.scale, goalposts=ends).points
        slope = slope_at(score.value, scale=item.scale, goalposts=ends)
        stderr = slope * errors[score.system, score.eval].stderr
        released_on = problem.system_by_id[score.system].released_on
        known = item.id not in errors.last_resort
        mark = _Mark(score.system, released_on, points, stderr, known)
        marks.setdefault(item.id, []).append(mark)
    return marks


def _goalposts(problem: Problem, item: Eval) -> Goalposts:
    for basket in reversed(problem.baskets):
        if item.id in basket.weights:
            return problem.goalposts(basket, item.id)
    return item.goalposts


def _leaders(problem: Problem, answer: Answer, domain: str) -> tuple[str, ...]:
    """Systems that raised the frontier of the headline or of a domain, newest first."""
    steps = {
        (step.released_on, step.system)
        for series in ("headline", domain)
        for step in frontier(answer.points, problem.systems, series)
    }
    return tuple(system for _, system in sorted(steps, reverse=True))


def _watched(
    problem: Problem, item: Eval, marks: Sequence[_Mark], since: date, leaders: Sequence[str]
) -> EvalWatch:
    bounded = _bounded(item, _goalposts(problem, item))
    best = _best(marks)
    recent = [m for m in marks if m.released_on is not None and m.released_on > since]
    followers = [m for m in recent if best is not None and m.system != best.system]
    at_ceiling = _share([m.at_ceiling for m in recent])
    by_system = {m.system: m for m in marks}
    compared = [by_system[name] for name in leaders if name in by_system][:NEWEST]
    reasons = _reasons(best, at_ceiling, len(recent)) if bounded else ()
    return EvalWatch(
        eval=item.id,
        domain=item.domain,
        lifecycle=_lifecycle(problem, item.id, reasons),
        bounded=bounded,
        systems=len(marks),
        frontier=best.system if best else None,
        points=best.points if best else None,
        stderr=best.stderr if best else None,
        error_known=all(m.error_known for m in marks),
        headroom=100 - best.points if best else None,
        discrimination=_share([a.apart(b, TOLD_APART) for a, b in combinations(compared, 2)]),
        compared=tuple(m.system for m in reversed(compared)),
        recent=len(recent),
        at_ceiling=at_ceiling,
        at_frontier=_share([best is not None and not m.apart(best, NOISE) for m in followers]),
        reasons=reasons,
        saturation=_saturation(marks, best, bounded),
    )


def _bounded(item: Eval, goalposts: Goalposts) -> bool:
    """Whether nothing can stand above the ceiling: only a log eval short of its unit's bound."""
    return item.scale != "log" or goalposts.ceiling in (item.lower, item.upper)


def _best(marks: Sequence[_Mark]) -> _Mark | None:
    order = [(-m.points, m.released_on or date.max, m.system) for m in marks]
    return marks[order.index(min(order))] if order else None


def _share(facts: Sequence[bool]) -> float | None:
    return sum(facts) / len(facts) if facts else None


def _reasons(best: _Mark | None, at_ceiling: float | None, recent: int) -> tuple[str, ...]:
    reasons = []
    if best is not None and best.at_ceiling:
        reasons.append(FRONTIER_AT_CEILING)
    if at_ceiling is not None and at_ceiling >= QUARTER and recent >= FEWEST_RECENT:
        reasons.append(QUARTER_AT_CEILING)
    return tuple(reasons)


def _lifecycle(problem: Problem, name: str, reasons: Sequence[str]) -> str:
    if name in problem.baskets[-1].weights:
        return "saturating" if reasons else "active"
    counted = any(name in basket.weights for basket in problem.baskets)
    return "retired" if counted else "experimental"


def _saturation(marks: Sequence[_Mark], best: _Mark | None, bounded: bool) -> Saturation:
    """The date at which the running frontier reaches the ceiling less two standard errors.

    The standard error is the present frontier's, 0 where nothing is known of it. On an eval
    without a bound it is the date at which the frontier reaches the milestone itself.
    """
    steps: list[Step] = []
    dated = [(m.released_on, -m.points, m.system) for m in marks if m.released_on is not None]
    for day, minus, _ in sorted(dated):
        if not steps or -minus > steps[-1].points:
            steps.append(Step(day, -minus))
    margin = best.noise if best and bounded else 0.0
    return saturation_date(steps, target=100 - margin, bounded=bounded)
