"""Intervals and paired comparisons from replicates of the whole index (methodology section 6).

In every replicate each observed cell is redrawn by its measurement error on the points scale
(which for log evals is the log scale), each filled cell from the model's parameters and residual,
and the chain is computed afresh, base and link systems included. Draws are held within the
goalposts and then shifted so that each cell's mean is its central value: a cell near a goalpost
can only err inwards, and without the shift twenty such cells would move the index itself. The
shift takes 1/B of a cell's variance, which is given back; one replicate, which would have none
left, is refused on reading. The ends of an interval are interpolated between neighbouring
replicates, so with fewer than 39 of them they lie short of the 2.5 and 97.5 percentiles. What
this measures is sampling error; disagreement about weights is section 10's.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from baskets.engine.aggregate import Array, ByNode, Standing, Table
from baskets.engine.draws import source_of
from baskets.engine.errors import UndefinedComparison
from baskets.engine.impute import DomainFit
from baskets.engine.link import Chain, Key, chain_levels
from baskets.engine.measurement import MeasurementError, measurement_errors
from baskets.engine.problem import Problem
from baskets.engine.redraw import plan_of, redrawn_levels

ENDS = (2.5, 97.5)

# Rows that are sorted at a time, so that they stay in the processor's cache.
SORTED_AT_ONCE = 64

# Random bits are drawn by one thread at a time, which is about half the work.
USEFUL_THREADS = 2


@dataclass(frozen=True)
class Comparison:
    """System less other: central difference, 95% interval, probability that system is ahead."""

    difference: float
    low: float
    high: float
    ahead: float


def paired(difference: float, gaps: Array) -> Comparison:
    """The comparison of two systems from the differences (B,) of their paired replicates.

    difference: that of the central values. A tie counts half towards being ahead.
    """
    low, high = np.percentile(gaps, ENDS)
    ahead = float(np.mean(gaps > 0) + np.mean(gaps == 0) / 2)
    return Comparison(difference, float(low), float(high), ahead)


@dataclass(frozen=True)
class Replicates:
    """Index values (S, B) by series and version position, beside the central ones (S, 1)."""

    problem: Problem
    central: Chain
    index: Mapping[Key, Array]
    errors: Mapping[tuple[str, str], MeasurementError]

    def intervals(self) -> dict[Key, tuple[Array, Array]]:
        """(low, high), each (S,), of every series on every version; NaN without a value."""
        return {key: ends_of(values) for key, values in self.index.items()}

    def compare(
        self,
        *,
        system: str,
        against: str,
        series: str = "headline",
        basket: str | None = None,
        against_basket: str | None = None,
    ) -> Comparison:
        """Two systems on paired replicates, by default each on the version in force for it."""
        one, other = (self._at(system, series, basket), self._at(against, series, against_basket))
        return paired(one[0] - other[0], one[1] - other[1])

    def _at(self, system: str, series: str, basket: str | None) -> tuple[float, Array]:
        known = self.problem.system_by_id.get(system)
        if known is None:
            raise UndefinedComparison(f"the system {system} is not known")
        place = basket or self.problem.version_in_force(known).id
        names = [b.id for b in self.problem.baskets]
        key = (series, names.index(place) if place in names else -1)
        row = self.problem.row_of[system]
        if key not in self.index or np.isnan(self.central.index[key][row, 0]):
            raise UndefinedComparison(f"{system} has no value for {series} on {place}")
        return float(self.central.index[key][row, 0]), self.index[key][row]


def replicate(
    problem: Problem,
    tables: Sequence[Table],
    standings: Sequence[Mapping[str, Standing]],
    chain: Chain,
    fits: Sequence[DomainFit],
    *,
    threads: int | None = None,
) -> Replicates:
    """Compute the index of `method.replicates` redrawn problems.

    threads: by default two where there are two processors; the result does not depend on them.
    """
    errors = measurement_errors(problem)
    method = problem.method
    plan = plan_of(problem, tables, errors, fits, source_of(problem))
    threads = threads or min(processors(), USEFUL_THREADS)
    levels = redrawn_levels(plan, method.scale, threads=threads)
    versions = [table.version for table in tables]
    again = chain_levels(
        problem,
        versions,
        [ByNode(version, found) for version, found in zip(versions, levels, strict=True)],
        standings,
        scale=method.scale,
        link=method.effective_link,
        geometric=method.domain_mean == "geometric",
        pattern=chain,
        overwrite=True,
        as_pattern=True,
    )
    return Replicates(problem, chain, again.index, errors)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ends_of(values: Array) -> tuple[Array, Array]:
    """The 2.5 and 97.5 percentiles (S,) of (S, B); NaN for rows without a value."""
    ends = np.full((2, len(values)), np.nan)
    there = np.flatnonzero(~np.isnan(values).any(axis=1))
    for start in range(0, len(there), SORTED_AT_ONCE):
        some = there[start : start + SORTED_AT_ONCE]
        ordered = np.sort(values[some], axis=1)
        for end, percent in zip(ends, ENDS, strict=True):
            end[some] = _percentile(ordered, percent)
    return ends[0], ends[1]


def _percentile(ordered: Array, percent: float) -> Array:
    """A percentile (n,) of ascending rows (n, B), linear between neighbours."""
    place = percent / 100 * (ordered.shape[1] - 1)
    below = min(int(place), ordered.shape[1] - 2) if ordered.shape[1] > 1 else 0
    low, high = ordered[:, below], ordered[:, min(below + 1, ordered.shape[1] - 1)]
    return np.where(low == high, low, low + (place - below) * (high - low))
