"""How much of a difference each eval makes (methodology section 7).

On one version, between systems s and t of a series with I = at + slope (L - anchor):

    points                slope w_e (p_se - p_te)
    odds                  m(I_s, I_t) w_e (logit p_se - logit p_te)
    balanced, geometric   m(I_s, I_t) W_d / m(I_ds, I_dt) times the domain's contribution

m(a, b) = (a - b) / (ln a - ln b) is the logarithmic mean. Across links the path from t to s goes
through the mean of each link's overlap, measured on both versions, so contributions in each
version add to the whole difference with nothing left over.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import repeat

import numpy as np

from baskets.engine.aggregate import (
    Array,
    Node,
    Standing,
    Table,
    mean_over,
    transformed,
    version_of,
)
from baskets.engine.answer import Answer, Contribution
from baskets.engine.errors import UndefinedComparison, UnknownId
from baskets.engine.link import Chain
from baskets.engine.observe import filled_table, observed_table
from baskets.engine.problem import Problem
from baskets.engine.rows import uncollected

# Systems whose numbers become Python's own at a time.
LISTED_AT_ONCE = 1000

# (system, basket id): where a value is read.
Place = tuple[str, str]


def contributions(
    answer: Answer,
    problem: Problem,
    *,
    system: str,
    against: str,
    series: str = "headline",
    basket: str | None = None,
    against_basket: str | None = None,
) -> tuple[Contribution, ...]:
    """What each eval adds to I(system) - I(against), summing to it within 1e-9.

    basket, against_basket: the version each value is read on, by default the version in force at
    the system's release. Rows of several versions appear where the values lie on different ones.
    Refuses where a value is missing, or for a balanced series across versions: its domain weights
    differ, so no single-stage decomposition exists.
    """
    for name in (system, against):
        if name not in problem.system_by_id:
            raise UnknownId(f"the system {name} is not known")
    high = (system, basket or problem.version_in_force(problem.system_by_id[system]).id)
    low = (
        against,
        against_basket or problem.version_in_force(problem.system_by_id[against]).id,
    )
    order = {b.id: n for n, b in enumerate(problem.baskets)}
    for name, where in (high, low):
        point = answer.point_at.get((name, series, where))
        if point is None or point.value is None:
            raise UndefinedComparison(f"{name} has no value for {series} on {where}")
    sign = 1.0
    if order[high[1]] < order[low[1]]:
        high, low, sign = low, high, -1.0
    terms = _Walk(answer, problem, series).terms(high, low)
    return tuple(
        Contribution(system, against, place, name, sign * points)
        for (place, name), points in terms.items()
    )


class _Walk:
    """The path between two values of one series through the versions between them."""

    def __init__(self, answer: Answer, problem: Problem, series: str) -> None:
        self.answer, self.problem, self.series = answer, problem, series
        self.ids = [b.id for b in problem.baskets]
        geometric = problem.method.domain_mean == "geometric" and series == "headline"
        self.is_product = series == "balanced" or geometric

    def value(self, place: Place, series: str | None = None) -> float:
        """The index at a place; it exists, the caller has checked."""
        value = self.answer.point_at[place[0], series or self.series, place[1]].value
        assert value is not None
        return value

    def terms(self, high: Place, low: Place) -> dict[tuple[str, str], float]:
        """Index points by (basket, eval)."""
        if self.is_product:
            return self._product(high, low)
        first, last = self.ids.index(low[1]), self.ids.index(high[1])
        scale = 1.0
        if self.problem.method.scale == "odds":
            scale = log_mean(self.value(high), self.value(low))
        terms: dict[tuple[str, str], float] = {}
        for position in range(last, first - 1, -1):
            name = self.ids[position]
            table, cells = self._cells(position)
            level = self.answer.level_of[self.series, name]
            top = self._profile(
                cells, [high[0]] if position == last else self._overlap(position + 1)
            )
            bottom = self._profile(
                cells, [low[0]] if position == first else self._overlap(position)
            )
            node = next(n for n in table.version.nodes if n.series == self.series)
            slope = scale if self.problem.method.scale == "odds" else level.slope
            for e, weight in zip(node.evals, node.weights, strict=True):
                points = slope * weight * float(top[e] - bottom[e])
                terms[name, table.version.evals[e]] = points
        return terms

    def _product(self, high: Place, low: Place) -> dict[tuple[str, str], float]:
        if high[1] != low[1]:
            raise UndefinedComparison(
                f"{self.series} of two versions has different domain weights; "
                "compare the two systems on one version"
            )
        table, _ = self._cells(self.ids.index(high[1]))
        mean = log_mean(self.value(high), self.value(low))
        terms: dict[tuple[str, str], float] = {}
        for node in table.version.domains:
            inner = _Walk(self.answer, self.problem, node.series).terms(high, low)
            ratio = log_mean(self.value(high, node.series), self.value(low, node.series))
            terms |= {key: mean * node.share / ratio * points for key, points in inner.items()}
        return dict(sorted(terms.items()))

    def _overlap(self, position: int) -> Sequence[str]:
        return self.answer.level_of[self.series, self.ids[position]].overlap

    def _profile(self, cells: Array, systems: Sequence[str]) -> Array:
        """Mean over some systems of the transformed points of every eval: (E,)."""
        rows = [self.problem.row_of[name] for name in systems]
        return mean_over(cells[:, :, 0].T, rows)

    def _cells(self, position: int) -> tuple[Table, Array]:
        version = version_of(self.problem, self.problem.baskets[position])
        table = observed_table(self.problem, version)
        table = filled_table(self.problem, table, self.answer.filled)
        return table, transformed(table, self.problem.method.scale)


def log_mean(a: float, b: float) -> float:
    """The logarithmic mean (a - b) / (ln a - ln b) of two positive numbers; a where equal."""
    gap = math.log(a / b)
    if abs(gap) < 1e-6:
        # Series of the quotient, which cancels badly for near-equal arguments.
        return math.sqrt(a * b) * (1 + gap * gap / 24)
    return (a - b) / gap


@uncollected()
def against_base(
    problem: Problem,
    tables: Sequence[Table],
    standings: Sequence[Mapping[str, Standing]],
    chain: Chain,
) -> tuple[Contribution, ...]:
    """Headline contributions of every system against the base, on every version with both."""
    rows: list[Contribution] = []
    base = problem.row_of[problem.method.base]
    for position, table in enumerate(tables):
        index = chain.index["headline", position][:, 0]
        if np.isnan(index[base]):
            continue
        parts = _headline_parts(table, chain, position, base)
        there = np.flatnonzero(~np.isnan(index))
        names, place = table.version.evals, table.version.basket.id
        for start in range(0, len(there), LISTED_AT_ONCE):
            some = there[start : start + LISTED_AT_ONCE]
            for column, row in zip(some.tolist(), parts[:, some].T.tolist(), strict=True):
                system, against = problem.systems[column].id, problem.method.base
                same = (repeat(name) for name in (system, against, place))
                rows.extend(map(Contribution, *same, names, row))
    return tuple(rows)


def _headline_parts(table: Table, chain: Chain, position: int, base: int) -> Array:
    """Contributions (E, S) of every eval to every system's headline less the base's."""
    cells = transformed(table, chain.scale)[:, :, 0]
    gap = cells - cells[:, base : base + 1]
    headline = chain.index["headline", position][:, 0]
    parts = np.zeros(gap.shape)
    nodes: Sequence[Node] = (table.version.headline,)
    if chain.headline_is_balanced:
        nodes = table.version.domains
    for node in nodes:
        index = chain.index[node.series, position][:, 0]
        slope: Array = np.full(len(headline), chain.levels[node.series, position].slope[0])
        if chain.scale == "odds":
            slope = _log_means(index, index[base])
        if chain.headline_is_balanced:
            whole = _log_means(headline, headline[base])
            slope = slope * whole * node.share / _log_means(index, index[base])
        for e, weight in zip(node.evals, node.weights, strict=True):
            parts[e] = slope * weight * gap[e]
    return parts


def _log_means(values: Array, base: float) -> Array:
    pairs = [math.nan if math.isnan(v) or v <= 0 else log_mean(float(v), base) for v in values]
    return np.array(pairs)
