"""Intervals and paired comparisons from replicates of the whole index (methodology section 6).

In every replicate each observed cell is redrawn by its measurement error on the points scale
(which for log evals is the log scale), each filled cell from the model's parameters and residual,
and the chain is computed afresh, base and link systems included. Draws are held within the
goalposts and then shifted so that each cell's mean is its central value: a cell near a goalpost
can only err inwards, and without the shift twenty such cells would move the index itself. What
this measures is sampling error; disagreement about weights is section 10's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from baskets.engine.aggregate import Array, Standing, Table
from baskets.engine.draws import Source, source_of
from baskets.engine.errors import UndefinedComparison
from baskets.engine.fill_draws import fill_draws
from baskets.engine.impute import DomainFit
from baskets.engine.link import Chain, Key, chain_versions
from baskets.engine.measurement import MeasurementError, measurement_errors
from baskets.engine.parental import parental_points
from baskets.engine.points import between, slope_at
from baskets.engine.problem import Problem

ENDS = (2.5, 97.5)


@dataclass(frozen=True)
class Comparison:
    """System less other: central difference, 95% interval, probability that system is ahead."""

    difference: float
    low: float
    high: float
    ahead: float


@dataclass(frozen=True)
class Replicates:
    """Index values (S, B) by series and version position, beside the central ones (S, 1)."""

    problem: Problem
    central: Chain
    index: Mapping[Key, Array]
    errors: Mapping[tuple[str, str], MeasurementError]

    def intervals(self) -> dict[Key, tuple[Array, Array]]:
        """(low, high), each (S,), of every series on every version; NaN without a value."""
        return {key: _ends(values) for key, values in self.index.items()}

    def compare(
        self,
        *,
        system: str,
        against: str,
        series: str = "headline",
        basket: str | None = None,
        against_basket: str | None = None,
    ) -> Comparison:
        """Two systems on paired replicates, by default each on the version in force for it.

        A tie counts half towards being ahead.
        """
        one, other = (self._at(system, series, basket), self._at(against, series, against_basket))
        gaps = one[1] - other[1]
        low, high = np.percentile(gaps, ENDS)
        ahead = float(np.mean(gaps > 0) + np.mean(gaps == 0) / 2)
        return Comparison(one[0] - other[0], float(low), float(high), ahead)

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
) -> Replicates:
    """Compute the index of `method.replicates` redrawn problems, all at once."""
    source = source_of(problem)
    errors = measurement_errors(problem)
    noise = {cell: source.normals("score", *cell) for cell in errors if _counts(tables, cell)}
    redrawn = [_observed(problem, table, noise, errors, source.size) for table in tables]
    if problem.method.imputation == "parental":
        base = problem.row_of[problem.method.base]
        redrawn = [replace(table, points=parental_points(table, base)) for table in redrawn]
    for fit in fits:
        _add_fills(problem, tables, redrawn, fit, source)
    method = problem.method
    again = chain_versions(
        problem,
        redrawn,
        standings,
        scale=method.scale,
        link=method.effective_link,
        geometric=method.domain_mean == "geometric",
        pattern=chain,
    )
    return Replicates(problem, chain, again.index, errors)


def _counts(tables: Sequence[Table], cell: tuple[str, str]) -> bool:
    return any(cell[1] in table.version.basket.weights for table in tables)


def _observed(
    problem: Problem,
    table: Table,
    noise: Mapping[tuple[str, str], Array],
    errors: Mapping[tuple[str, str], MeasurementError],
    size: int,
) -> Table:
    """A table (E, S, B) of redrawn observed cells; NaN elsewhere."""
    points = np.full((*table.observed.shape, size), np.nan)
    for row, name in enumerate(table.version.evals):
        item = problem.eval_by_id[name]
        goalposts = problem.goalposts(table.version.basket, name)
        top = np.inf if item.scale == "log" else 100.0
        for column in np.flatnonzero(table.observed[row]):
            system = problem.systems[column].id
            value = problem.score_by_cell[system, name].value
            slope = slope_at(value, scale=item.scale, goalposts=goalposts)
            spread = slope * errors[system, name].stderr
            centre = table.points[row, column, 0]
            drawn = np.clip(centre + spread * noise[system, name], 0.0, top)
            points[row, column] = drawn + (centre - drawn.mean())
    return replace(table, points=points)


def _add_fills(
    problem: Problem,
    tables: Sequence[Table],
    redrawn: Sequence[Table],
    fit: DomainFit,
    source: Source,
) -> None:
    """Write one domain's fill draws into the redrawn tables, which are this module's own."""
    columns = [problem.row_of[system] for system in fit.systems]
    places: dict[str, list[tuple[int, int]]] = {}
    for version, table in enumerate(tables):
        for row, name in enumerate(table.version.evals):
            if name in fit.evals:
                places.setdefault(name, []).append((version, row))
    missing = {
        name: [n for n, c in enumerate(columns) if not tables[found[0][0]].observed[found[0][1], c]]
        for name, found in places.items()
    }
    for name, drawn in fill_draws(fit, source, missing):
        rows = missing[name]
        place = [columns[n] for n in rows]
        for version, row in places[name]:
            basket = tables[version].version.basket
            old, new = problem.fit_goalposts(name), problem.goalposts(basket, name)
            scale = problem.eval_by_id[name].scale
            moved = between(drawn[rows], scale=scale, old=old, new=new)
            shift = tables[version].points[row, place] - moved.mean(axis=1, keepdims=True)
            redrawn[version].points[row, place] = moved + shift


def _ends(values: Array) -> tuple[Array, Array]:
    """The 2.5 and 97.5 percentiles (S,) of (S, B); NaN for rows without a value."""
    low = np.full(len(values), np.nan)
    high = np.full(len(values), np.nan)
    there = ~np.isnan(values).any(axis=1)
    if there.any():
        low[there], high[there] = np.percentile(values[there], ENDS, axis=1)
    return low, high
