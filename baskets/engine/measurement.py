"""How uncertain one measurement is, and on what authority (methodology section 6)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from baskets.engine.parts import Eval
from baskets.engine.points import slopes_at
from baskets.engine.problem import Problem

Array = NDArray[np.float64]

# Where an eval states no default and none of its scores has an error of its own.
LAST_RESORT_POINTS = 3.0

BASES = ("published", "items", "default")


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


class MeasurementErrors(Mapping[tuple[str, str], MeasurementError]):
    """Errors by (system, eval), made one by one only as they are asked for.

    stderr: (n,) in the order of the problem's scores, NaN where a score cannot be placed in
    points. basis: (n,), positions in BASES. last_resort: evals of whose errors nothing at all is
    known, where all are assumed to be 3 points.
    """

    def __init__(
        self,
        problem: Problem,
        stderr: Array,
        basis: NDArray[np.int8],
        last_resort: frozenset[str],
    ) -> None:
        self.problem, self.stderr, self.basis = problem, stderr, basis
        self.last_resort = last_resort

    def __getitem__(self, cell: tuple[str, str]) -> MeasurementError:
        return self._at(self._place[cell])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._place)

    def __len__(self) -> int:
        return int(np.count_nonzero(~np.isnan(self.stderr)))

    def _at(self, n: int) -> MeasurementError:
        score = self.problem.scores[n]
        basis = BASES[self.basis[n]]
        return MeasurementError(score.system, score.eval, float(self.stderr[n]), basis)

    @cached_property
    def _place(self) -> dict[tuple[str, str], int]:
        scores = self.problem.scores
        there = np.flatnonzero(~np.isnan(self.stderr)).tolist()
        return {(scores[n].system, scores[n].eval): n for n in there}


def measurement_errors(problem: Problem) -> MeasurementErrors:
    """The standard error of every score of the problem that can be placed in points.

    In this order: as published; from the number of items; the eval's own default; the median of
    the errors known on that eval; 3 points.
    """
    columns = problem.columns
    stderr = columns.stderr.copy()
    basis = np.where(np.isnan(stderr), BASES.index("items"), BASES.index("published"))
    last_resort = set()
    for position, item in enumerate(problem.evals):
        entries = columns.of(position)
        values, errors = columns.value[entries], stderr[entries]
        of_items = _of_items(item, values, columns.n_items[entries])
        errors = np.where(np.isnan(errors), of_items, errors)
        unknown = np.isnan(errors)
        if unknown.any():
            basis[entries[unknown]] = BASES.index("default")
            known = errors[~unknown]
            if item.stderr is None and not len(known):
                last_resort.add(item.id)
            errors[unknown] = _assumed(problem, item, values[unknown], known)
        stderr[entries] = errors
    return MeasurementErrors(problem, stderr, basis.astype(np.int8), frozenset(last_resort))


def _of_items(item: Eval, values: Array, n_items: Array) -> Array:
    """Jeffreys errors (n,) in the unit; NaN where the bounds or the number are not known."""
    if item.lower is None or item.upper is None or item.upper - item.lower <= 0:
        return np.full(len(values), np.nan)
    span = item.upper - item.lower
    return np.asarray(span * jeffreys((values - item.lower) / span, n_items))


def jeffreys(share: Array | float, n_items: Array | float) -> Array:
    """Standard deviation of a share under Jeffreys' prior: Beta(k + 1/2, n - k + 1/2), k = n share.

    It stays positive at 0 and 1, where the plain binomial error would be 0. For graded items it
    is an upper limit, since no score between 0 and 1 varies more than a pass or a fail.
    """
    a, b = n_items * share + 0.5, n_items * (1 - share) + 0.5
    return np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))


def _assumed(problem: Problem, item: Eval, values: Array, known: Array) -> Array:
    """Errors (n,) for scores that state none; NaN where the eval has no usable goalposts."""
    if item.stderr is not None:
        return np.full(len(values), item.stderr)
    if len(known):
        return np.full(len(values), np.median(known))
    goalposts = problem.fit_goalposts(item.id)
    if not goalposts.usable(item.scale):
        return np.full(len(values), np.nan)
    slopes = slopes_at(values, scale=item.scale, goalposts=goalposts)
    return np.where(slopes > 0, LAST_RESORT_POINTS / np.where(slopes > 0, slopes, 1.0), 0.0)
