"""How uncertain one measurement is, and on what authority (methodology section 6)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from baskets.engine.parts import Eval, Score
from baskets.engine.points import slope_at
from baskets.engine.problem import Problem

# Where an eval states no default and none of its scores has an error of its own.
LAST_RESORT_POINTS = 3.0


@dataclass(frozen=True)
class MeasurementError:
    """A standard error in the eval's unit.

    basis: "published", "items" (Jeffreys, from the number of items), or "default", which marks
    an assumption.
    """

    system: str
    eval: str
    stderr: float
    basis: str


def measurement_errors(problem: Problem) -> dict[tuple[str, str], MeasurementError]:
    """The standard error of every score of the problem that can be placed in points.

    In this order: as published; from the number of items; the eval's own default; the median of
    the errors known on that eval; 3 points.
    """
    known: dict[tuple[str, str], MeasurementError] = {}
    for score in problem.scores:
        found = _known(problem.eval_by_id[score.eval], score)
        if found is not None:
            known[score.system, score.eval] = found
    by_eval: dict[str, list[float]] = {}
    for error in known.values():
        by_eval.setdefault(error.eval, []).append(error.stderr)
    usual = {name: median(errors) for name, errors in by_eval.items()}
    result = {}
    for score in problem.scores:
        cell = (score.system, score.eval)
        if cell in known:
            result[cell] = known[cell]
        elif (stderr := _assumed(problem, score, usual)) is not None:
            result[cell] = MeasurementError(score.system, score.eval, stderr, "default")
    return result


def _known(item: Eval, score: Score) -> MeasurementError | None:
    if score.stderr is not None:
        return MeasurementError(score.system, score.eval, score.stderr, "published")
    if score.n_items is None or item.lower is None or item.upper is None:
        return None
    span = item.upper - item.lower
    if span <= 0:
        return None
    share = (score.value - item.lower) / span
    stderr = span * jeffreys(share, score.n_items)
    return MeasurementError(score.system, score.eval, stderr, "items")


def jeffreys(share: float, n_items: float) -> float:
    """Standard deviation of a share under Jeffreys' prior: Beta(k + 1/2, n - k + 1/2), k = n share.

    It stays positive at 0 and 1, where the plain binomial error would be 0. For graded items it
    is an upper limit, since no score between 0 and 1 varies more than a pass or a fail.
    """
    a, b = n_items * share + 0.5, n_items * (1 - share) + 0.5
    return math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))


def _assumed(problem: Problem, score: Score, usual: Mapping[str, float]) -> float | None:
    item = problem.eval_by_id[score.eval]
    if item.stderr is not None:
        return item.stderr
    if score.eval in usual:
        return usual[score.eval]
    goalposts = problem.fit_goalposts(score.eval)
    if not goalposts.usable(item.scale):
        return None
    slope = slope_at(score.value, scale=item.scale, goalposts=goalposts)
    return LAST_RESORT_POINTS / slope if slope > 0 else 0.0
