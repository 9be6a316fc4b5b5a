"""The release that the examples are taken from: its sealed problem, and what its rows state.

What is put into an example comes from the bundle, what it is compared with from the tables of the
database. Points and sums are worked out here anew, not by the engine: an example that used the
engine's own functions would agree with it whatever they did.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from baskets.charts.words import SERIES
from baskets.engine import Answer, Basket, Problem, SeriesLevel
from baskets.engine.points import Goalposts
from baskets.models import IndexPoint, Release
from baskets.selectors.analyses import Analyses, analyses_of
from baskets.selectors.catalog import EvalName, SystemName
from baskets.selectors.frontier import Step, steps_of


class Stated(NamedTuple):
    """A value as the table of index points holds it."""

    value: float
    low: float | None
    high: float | None
    coverage: float
    worst: float | None
    best: float | None
    official: bool


@dataclass(frozen=True)
class Case:
    """One release with the names of its systems and evals."""

    release: Release
    problem: Problem
    answer: Answer
    systems: Mapping[str, SystemName]
    evals: Mapping[str, EvalName]

    @cached_property
    def analyses(self) -> Analyses:
        """The stored analyses of the release."""
        return analyses_of(self.release)

    @cached_property
    def _stated(self) -> dict[tuple[str, int], dict[str, Stated]]:
        """All points of the headlines and domains at once: most examples ask for some."""
        rows = IndexPoint.objects.filter(release=self.release, series__in=SERIES)
        found: dict[tuple[str, int], dict[str, Stated]] = defaultdict(dict)
        names = ("series", "version__number", "system__slug", *Stated._fields)
        for series, number, slug, *row in rows.values_list(*names).iterator(chunk_size=5000):
            found[series, number][slug] = Stated(*row)
        return found

    def stated(self, series: str, basket: Basket) -> dict[str, Stated]:
        """The stored points of a series on a version, by system."""
        return self._stated[series, number_of(basket)]

    def in_force(self, system: str) -> Basket:
        """The version of a system's official value."""
        return self.problem.version_in_force(self.problem.system_by_id[system])

    def point(self, system: str, series: str) -> Stated | None:
        """A system's stored point on its own version."""
        return self.stated(series, self.in_force(system)).get(system)

    def steps(self, series: str) -> tuple[Step, ...]:
        """The systems that raised a series' frontier, oldest first."""
        return steps_of(self.release, series, dict(self.systems))

    def line(self, series: str, basket: Basket) -> SeriesLevel:
        """at, k and anchor of a series on a version, as sealed."""
        return self.answer.level_of[series, basket.id]

    def shares(self, series: str, basket: Basket) -> dict[str, float]:
        """The weights under a series, which sum to 1."""
        weights = {
            name: weight
            for name, weight in basket.weights.items()
            if series in ("headline", self.problem.eval_by_id[name].domain)
        }
        total = math.fsum(weights.values())
        return {name: weight / total for name, weight in weights.items()}

    def domain_shares(self, basket: Basket) -> dict[str, float]:
        """W_d: the weight of every domain in a version's headline."""
        found: dict[str, float] = {}
        for name, weight in self.shares("headline", basket).items():
            domain = self.problem.eval_by_id[name].domain
            found[domain] = found.get(domain, 0.0) + weight
        return found

    def score(self, system: str, name: str) -> float | None:
        """A cell's counted score, None where it was not measured."""
        score = self.problem.score_by_cell.get((system, name))
        return None if score is None else score.value

    def points(self, system: str, name: str, basket: Basket) -> float:
        """A cell's points on a version, as filled where it was not measured."""
        score = self.score(system, name)
        if score is None:
            return self.answer.filled[system, name, basket.id]
        scale = self.problem.eval_by_id[name].scale
        return in_points(score, scale, self.problem.goalposts(basket, name))

    def level(self, system: str, series: str, basket: Basket) -> float:
        """L: the weighted mean of a system's points under a series."""
        shares = self.shares(series, basket)
        return math.fsum(w * self.points(system, name, basket) for name, w in shares.items())

    def level_at(self, system: str, series: str, basket: Basket, missing: float) -> float:
        """L with the system's own missing cells at a fixed number of points."""
        return math.fsum(
            w * (missing if self.score(system, e) is None else self.points(system, e, basket))
            for e, w in self.shares(series, basket).items()
        )


def in_points(value: float, scale: str, goalposts: Goalposts) -> float:
    """Section 1, in plain arithmetic."""
    if scale == "elo":
        assert goalposts.reference is not None
        return 100 / (1 + 10 ** ((goalposts.reference - value) / 400))
    floor, ceiling = goalposts.floor, goalposts.ceiling
    assert floor is not None and ceiling is not None
    if scale == "log":
        return max(0.0, 100 * math.log(value / floor) / math.log(ceiling / floor))
    return min(max(100 * (value - floor) / (ceiling - floor), 0.0), 100.0)


def number_of(basket: Basket) -> int:
    """A version's number, which ends its id."""
    return int(basket.id.rsplit("-", 1)[-1])
