"""The index with one eval, or one developer, left out (methodology section 10).

Without an eval: it leaves every basket version, the other weights are normalised again, the fills
stay as they are (the model uses every accepted cell, counted or not), and coverage, base and
overlaps are judged afresh. Without a developer: its systems leave the fit of the missing cells,
which is repeated with the recorded menu entry and penalties, and the overlaps of every link. The
base system never leaves, since everything is measured against it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from baskets.engine.aggregate import Array, Mask, Table, standing, version_of
from baskets.engine.answer import Answer, Point
from baskets.engine.compute import State
from baskets.engine.drawn_index import in_force, main_series, positions_in_force, without_subdomains
from baskets.engine.errors import EmptyBasket, EngineError
from baskets.engine.impute import DomainFit
from baskets.engine.link import Chain, Overlaps, chain_versions
from baskets.engine.refit import filled_again, points_without
from baskets.engine.stability import ranks_of
from baskets.engine.trend import frontier

# Predicted cells that are held at a time, over all the developers fitted together.
AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Change:
    """Index points by which a system's value moves; None where it then has no value."""

    system: str
    series: str
    points: float | None


@dataclass(frozen=True)
class LeftOut:
    """What happens without one eval or one developer.

    refused: the name of the engine's refusal, then there is nothing else. leader_rank: the new
    rank of the published leader of the headline among the official systems that remain; None
    where it is itself left out or has no value. first: who then leads. changes: of the frontier's
    systems, per series that can change.
    """

    left_out: str
    refused: str | None
    leader_rank: int | None
    first: str | None
    changes: tuple[Change, ...]


class LeaveOut:
    """A computation that can be repeated without some of its parts."""

    def __init__(
        self, state: State, answer: Answer, official: Mapping[str, Sequence[Point]]
    ) -> None:
        self.state, self.problem = state, state.problem
        self.official = official
        self.positions = positions_in_force(state)
        self.frontiers = {
            name: [s.system for s in frontier(answer.points, self.problem.systems, name)]
            for name in main_series(state)
        }
        self.values = {
            name: {p.system: p.value for p in points if p.value is not None}
            for name, points in official.items()
        }
        self.plain = tuple(
            replace(table, version=without_subdomains(table.version)) for table in state.tables
        )

    def evals(self) -> tuple[LeftOut, ...]:
        """The index without each eval that a basket counts, by id."""
        counted = {name for table in self.plain for name in table.version.evals}
        return tuple(self._without_eval(name) for name in sorted(counted))

    def developers(self, fits: Sequence[DomainFit]) -> tuple[LeftOut, ...]:
        """The index without each developer of more than the base system, by name."""
        base = self.problem.method.base
        systems = [s for s in self.problem.systems if s.id != base and s.developer is not None]
        names = sorted({s.developer for s in systems if s.developer is not None})
        groups = [(name, {s.id for s in systems if s.developer == name}) for name in names]
        size = max(1, AT_ONCE // max((fit.predicted.points.size for fit in fits), default=1))
        return tuple(
            row
            for start in range(0, len(groups), size)
            for row in self._some_developers(groups[start : start + size], fits)
        )

    def _some_developers(
        self, groups: Sequence[tuple[str, set[str]]], fits: Sequence[DomainFit]
    ) -> list[LeftOut]:
        """The index without each of some developers, whose fits are made together."""
        predictions = {}
        for fit in fits:
            leaving = np.array([[system in group for system in fit.systems] for _, group in groups])
            predictions[fit.domain] = points_without(self.problem, fit, leaving)
        return [
            self._without_developer(
                name, group, fits, {domain: points[n] for domain, points in predictions.items()}
            )
            for n, (name, group) in enumerate(groups)
        ]

    def _without_eval(self, name: str) -> LeftOut:
        try:
            tables = [self._table_without(table, name) for table in self.plain]
            chain = self._chain(tables)
        except EngineError as refusal:
            return LeftOut(name, refusal.name, None, None, ())
        domain = self.problem.eval_by_id[name].domain
        series = ("headline", "balanced", domain)
        return self._left_out(name, chain, series, frozenset())

    def _table_without(self, table: Table, name: str) -> Table:
        basket = table.version.basket
        if name not in basket.weights:
            return table
        weights = {key: w for key, w in basket.weights.items() if key != name}
        if not weights:
            raise EmptyBasket(f"{basket.id} has no eval but {name}")
        total = sum(weights.values())
        lighter = replace(basket, weights={key: w / total for key, w in weights.items()})
        kept: Mask = np.array([key != name for key in table.version.evals])
        version = without_subdomains(version_of(self.problem, lighter))
        return Table(version, table.points[kept], table.observed[kept], table.margin[kept])

    def _without_developer(
        self,
        name: str,
        group: set[str],
        fits: Sequence[DomainFit],
        predictions: Mapping[str, Array],
    ) -> LeftOut:
        tables = [filled_again(self.problem, table, fits, predictions) for table in self.plain]
        pinned = {
            (series, position): tuple(
                self.problem.row_of[system] for system in basket.overlap if system not in group
            )
            for position, basket in enumerate(self.problem.baskets)
            for series in main_series(self.state)
        }
        try:
            chain = self._chain(tables, pinned)
        except EngineError as refusal:
            return LeftOut(name, refusal.name, None, None, ())
        return self._left_out(name, chain, main_series(self.state), frozenset(group))

    def _chain(self, tables: Sequence[Table], pinned: Overlaps | None = None) -> Chain:
        """The chain of the method asked for, judged like any other."""
        method = self.problem.method
        standings = [standing(t.version, t, method.imputation) for t in tables]
        return chain_versions(
            self.problem,
            tables,
            standings,
            scale=method.scale,
            link=method.effective_link,
            geometric=method.domain_mean == "geometric",
            pinned=pinned,
        )

    def _left_out(
        self, name: str, chain: Chain, series: Sequence[str], gone: frozenset[str]
    ) -> LeftOut:
        changes = []
        for one in series:
            found = in_force(chain, one, self.positions)
            for system in self.frontiers[one]:
                if system not in gone:
                    now = float(found[self.problem.row_of[system], 0])
                    moved = None if np.isnan(now) else now - self.values[one][system]
                    changes.append(Change(system, one, moved))
        rank, first = self._leaders(in_force(chain, "headline", self.positions), gone)
        return LeftOut(name, None, rank, first, tuple(changes))

    def _leaders(self, headline: Array, gone: frozenset[str]) -> tuple[int | None, str | None]:
        """The published leader's new rank, and the system of rank 1."""
        points = self.official.get("headline", ())
        stay = [p.system for p in points if p.system not in gone]
        stay = [s for s in stay if not np.isnan(headline[self.problem.row_of[s], 0])]
        if not stay:
            return None, None
        ranks = ranks_of(headline[[self.problem.row_of[s] for s in stay]])[:, 0].tolist()
        rank_of = dict(zip(stay, ranks, strict=True))
        return rank_of.get(points[0].system), min(stay, key=lambda s: rank_of[s])
