"""The points of an answer: values with their coverage, bounds and standing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from baskets.engine.aggregate import (
    Array,
    Mask,
    Standing,
    Table,
    levels_of,
)
from baskets.engine.answer import Point
from baskets.engine.link import Chain, balanced
from baskets.engine.parts import Basket
from baskets.engine.problem import Problem
from baskets.engine.rows import uncollected

# Coverage is a sum of weights; a sum that misses its floor by rounding alone still meets it.
ROUNDING = 1e-9

Standings = Sequence[Mapping[str, Standing]]
Interval = Mapping[tuple[str, int], tuple[Array, Array]]


@dataclass(frozen=True)
class Column:
    """One series on one version, everything (S,); NaN where there is no value."""

    value: Array
    worst: Array
    best: Array
    coverage: Array
    official: Mask


@uncollected()
def points_of(
    problem: Problem,
    tables: Sequence[Table],
    standings: Standings,
    chain: Chain,
    interval: Interval | None = None,
) -> tuple[Point, ...]:
    """A point for every system on every series of every version.

    `interval`: (low, high), each (S,), by series and version position.
    """
    in_force = [problem.version_in_force(s).id for s in problem.systems]
    # A series that a version does not have still has its points there, all of them null.
    series_names = list(dict.fromkeys(name for table in tables for name in table.version.series))
    absent = _absent(len(problem.systems))
    rows: list[Point] = []
    for position, table in enumerate(tables):
        basket = table.version.basket
        columns = series_columns(problem, table, standings[position], chain, position)
        late = _late_series(problem, table)
        current = np.array([name == basket.id for name in in_force])
        for series in series_names:
            column = columns.get(series, absent)
            ends = (interval or {}).get((series, position))
            rows += _series_points(problem, basket, series, column, current, series in late, ends)
    return tuple(rows)


def _series_points(
    problem: Problem,
    basket: Basket,
    series: str,
    column: Column,
    current: Mask,
    late: bool,
    ends: tuple[Array, Array] | None,
) -> list[Point]:
    rows = []
    values, worst, best = (numbers(x) for x in (column.value, column.worst, column.best))
    nothing: list[float | None] = [None] * len(values)
    low, high = (numbers(x) for x in ends) if ends else (nothing, nothing)
    coverage, official, in_force = (x.tolist() for x in (column.coverage, column.official, current))
    for row, system in enumerate(problem.systems):
        there = values[row] is not None
        older = bool(
            system.released_on and basket.effective_on and system.released_on < basket.effective_on
        )
        rows.append(
            Point(
                system=system.id,
                series=series,
                basket=basket.id,
                value=values[row],
                low=low[row] if there else None,
                high=high[row] if there else None,
                coverage=coverage[row],
                imputed_share=1.0 - coverage[row] if there else None,
                worst=worst[row] if there else None,
                best=best[row] if there else None,
                official=there and official[row] and in_force[row],
                back_cast=there and (older or late),
                in_force=in_force[row],
            )
        )
    return rows


def series_columns(
    problem: Problem,
    table: Table,
    standing: Mapping[str, Standing],
    chain: Chain,
    position: int,
) -> dict[str, Column]:
    """Every series of a version, in the order headline, balanced, domains, subdomains."""
    official = _official(problem, table, standing)
    ends = [_bounds(table, chain, position, points) for points in (0.0, 100.0)]
    columns = {}
    for name in table.version.series:
        nothing = np.full(len(problem.systems), np.nan)
        index = chain.index.get((name, position))
        columns[name] = Column(
            value=nothing if index is None else index[:, 0],
            worst=ends[0].get(name, nothing),
            best=ends[1].get(name, nothing),
            coverage=standing[name].coverage,
            official=official[name],
        )
    return columns


def _absent(systems: int) -> Column:
    nothing = np.full(systems, np.nan)
    return Column(nothing, nothing, nothing, np.zeros(systems), np.zeros(systems, dtype=bool))


def _official(problem: Problem, table: Table, standing: Mapping[str, Standing]) -> dict[str, Mask]:
    """Which systems meet the floors of section 3, per series: (S,)."""
    method, version = problem.method, table.version
    basket = version.basket
    overall = _or(basket.coverage_floor, method.coverage_floor) - ROUNDING
    lowest = _or(basket.domain_coverage_floor, method.domain_coverage_floor) - ROUNDING
    fewest = method.min_evals if basket.min_evals is None else basket.min_evals
    official: dict[str, Mask] = {}
    for node in version.domains:
        shown = standing[node.series]
        official[node.series] = (
            shown.has_value & (shown.coverage >= lowest) & (shown.seen >= fewest)
        )
    for node in version.subdomains:
        assert node.domain is not None
        official[node.series] = standing[node.series].has_value & official[node.domain]
    every = np.all([official[node.series] for node in version.domains], axis=0)
    whole = standing["headline"]
    official["headline"] = whole.has_value & (whole.coverage >= overall) & every
    official["balanced"] = official["headline"]
    return official


def _bounds(table: Table, chain: Chain, position: int, points: float) -> dict[str, Array]:
    """Index (S,) of every series with each system's own missing cells at some points.

    Links, base and scale stay as computed: only the system's own gaps move. In the balanced
    series a domain that falls to 0 or below counts as 0, the limit of the product.
    """
    fixed = table.with_missing_at(points)
    geometric = chain.headline_is_balanced
    levels = levels_of(fixed, chain.scale)
    result: dict[str, Array] = {}
    for node in table.version.nodes:
        found = chain.levels.get((node.series, position))
        if found is not None:
            result[node.series] = found.index(levels[node.series])[:, 0]
    domains = np.array([result[d.series] for d in table.version.domains])
    product = np.nan_to_num(balanced([d.share for d in table.version.domains], domains), nan=0.0)
    result["balanced"] = product
    if geometric:
        result["headline"] = product
    return result


def _late_series(problem: Problem, table: Table) -> set[str]:
    """Series that use an eval published after the version took effect."""
    version = table.version
    since = version.basket.effective_on
    if since is None:
        return set()
    late = set()
    for position, name in enumerate(version.evals):
        published = problem.eval_by_id[name].released_on
        if published is not None and published > since:
            late |= {node.series for node in version.nodes if position in node.evals}
    return late | ({"balanced"} if late else set())


def numbers(values: Array) -> list[float | None]:
    """Floats, None for NaN and infinity."""
    listed: list[float | None] = values.tolist()
    for n in np.flatnonzero(~np.isfinite(values)).tolist():
        listed[n] = None
    return listed


def number(value: float) -> float | None:
    """A finite float, or None for NaN and infinity."""
    return float(value) if math.isfinite(value) else None


def _or(own: float | None, default: float) -> float:
    return default if own is None else own
