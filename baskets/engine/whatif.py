"""New weights, new index: all that a what-if says, from a frame (methodology sections 4 to 6, 10).

Central values, coverage, standing and links come from the functions that make a release, so they
are the release's to the last digit; intervals are those of `whatif_draws`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from baskets.engine.aggregate import Array, Mask, Standing, Table, transformed
from baskets.engine.aggregate import Standings as AllStandings
from baskets.engine.answer import Link
from baskets.engine.chain import Key
from baskets.engine.columns import Ints
from baskets.engine.compute import State, links_of
from baskets.engine.drawn_index import drawn_index
from baskets.engine.link import chain_versions
from baskets.engine.parts import System
from baskets.engine.report import Column, series_columns
from baskets.engine.sensitivity import EffectiveWeight, effective_on
from baskets.engine.sensitivity_design import Design, draw_choices, draw_importance
from baskets.engine.stability import ENDS as BAND_ENDS
from baskets.engine.stability import ranks_of
from baskets.engine.trend import Step, running_maximum
from baskets.engine.uncertainty import ends_of
from baskets.engine.whatif_draws import Drawn
from baskets.engine.whatif_frame import Frame, Reweighted


@dataclass(frozen=True)
class Seen:
    """One series of all systems, each on the version that it is looked at on.

    Everything (S,) in index points, NaN without a value; coverage a share. official: the floors of
    section 3 are met on that version, whether or not it is in force for the system. drawn: (S, B).
    """

    series: str
    value: Array
    worst: Array
    best: Array
    coverage: Array
    official: Mask
    drawn: Array | None = None

    @cached_property
    def ends(self) -> tuple[Array, Array] | None:
        """The 95% interval (low, high), each (S,); None without replicates."""
        return None if self.drawn is None else ends_of(self.drawn)

    def frontier(self, systems: Sequence[System]) -> tuple[Step, ...]:
        """The running maximum over official systems by release date."""
        rows = np.flatnonzero(self.official)
        return running_maximum(
            (day, float(self.value[row]), systems[row].id)
            for row in rows.tolist()
            if (day := systems[row].released_on) is not None
        )


@dataclass(frozen=True)
class RankMove:
    """A system's rank among the official ones under two weightings; None where it is not official.

    up, down: in which share of the paired replicates it stands higher, or lower, under the second
    weighting than under the first, among the systems that are official under both; None without
    replicates, and where the system is not official under both.
    """

    system: str
    before: int | None
    after: int | None
    up: float | None
    down: float | None


@dataclass(frozen=True)
class WhatIf:
    """An index under new weights; `state` is what publishing them would compute."""

    frame: Frame
    state: State
    drawn: Mapping[Key, Array] | None
    _columns: dict[int, dict[str, Column]] = field(default_factory=dict, repr=False)
    _seen: dict[tuple[str, tuple[int, ...]], Seen] = field(default_factory=dict, repr=False)

    @property
    def series(self) -> tuple[str, ...]:
        """Headlines and domains, then subdomains, of any version."""
        names = dict.fromkeys(name for t in self.state.tables for name in t.version.series)
        return tuple(sorted(names, key=lambda name: "/" in name))

    @property
    def main(self) -> tuple[str, ...]:
        """The same without subdomains."""
        return tuple(name for name in self.series if "/" not in name)

    def columns(self, position: int) -> dict[str, Column]:
        """Every series of one version."""
        if position < self.frame.settled:
            return self.frame.columns[position]
        if position not in self._columns:
            state = self.state
            table, standing = state.tables[position], state.standings[position]
            found = series_columns(state.problem, table, standing, state.chain, position)
            self._columns[position] = found
        return self._columns[position]

    def seen(self, series: str, positions: Sequence[int]) -> Seen:
        """A series with each system on a version; positions: (S,)."""
        key = (series, tuple(positions))
        if key not in self._seen:
            self._seen[key] = self._look(series, np.asarray(positions))
        return self._seen[key]

    def _look(self, series: str, at: Ints) -> Seen:
        shape = (4, len(at))
        numbers, official = np.full(shape, np.nan), np.zeros(len(at), dtype=bool)
        drawn = None
        for position in np.unique(at).tolist():
            here = at == position
            column = self.columns(position).get(series)
            if column is None:
                continue
            parts = (column.value, column.worst, column.best, column.coverage)
            numbers[:, here] = np.stack(parts)[:, here]
            # A series that the chain has given up has no official values either.
            official[here] = (column.official & ~np.isnan(column.value))[here]
            drawn = self._drawn(series, position, here, drawn)
        value, worst, best, coverage = numbers
        return Seen(series, value, worst, best, coverage, official, drawn)

    def _drawn(self, series: str, position: int, here: Mask, drawn: Array | None) -> Array | None:
        if self.drawn is None or (series, position) not in self.drawn:
            return drawn
        values = self.drawn[series, position]
        if here.all():
            return values
        found = np.full(values.shape, np.nan) if drawn is None else drawn
        found[here] = values[here]
        return found

    def links(self, *, subdomains: bool = True) -> tuple[Link, ...]:
        """Every link to a version that is open to new weights, under the three ways of linking."""
        problem = self.state.problem
        chosen = self.series if subdomains else self.main
        few = narrowed(self.state, sorted(self._carriers), series=chosen)
        opened = {basket.id for basket in problem.baskets[self.frame.settled :]}
        return tuple(link for link in links_of(few) if link.to_basket in opened)

    @property
    def _carriers(self) -> set[int]:
        """Rows of the base and of every overlap system, which carry the chain."""
        problem = self.state.problem
        names = {problem.method.base, *(name for b in problem.baskets for name in b.overlap)}
        return {problem.row_of[name] for name in names}

    def effective(self, position: int, rows: Sequence[int]) -> list[EffectiveWeight]:
        """What each eval of a version does beside its weight, over systems with a value there."""
        has_value = self.state.standings[position]["headline"].has_value
        kept = [row for row in rows if has_value[row]]
        table = self.state.tables[position]
        return effective_on(table, transformed(table, self.state.problem.method.scale)[:, kept, 0])

    def bands(
        self, positions: Sequence[int], rows: Sequence[int], *, seed: str, draws: int
    ) -> dict[str, tuple[Array, Array]]:
        """The 5-95% sensitivity band of some systems (n,) by series, on the scale of the method.

        As section 10 draws it, with fewer draws and only for these systems; NaN where no draw was
        accepted. rows: of the systems, in ascending order.
        """
        problem, design = self.state.problem, Design()
        every = sorted({*rows, *self._carriers})
        few = narrowed(self.state, every, series=self.main)
        fills = self.frame.other_fills([table.version for table in self.state.tables])
        tables = {name: [_narrow(table, every) for table in found] for name, found in fills.items()}
        choices = draw_choices(design, seed, draws)
        importance = draw_importance(problem.baskets, design, seed, draws)
        at = [positions[row] for row in every]
        found = drawn_index(few, tables, importance, choices, positions=at)
        kept = found.accepted & choices.on_scale(problem.method.scale)
        place = [every.index(row) for row in rows]
        return {name: _band(values[place][:, kept]) for name, values in found.index.items()}


def whatif(frame: Frame, weights: Reweighted, *, drawn: Drawn | None = None) -> WhatIf:
    """The index under new weights by basket id; with intervals where there are draws."""
    state = frame.state(weights)
    return WhatIf(frame, state, drawn.replicates(state) if drawn is not None else None)


def rank_moves(before: Seen, after: Seen, systems: Sequence[System]) -> tuple[RankMove, ...]:
    """Ranks of all systems that are official under either weighting, the highest first."""
    ranks = [_ranks(seen) for seen in (before, after)]
    both = before.official & after.official
    up, down = _shares(before, after, both)
    rows = np.flatnonzero(before.official | after.official).tolist()
    moves = [
        RankMove(systems[row].id, ranks[0].get(row), ranks[1].get(row), up.get(row), down.get(row))
        for row in rows
    ]
    last = len(systems) + 1
    return tuple(sorted(moves, key=lambda move: (move.after or last, move.before or last)))


def _ranks(seen: Seen) -> dict[int, int]:
    """Rank by row of the official systems; equals share the better one."""
    rows = np.flatnonzero(seen.official)
    ranks = ranks_of(seen.value[rows][:, None])[:, 0]
    return dict(zip(rows.tolist(), ranks.tolist(), strict=True))


def _shares(before: Seen, after: Seen, both: Mask) -> tuple[dict[int, float], dict[int, float]]:
    """By row, in which shares of replicates a system rises and falls."""
    if before.drawn is None or after.drawn is None or not both.any():
        return {}, {}
    rows = np.flatnonzero(both)
    old, new = ranks_of(before.drawn[rows]), ranks_of(after.drawn[rows])
    up, down = (new < old).mean(axis=1).tolist(), (new > old).mean(axis=1).tolist()
    return dict(zip(rows.tolist(), up, strict=True)), dict(zip(rows.tolist(), down, strict=True))


def narrowed(state: State, rows: Sequence[int], *, series: Collection[str]) -> State:
    """The state with some systems only, which must have the base and every overlap system.

    Values of a system do not depend on what is computed beside it, so theirs stay as they were.
    series: nodes that are chained; the others lose theirs.
    """
    problem, method = state.problem, state.problem.method
    few = replace(problem, systems=tuple(problem.systems[row] for row in rows), scores=())
    tables = tuple(_narrow(table, list(rows)) for table in state.tables)
    standings = tuple(_some(standing, list(rows)) for standing in state.standings)
    kept = {key: level for key, level in state.chain.levels.items() if key[0] in series}
    chain = chain_versions(
        few,
        tables,
        standings,
        scale=method.scale,
        link=method.effective_link,
        geometric=method.domain_mean == "geometric",
        pattern=replace(state.chain, levels=kept),
    )
    return State(few, tables, standings, chain, state.fill)


def _some(standing: Mapping[str, Standing], rows: list[int]) -> Mapping[str, Standing]:
    """The standing of some systems."""
    assert isinstance(standing, AllStandings)
    shown = {
        name: Standing(whole.coverage[rows], whole.seen[rows], whole.has_value[rows])
        for name, whole in standing.items()
    }
    return AllStandings(shown, standing.has_value[:, rows])


def _narrow(table: Table, rows: list[int]) -> Table:
    return Table(
        table.version, table.points[:, rows], table.observed[:, rows], table.margin[:, rows]
    )


def _band(values: Array) -> tuple[Array, Array]:
    """The 5 and 95 percentiles of each row (n, D); NaN where a draw has no value."""
    if not values.shape[1]:
        return np.full(len(values), np.nan), np.full(len(values), np.nan)
    low, high = np.percentile(values, BAND_ENDS, axis=1)
    return np.asarray(low), np.asarray(high)
