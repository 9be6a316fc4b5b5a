"""What of an index does not depend on its weights, worked out once for many what-ifs.

By the methodology, weights enter with section 4 and not before: which measurement stands for a
cell (section 2), the model behind the fills (section 3) and the random numbers of a replicate are
the same under all of them. Coverage, links and all that is summed are not.

A frame's versions are pools: a what-if weighs any of their evals, and those that it gives no
weight are not in its version. An eval that no version counts yet enters a pool under its own
goalposts, under which the model knows it already, so that its being there changes no fill.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from baskets.engine.aggregate import Standing, Table, Version, standing, version_of
from baskets.engine.basket_json import read_basket, write_basket
from baskets.engine.compute import State
from baskets.engine.errors import UnknownId
from baskets.engine.growing import Growing
from baskets.engine.impute import Fill, Imputed, Known, fill
from baskets.engine.link import extend_with
from baskets.engine.observe import observed_table, with_fills
from baskets.engine.parts import Basket
from baskets.engine.problem import Problem
from baskets.engine.report import Column, series_columns
from baskets.engine.sensitivity import refilled
from baskets.engine.sensitivity_design import Design
from baskets.engine.sums import as_rows

Weights = Mapping[str, float]
# New weights by basket id; a version that is not named stays as it is.
Reweighted = Mapping[str, Weights]


@dataclass(frozen=True)
class Frame:
    """The problem whose versions are pools, their filled tables, and the fits behind the fills.

    settled: how many versions, from the first on, no what-if will weigh anew.
    """

    problem: Problem
    tables: tuple[Table, ...]
    fill: Fill
    settled: int

    @staticmethod
    def of(
        problem: Problem,
        *,
        settled: int,
        known: Known | None = None,
        filled: Sequence[Imputed] | None = None,
    ) -> "Frame":
        """Fill the pools of a problem; known: as in `fit_domains`.

        filled: fills recorded earlier, in place of a fit; there are then no intervals and no
        bands. ValueError under `parental` fills, which move with the weights of siblings.
        """
        if problem.method.imputation == "parental":
            raise ValueError("a what-if needs fills that do not depend on weights")
        versions = [version_of(problem, basket) for basket in problem.baskets]
        observed = [observed_table(problem, version) for version in versions]
        recorded = None if filled is None else Fill(tuple(filled))
        cells = recorded or fill(problem, observed, known=known)
        places: dict[str, list[tuple[tuple[str, str, str], float]]] = {}
        for cell in cells.imputed:
            place = (cell.system, cell.eval, cell.basket)
            places.setdefault(cell.basket, []).append((place, cell.points))
        tables = tuple(
            with_fills(problem, table, places.get(table.version.basket.id, ()))
            for table in observed
        )
        return Frame(problem, tables, Fill((), cells.fits), settled)

    def state(self, weights: Reweighted) -> State:
        """The computation that publishing these weights would make, from filled cells on.

        Zero takes an eval out of its version. Refuses as any problem is refused.
        """
        self._check(weights)
        baskets = tuple(self._basket(n, weights) for n in range(len(self.tables)))
        problem = self.problem.with_baskets(baskets)
        tables = list(self.tables[: self.settled])
        for old, basket in zip(self.tables[self.settled :], baskets[self.settled :], strict=True):
            tables.append(_chosen_rows(old, _version(problem, old, basket)))
        method = problem.method
        standings = [*self.standings, *(_standing(self, t) for t in tables[self.settled :])]
        chain = self._settled.carried_on(problem, standings)
        for table in tables[self.settled :]:
            extend_with(chain, table)
        finished = chain.finished(geometric=method.domain_mean == "geometric")
        return State(problem, tuple(tables), tuple(standings), finished, self.fill)

    def _check(self, weights: Reweighted) -> None:
        names = [basket.id for basket in self.problem.baskets]
        for name in weights:
            if name not in names[self.settled :]:
                raise UnknownId(f"the basket {name} is not open to new weights")

    def _basket(self, position: int, weights: Reweighted) -> Basket:
        """A version as it would be read from what publishing writes."""
        basket = self.problem.baskets[position]
        if basket.id not in weights:
            return basket
        found = {name: weight for name, weight in weights[basket.id].items() if weight != 0}
        outside = sorted(found.keys() - basket.weights.keys())
        if outside:
            raise UnknownId(f"basket {basket.id}: the eval {outside[0]} cannot be counted")
        obj = write_basket(replace(basket, weights=found))
        return read_basket(obj, self.problem.eval_by_id, set(self.problem.row_of))

    def other_fills(self, versions: Sequence[Version]) -> dict[str, list[Table]]:
        """The tables of some weights under every fill that the sensitivity analysis draws from."""
        return {
            name: [_chosen_rows(*pair) for pair in zip(tables, versions, strict=True)]
            for name, tables in self._other_fills.items()
        }

    @cached_property
    def columns(self) -> tuple[dict[str, Column], ...]:
        """Every series of the settled versions."""
        chain = self._settled.finished(geometric=self.problem.method.domain_mean == "geometric")
        tables = self.tables[: self.settled]
        return tuple(
            series_columns(self.problem, table, standing, chain, position)
            for position, (table, standing) in enumerate(zip(tables, self.standings, strict=True))
        )

    @cached_property
    def _other_fills(self) -> Mapping[str, Sequence[Table]]:
        """The same of the pools."""
        return refilled(self.problem, self.tables, self.fill.fits, Design())

    @cached_property
    def standings(self) -> tuple[Mapping[str, Standing], ...]:
        """Of the settled versions."""
        return tuple(_standing(self, table) for table in self.tables[: self.settled])

    @cached_property
    def _settled(self) -> Growing:
        """The chain through the settled versions."""
        method = self.problem.method
        chain = Growing(
            self.problem,
            self.standings,
            scale=method.scale,
            link=method.effective_link,
            pattern=None,
            pinned={},
        )
        for table in self.tables[: self.settled]:
            extend_with(chain, table)
        return chain


def _standing(frame: Frame, table: Table) -> Mapping[str, Standing]:
    return standing(table.version, table, frame.problem.method.imputation)


def _version(problem: Problem, pool: Table, basket: Basket) -> Version:
    return pool.version if basket is pool.version.basket else version_of(problem, basket)


def _chosen_rows(pool: Table, version: Version) -> Table:
    """The pool's table with the evals of a version, in its own order."""
    if version is pool.version:
        return pool
    row_of = {name: n for n, name in enumerate(pool.version.evals)}
    rows = as_rows([row_of[name] for name in version.evals])
    return Table(version, pool.points[rows], pool.observed[rows], pool.margin[rows])
