"""The tables of a problem redrawn by their errors, one system at a time (methodology section 6).

Only the levels of the nodes are kept: a table of all replicates would be as many times larger as
a node has evals. What is drawn for a system depends on its own names alone, so systems may be
taken in any order, by any number of threads.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from baskets.engine.aggregate import Array, Mask, Table, levels_of
from baskets.engine.columns import Ints
from baskets.engine.draws import REACH, Source
from baskets.engine.impute import DomainFit
from baskets.engine.measurement import MeasurementErrors
from baskets.engine.parental import parental_points
from baskets.engine.points import slopes_at
from baskets.engine.problem import Problem
from baskets.engine.redraw_fills import Fills
from baskets.engine.sums import as_rows, rows_as_they_are

# Numbers that are drawn at a time, so that they stay in the processor's cache.
TILE = 32_768

# Numbers that are worth another thread.
ENOUGH = 2_000_000


@dataclass(frozen=True)
class Measured:
    """What redraws the observed cells of one version.

    rows: (U,) the version's row of each eval that any version counts, -1 for none. spread: (E, S)
    standard errors in points under the version's goalposts, times `Source.stretch`. top: (E,) the
    highest points.
    """

    table: Table
    rows: Ints
    spread: Array
    top: Array


@dataclass(frozen=True)
class Plan:
    """All that is drawn from; `evals` are those that any version counts, seen: (U, S)."""

    problem: Problem
    source: Source
    evals: tuple[str, ...]
    seen: Mask
    versions: tuple[Measured, ...]
    fills: tuple[Fills, ...]


def plan_of(
    problem: Problem,
    tables: Sequence[Table],
    errors: MeasurementErrors,
    fits: Sequence[DomainFit],
    source: Source,
) -> Plan:
    """Lay out what every system is redrawn from."""
    evals = tuple(dict.fromkeys(name for table in tables for name in table.version.evals))
    seen = np.zeros((len(evals), len(problem.systems)), dtype=bool)
    versions = []
    for table in tables:
        row_of = {name: n for n, name in enumerate(table.version.evals)}
        rows = np.array([row_of.get(name, -1) for name in evals])
        seen[rows >= 0] |= table.observed[rows[rows >= 0]]
        versions.append(_measured(problem, table, errors, rows, source.stretch))
    fills = tuple(Fills(problem, tables, fit, source) for fit in fits)
    return Plan(problem, source, evals, seen, tuple(versions), fills)


def _measured(
    problem: Problem, table: Table, errors: MeasurementErrors, rows: Ints, stretch: float
) -> Measured:
    columns, basket = problem.columns, table.version.basket
    spread = np.zeros(table.observed.shape)
    top = np.full(len(spread), 100.0)
    for row, name in enumerate(table.version.evals):
        item, entries = problem.eval_by_id[name], columns.of(problem.place_of[name])
        goalposts = problem.goalposts(basket, name)
        slopes = slopes_at(columns.value[entries], scale=item.scale, goalposts=goalposts)
        spread[row, columns.system[entries]] = slopes * errors.stderr[entries] * stretch
        if item.scale == "log":
            top[row] = np.inf
    return Measured(table, rows, spread, top)


def redrawn_levels(plan: Plan, scale: str, *, threads: int) -> list[Array]:
    """Weighted levels (N, S, B) of every node, version by version."""
    systems, size = len(plan.problem.systems), plan.source.size
    trees = [measured.table.version.tree for measured in plan.versions]
    levels = [np.empty((tree.rows, systems, size)) for tree in trees]
    if np.count_nonzero(plan.seen) * size < ENOUGH:
        threads = 1

    def run(first: int) -> None:
        worker = Worker(plan)
        for column in range(first, systems, threads):
            worker.write(column, scale, [x[:, column : column + 1] for x in levels])

    if threads == 1:
        run(0)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, range(threads)))
    return [x[: tree.nodes] for x, tree in zip(levels, trees, strict=True)]


class Worker:
    """Redraws systems one after the other into arrays of its own."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        size = plan.source.size
        self.block = max(1, TILE // size)
        self.noise, self.moved = np.empty((2, self.block, size))
        self.cells = [np.empty((len(x.spread), size)) for x in plan.versions]
        self.base: list[Array] | None = None
        if plan.problem.method.imputation == "parental":
            # Siblings move from the base's points, which are drawn too.
            base = plan.problem.row_of[plan.problem.method.base]
            self.base = [points.copy() for points in self._drawn(base)]

    def write(self, column: int, scale: str, out: Sequence[Array]) -> None:
        """Write the levels (rows of the tree, 1, B) of a system, version by version."""
        one = slice(column, column + 1)
        with np.errstate(all="ignore"):
            points = self.points(column)
            for measured, cells, target in zip(self.plan.versions, points, out, strict=True):
                table = measured.table
                alone = replace(
                    table,
                    points=cells[:, None],
                    observed=table.observed[:, one],
                    margin=table.margin[:, one],
                )
                levels_of(alone, scale, out=target)

    def points(self, column: int) -> list[Array]:
        """Points (E, B) of a system, version by version; NaN where it has none.

        The arrays are written anew for the next system.
        """
        drawn = self._drawn(column)
        if self.base is None:
            for fills in self.plan.fills:
                fills.write(column, drawn)
            return drawn
        base = self.plan.problem.row_of[self.plan.problem.method.base]
        return [
            _with_siblings(measured.table, [column, base], np.stack(pair, axis=1))
            for measured, *pair in zip(self.plan.versions, drawn, self.base, strict=True)
        ]

    def _drawn(self, column: int) -> list[Array]:
        """Redrawn observed points; NaN elsewhere."""
        plan = self.plan
        system = plan.problem.systems[column].id
        seen = np.flatnonzero(plan.seen[:, column])
        for measured, cells in zip(plan.versions, self.cells, strict=True):
            cells[~measured.table.observed[:, column]] = np.nan
        with rows_as_they_are():
            for start in range(0, len(seen), self.block):
                some = seen[start : start + self.block]
                names = [plan.evals[n] for n in some]
                noise = plan.source.rows(("score", system), names, out=self.noise[: len(some)])
                for measured, cells in zip(plan.versions, self.cells, strict=True):
                    rows = measured.rows[some]
                    if (rows >= 0).all():
                        self._move(measured, column, rows, noise, cells)
                    elif (rows >= 0).any():
                        self._move(measured, column, rows[rows >= 0], noise[rows >= 0], cells)
        return self.cells

    def _move(
        self, measured: Measured, column: int, rows: Ints, noise: Array, cells: Array
    ) -> None:
        """Write redrawn points: noise (n, B) times the error, held within the goalposts, then
        shifted so that the mean is the central value, and stretched about it for that.

        Stretched are the error and the room to the goalposts, which comes to the same."""
        stretch = self.plan.source.stretch
        spread = measured.spread[rows, column][:, None]
        centre = measured.table.points[rows, column]
        below, above = -stretch * centre, stretch * (measured.top[rows][:, None] - centre)
        moved = np.multiply(noise, spread, out=self.moved[: len(rows)])
        if (REACH * spread > np.minimum(-below, above)).any():
            np.clip(moved, below, above, out=moved)
        shift = centre - np.add.reduce(moved, axis=1, keepdims=True) / moved.shape[1]
        place = as_rows(rows.tolist())
        if isinstance(place, slice):
            np.add(moved, shift, out=cells[place])
        else:
            cells[place] = np.add(moved, shift, out=moved)


def _with_siblings(table: Table, columns: list[int], points: Array) -> Array:
    """Points (E, B) of the first of two systems, its gaps filled as its siblings moved from the
    second, the base; points: (E, 2, B)."""
    pair = replace(
        table,
        points=points,
        observed=table.observed[:, columns],
        margin=table.margin[:, columns],
    )
    return np.asarray(parental_points(pair, 1)[:, 0])
