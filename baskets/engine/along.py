"""What each eval adds to a system's distance from 100, along the whole chain (sections 7 and 8).

The chain starts at 100 for the base, so a system's index on version j is 100 and what the evals
add on the way: on version j from the overlap's mean to the system, on every earlier version from
the mean of the overlap before it (on the first: from the base) to the mean of the overlap after
it. With p the points, o(i) the usable overlap between versions i - 1 and i, m the logarithmic mean:

    points              I - 100 = sum_i slope_i sum_e w_ie (top_ie - bottom_ie)
    odds                the same sum of logits with slope m(I, 100), because ln I is linear in them
    balanced, geometric sum_d m(I, 100) W_d / m(I_d, 100) times the domain's own sum

where top_j is the system's row, top_i = mean of o(i+1), bottom_i = mean of o(i). The base's row
is the bottom of the version on which the series starts. Nothing is left over, over links too and
wherever the base itself stands on a later version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from baskets.engine.aggregate import Array, Node, Version, transformed
from baskets.engine.compute import State

# (basket, eval)
Row = tuple[str, str]
# (system, eval, basket)
Carrier = tuple[str, str, str]
# (series, basket that is linked to the one before it)
Link = tuple[str, str]


@dataclass(frozen=True)
class Parts:
    """Index points (R, S): what each row adds to each system's index less 100."""

    rows: tuple[Row, ...]
    points: Array

    def over(self, rows: Sequence[Row], systems: Sequence[int]) -> Array:
        """The points of some systems in another order of rows, 0 where a row is not here."""
        place = {row: n for n, row in enumerate(self.rows)}
        laid = np.zeros((len(rows), len(systems)))
        here = [n for n, row in enumerate(rows) if row in place]
        laid[here] = self.points[[place[rows[n]] for n in here]][:, systems]
        return laid


class Along:
    """The parts of one state, taken when asked for and kept."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._parts: dict[tuple[str, int], Parts] = {}

    @cached_property
    def positions(self) -> tuple[int, ...]:
        """Per system the position of the version in force at its release."""
        problem = self.state.problem
        place = {basket.id: n for n, basket in enumerate(problem.baskets)}
        return tuple(place[problem.version_in_force(s).id] for s in problem.systems)

    def values(self, series: str) -> Array:
        """The index (S,) of every system on the version in force for it; NaN without a value."""
        found = np.full(len(self.positions), np.nan)
        for row, position in enumerate(self.positions):
            index = self.state.chain.index.get((series, position))
            if index is not None and np.isfinite(index[row, 0]):
                found[row] = index[row, 0]
        return found

    def place(self, series: str, basket: str) -> int | None:
        """The position of a basket on which the series exists."""
        for position, item in enumerate(self.state.problem.baskets):
            if item.id == basket and (series, position) in self.state.chain.index:
                return position
        return None

    def evals(self, series: str, position: int) -> tuple[str, ...]:
        """The evals of a series on a version."""
        version = self.state.tables[position].version
        return tuple(version.evals[e] for e in self.node(series, position).evals)

    def versions(self, series: str, position: int) -> tuple[int, ...]:
        """The versions over which a series reaches a position, the first one first."""
        if self._is_product(series):
            domains = self.state.tables[position].version.domains
            starts = [self.versions(d.series, position)[0] for d in domains]
            return tuple(range(min(starts), position + 1))
        first = position
        while (series, first - 1) in self.state.chain.levels:
            first -= 1
        return tuple(range(first, position + 1))

    def parts(self, series: str, position: int) -> Parts:
        """What every eval adds to the systems' distance from 100 on one version."""
        key = (series, position)
        if key not in self._parts:
            product = self._is_product(series)
            self._parts[key] = self._product(*key) if product else self._sum(*key)
        return self._parts[key]

    def node(self, series: str, position: int) -> Node:
        """The node of a series on a version; the headline's for a product of domains."""
        return node_of(self.state.tables[position].version, series)

    def carriers(self, series: str, position: int) -> frozenset[Carrier]:
        """Cells of the base and of overlap systems through which every system's index runs."""
        if self._is_product(series):
            domains = self.state.tables[position].version.domains
            return frozenset().union(*(self.carriers(d.series, position) for d in domains))
        names, found = self.state.problem.systems, set()
        for i in self.versions(series, position):
            rows = set(self._below(series, i))
            if i < position:
                rows |= set(self.state.chain.overlaps[series, i + 1])
            version, node = self.state.tables[i].version, self.node(series, i)
            place = version.basket.id
            found |= {(names[r].id, version.evals[e], place) for r in rows for e in node.evals}
        return frozenset(found)

    def overlaps(self, series: str, position: int) -> dict[Link, frozenset[str]]:
        """The usable overlap of every link on the way to a version."""
        if self._is_product(series):
            found: dict[Link, frozenset[str]] = {}
            for node in self.state.tables[position].version.domains:
                found |= self.overlaps(node.series, position)
            return found
        names, baskets = self.state.problem.systems, self.state.problem.baskets
        rows = self.state.chain.overlaps
        return {
            (series, baskets[i].id): frozenset(names[row].id for row in rows[series, i])
            for i in self.versions(series, position)[1:]
        }

    def _is_product(self, series: str) -> bool:
        geometric = self.state.chain.headline_is_balanced and series == "headline"
        return series == "balanced" or geometric

    def _index(self, series: str, position: int) -> Array:
        return self.state.chain.index[series, position][:, 0]

    def _sum(self, series: str, position: int) -> Parts:
        chain, names = self.state.chain, self.state.problem.baskets
        width = len(self.state.problem.systems)
        rows: list[Row] = []
        found: list[Array] = []
        for i in self.versions(series, position):
            table, node = self.state.tables[i], self.node(series, i)
            cells = transformed(table, chain.scale)[:, :, 0]
            top = cells
            if i < position:
                top = _mean(cells, chain.overlaps[series, i + 1])
            bottom = _mean(cells, self._below(series, i))
            slope = 1.0 if chain.scale == "odds" else float(chain.levels[series, i].slope[0])
            gap = slope * (top - bottom)
            for e, weight in zip(node.evals, node.weights, strict=True):
                rows.append((names[i].id, table.version.evals[e]))
                found.append(np.broadcast_to(weight * gap[e], width))
        points = np.array(found)
        if chain.scale == "odds":
            points = points * means_to_100(self._index(series, position))
        return Parts(tuple(rows), points)

    def _product(self, series: str, position: int) -> Parts:
        whole = means_to_100(self._index(series, position))
        rows: list[Row] = []
        found: list[Array] = []
        for node in self.state.tables[position].version.domains:
            inner = self.parts(node.series, position)
            index = self._index(node.series, position)
            rows += inner.rows
            found.append(inner.points * (node.share * whole / means_to_100(index)))
        return Parts(tuple(rows), np.concatenate(found))

    def _below(self, series: str, position: int) -> tuple[int, ...]:
        """Rows from which a version counts: its link's overlap, the base where a series starts."""
        if (series, position - 1) in self.state.chain.levels:
            return self.state.chain.overlaps[series, position]
        return (self.state.problem.row_of[self.state.problem.method.base],)


def node_of(version: Version, series: str) -> Node:
    """A version's node of a series; the headline's for the balanced series."""
    name = "headline" if series == "balanced" else series
    return next(node for node in version.nodes if node.series == name)


def _mean(cells: Array, systems: Sequence[int]) -> Array:
    """Mean (E, 1) over some systems of (E, S) cells, added in the order given."""
    total = np.zeros((len(cells), 1))
    for row in systems:
        total = total + cells[:, row : row + 1]
    return total / len(systems)


def means_to_100(values: Array) -> Array:
    """The logarithmic mean of each value and 100; NaN where a value is not positive."""
    with np.errstate(all="ignore"):
        gap = np.log(np.where(values > 0, values, np.nan) / 100)
        # Series of the quotient, which cancels badly for near-equal arguments.
        near = np.sqrt(values * 100) * (1 + gap * gap / 24)
        return np.asarray(np.where(np.abs(gap) < 1e-6, near, (values - 100) / gap))
