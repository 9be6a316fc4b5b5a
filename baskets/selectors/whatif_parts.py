"""The two sides of a preview, and what is told of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from baskets.engine import Comparison, EffectiveWeight, Link, System
from baskets.engine.trend import Step
from baskets.engine.uncertainty import paired
from baskets.engine.whatif import RankMove, Seen, WhatIf, rank_moves
from baskets.selectors.values import Value

BAND_SYSTEMS = 10


@dataclass(frozen=True)
class FrontierStep:
    """A system that raised the frontier."""

    system: str
    released_on: dt.date
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class SeriesPreview:
    """A headline or domain before and after.

    lost, gained: systems that are official in the series under one of the weightings only.
    difference: the newest frontier after less that before, on paired replicates.
    """

    series: str
    before: tuple[FrontierStep, ...]
    after: tuple[FrontierStep, ...]
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    difference: Comparison | None

    @property
    def change(self) -> float | None:
        """The newest frontier after less that before; None where either has none."""
        if not self.before or not self.after:
            return None
        return self.after[-1].value - self.before[-1].value


@dataclass(frozen=True)
class SystemPreview:
    """A system in the series that is shown; band: the 5-95% sensitivity band under the new weights,
    worked out for the highest only."""

    move: RankMove
    before: Value | None
    after: Value | None
    band: tuple[float, float] | None

    @property
    def system(self) -> str:
        """Its slug."""
        return self.move.system


@dataclass(frozen=True)
class Preview:
    """What new weights would do.

    exact: the intervals are those of the release that publishing would make; else they agree with
    them to Monte Carlo error. weights: of the newest version, summing to 1. replicates: 0 without
    intervals. systems: official before or after in the series `shown`, the highest first. links:
    to the versions that are weighed anew, of all series where exact, else of the main ones.
    """

    basket: str
    exact: bool
    replicates: int
    weights: Mapping[str, float]
    series: tuple[SeriesPreview, ...]
    shown: str
    systems: tuple[SystemPreview, ...]
    links: tuple[Link, ...]
    effective: tuple[EffectiveWeight, ...]


@dataclass(frozen=True)
class Views:
    """The two sides of a preview: an index each, and the version that each system stands on."""

    before: WhatIf
    after: WhatIf
    before_on: Sequence[int]
    after_on: Sequence[int]
    seed: str
    draws: int

    @property
    def systems(self) -> Sequence[System]:
        """Those of both sides."""
        return self.after.state.problem.systems

    @property
    def row_of(self) -> Mapping[str, int]:
        """Their rows."""
        return self.after.state.problem.row_of

    def seen(self, series: str) -> tuple[Seen, Seen]:
        """A series before and after."""
        return self.before.seen(series, self.before_on), self.after.seen(series, self.after_on)


def preview_of(
    views: Views, shown: str, *, replicates: int, exact: bool = False, links: bool = True
) -> Preview:
    """All that is told of two sides; shown: the series whose systems are listed."""
    state = views.after.state
    names = list(dict.fromkeys((*views.before.main, *views.after.main)))
    official = views.after.seen("headline", views.after_on).official
    basket = state.problem.baskets[-1]
    return Preview(
        basket=basket.id,
        exact=exact,
        replicates=replicates,
        weights=dict(basket.weights),
        series=tuple(_series(views, name) for name in names),
        shown=shown,
        systems=_systems(views, shown),
        links=views.after.links(subdomains=exact) if links else (),
        effective=tuple(
            views.after.effective(len(state.tables) - 1, np.flatnonzero(official).tolist())
        ),
    )


def _series(views: Views, series: str) -> SeriesPreview:
    systems = views.systems
    before, after = views.seen(series)
    steps = [seen.frontier(systems) for seen in (before, after)]
    return SeriesPreview(
        series=series,
        before=_steps(views, before, steps[0]),
        after=_steps(views, after, steps[1]),
        lost=_named(systems, before.official & ~after.official),
        gained=_named(systems, after.official & ~before.official),
        difference=_difference(views, (before, after), steps),
    )


def _named(systems: Sequence[System], chosen: np.ndarray) -> tuple[str, ...]:
    return tuple(systems[row].id for row in np.flatnonzero(chosen).tolist())


def _steps(views: Views, seen: Seen, steps: Sequence[Step]) -> tuple[FrontierStep, ...]:
    found = []
    for step in steps:
        row = views.row_of[step.system]
        low, high = _ends(seen, row)
        found.append(FrontierStep(step.system, step.released_on, step.value, low, high))
    return tuple(found)


def _ends(seen: Seen, row: int) -> tuple[float | None, float | None]:
    if seen.ends is None or np.isnan(seen.ends[0][row]):
        return None, None
    return float(seen.ends[0][row]), float(seen.ends[1][row])


def _difference(
    views: Views, both: tuple[Seen, Seen], steps: Sequence[Sequence[Step]]
) -> Comparison | None:
    """The newest frontier after less that before, None where one is missing or nothing drawn."""
    before, after = both
    if not all(steps) or before.drawn is None or after.drawn is None:
        return None
    old, new = (found[-1] for found in steps)
    gaps = after.drawn[views.row_of[new.system]] - before.drawn[views.row_of[old.system]]
    return paired(new.value - old.value, gaps)


def _systems(views: Views, series: str) -> tuple[SystemPreview, ...]:
    before, after = views.seen(series)
    moves = rank_moves(before, after, views.systems)
    bands = _bands(views, series, [move for move in moves if move.after][:BAND_SYSTEMS])
    found = []
    for move in moves:
        row = views.row_of[move.system]
        found.append(
            SystemPreview(move, _value(before, row), _value(after, row), bands.get(move.system))
        )
    return tuple(found)


def _value(seen: Seen, row: int) -> Value | None:
    value = float(seen.value[row])
    if np.isnan(value):
        return None
    low, high = _ends(seen, row)
    return Value(value, low, high, float(seen.coverage[row]), bool(seen.official[row]))


def _bands(views: Views, series: str, moves: Sequence[RankMove]) -> dict[str, tuple[float, float]]:
    """The sensitivity bands of some systems; of a subdomain there are none."""
    if not moves or not views.draws or series not in views.after.main:
        return {}
    rows = sorted(views.row_of[move.system] for move in moves)
    bands = views.after.bands(views.after_on, rows, seed=views.seed, draws=views.draws)
    pairs = zip(rows, *(ends.tolist() for ends in bands[series]), strict=True)
    names = views.systems
    return {names[row].id: (low, high) for row, low, high in pairs if not np.isnan(low)}
