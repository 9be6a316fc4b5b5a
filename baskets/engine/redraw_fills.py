"""The filled cells of one domain redrawn, one system at a time (methodology section 6)."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from baskets.engine.aggregate import Array, Table
from baskets.engine.draws import Source
from baskets.engine.fill_draws import FillDraws
from baskets.engine.impute import DomainFit
from baskets.engine.points import between
from baskets.engine.problem import Problem


class Fills:
    """Draws of a domain's fills, under the goalposts of every version.

    columns: (C,) the fit's columns that any version counts. rows: (V, C) their rows on each
    version, -1 where it does not count them. moves: what turns points under the goalposts of the
    fit into those under a version's, where the two differ, by (version, place in columns).
    """

    def __init__(
        self, problem: Problem, tables: Sequence[Table], fit: DomainFit, source: Source
    ) -> None:
        self.tables, self.stretch = tables, source.stretch
        self.draws = FillDraws(fit, source)
        self.row_of = {problem.row_of[system]: n for n, system in enumerate(fit.systems)}
        place = [{name: row for row, name in enumerate(t.version.evals)} for t in tables]
        names = [name for name in fit.evals if any(name in rows for rows in place)]
        column_of = {name: n for n, name in enumerate(fit.evals)}
        self.columns = np.array([column_of[name] for name in names], dtype=np.intp)
        self.rows = np.array([[rows.get(name, -1) for name in names] for rows in place])
        self.missing = np.ones((len(names), len(problem.systems)), dtype=bool)
        self.moves: dict[tuple[int, int], Callable[[Array], Array]] = {}
        for version, table in enumerate(tables):
            counted = self.rows[version] >= 0
            self.missing[counted] &= ~table.observed[self.rows[version][counted]]
            for n in np.flatnonzero(counted).tolist():
                move = _move(problem, table, names[n])
                if move is not None:
                    self.moves[version, n] = move

    def write(self, system: int, cells: Sequence[Array]) -> None:
        """Write a system's missing cells into its points (E, B), version by version."""
        gaps = np.flatnonzero(self.missing[:, system])
        if system not in self.row_of or not len(gaps):
            return
        drawn = self.draws.points(self.row_of[system], self.columns[gaps].tolist())
        for version, (table, into) in enumerate(zip(self.tables, cells, strict=True)):
            rows = self.rows[version, gaps]
            moved = drawn[rows >= 0]
            rows, counted = rows[rows >= 0], gaps[rows >= 0]
            for n, gap in enumerate(counted.tolist()):
                if (version, gap) in self.moves:
                    moved[n] = self.moves[version, gap](moved[n])
            moved *= self.stretch
            moved += table.points[rows, system] - moved.mean(axis=1, keepdims=True)
            into[rows] = moved


def _move(problem: Problem, table: Table, name: str) -> Callable[[Array], Array] | None:
    old, new = problem.fit_goalposts(name), problem.goalposts(table.version.basket, name)
    if old == new:
        return None
    return partial(between, scale=problem.eval_by_id[name].scale, old=old, new=new)
