"""Bands and ranks of official systems over the draws of the sensitivity analysis (section 10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baskets.engine.answer import Answer, Point
from baskets.engine.drawn_index import DrawnIndex
from baskets.engine.problem import Problem

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

ENDS = (5.0, 95.0)
TOP = 10


@dataclass(frozen=True)
class Band:
    """An official value with its 5-95% band over the accepted draws.

    low, high: over all draws, on whatever scale each was; low_on_scale, high_on_scale: over the
    draws on the scale of the method, whose index points mean the same as the value's. rank: among
    the series' official systems, 1 the highest, equals share the better rank; rank_low to
    rank_high holds at least 90% of the draws. without_value: accepted draws in which the system
    has no value (a product of domains, one of them not positive), which count for no band and
    stand last in rank.
    """

    system: str
    series: str
    basket: str
    value: float
    low: float | None
    high: float | None
    low_on_scale: float | None
    high_on_scale: float | None
    rank: int
    rank_low: int | None
    rank_high: int | None
    without_value: int


@dataclass(frozen=True)
class RankShares:
    """In which share of the accepted draws a system stands at rank 1, 2, ..., 10, or beyond."""

    system: str
    series: str
    rank: int
    shares: tuple[float, ...]
    beyond: float


def official_points(answer: Answer) -> dict[str, list[Point]]:
    """Official points with a value by series, the highest first, then by system."""
    found: dict[str, list[Point]] = {}
    for point in answer.points:
        if point.official and point.value is not None:
            found.setdefault(point.series, []).append(point)
    return {name: sorted(points, key=_order) for name, points in found.items()}


def _order(point: Point) -> tuple[float, str]:
    assert point.value is not None
    return (-point.value, point.system)


def ranks_of(values: Array) -> Ints:
    """Ranks (n, D) of values down each column: 1 the highest, equals share it, NaN comes last."""
    if not len(values):
        return np.zeros(values.shape, dtype=np.intp)
    falling = -np.nan_to_num(values, nan=-np.inf)
    order = np.argsort(falling, axis=0, kind="stable")
    ordered = np.take_along_axis(falling, order, axis=0)
    place = np.arange(1, len(values) + 1)[:, None]
    fresh = np.ones(values.shape, dtype=bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    ranks = np.empty(values.shape, dtype=np.intp)
    np.put_along_axis(ranks, order, np.maximum.accumulate(np.where(fresh, place, 0)), axis=0)
    return ranks


def stability(
    problem: Problem,
    drawn: DrawnIndex,
    official: Mapping[str, Sequence[Point]],
    on_scale: NDArray[np.bool_],
) -> tuple[tuple[Band, ...], tuple[RankShares, ...]]:
    """Bands of every official system, and rank shares of each series' top ten.

    on_scale: (D,), the draws on the scale of the method.
    """
    bands: list[Band] = []
    shares: list[RankShares] = []
    for series, values in drawn.index.items():
        points = official.get(series, ())
        rows = [problem.row_of[p.system] for p in points]
        accepted = values[rows][:, drawn.accepted]
        ranks = ranks_of(accepted)
        published = ranks_of(np.array([[p.value] for p in points], dtype=np.float64))
        same = on_scale[drawn.accepted]
        ends, on = _ends(accepted), _ends(accepted[:, same])
        for n, point in enumerate(points):
            rank = int(published[n, 0])
            bands.append(_band(point, rank, ends[n], on[n], accepted[n], ranks[n]))
            if n < TOP and ranks.shape[1]:
                shares.append(_shares(point, rank, ranks[n]))
    return tuple(bands), tuple(shares)


def _ends(values: Array) -> list[tuple[float | None, float | None]]:
    """The 5 and 95 percentiles of each row, of the draws in which it has a value."""
    if values.size and not np.isnan(values).any():
        low, high = np.percentile(values, ENDS, axis=1)
        return list(zip(low.tolist(), high.tolist(), strict=True))
    rows = [row[~np.isnan(row)] for row in values]
    pairs = [np.percentile(row, ENDS).tolist() if len(row) else (None, None) for row in rows]
    return [(low, high) for low, high in pairs]


def _band(
    point: Point,
    rank: int,
    ends: tuple[float | None, float | None],
    on_scale: tuple[float | None, float | None],
    values: Array,
    ranks: Ints,
) -> Band:
    assert point.value is not None
    lowest = highest = None
    if len(ranks):
        lowest = int(np.percentile(ranks, ENDS[0], method="lower"))
        highest = int(np.percentile(ranks, ENDS[1], method="higher"))
    return Band(
        system=point.system,
        series=point.series,
        basket=point.basket,
        value=point.value,
        low=ends[0],
        high=ends[1],
        low_on_scale=on_scale[0],
        high_on_scale=on_scale[1],
        rank=rank,
        rank_low=lowest,
        rank_high=highest,
        without_value=int(np.isnan(values).sum()),
    )


def _shares(point: Point, rank: int, ranks: Ints) -> RankShares:
    counts = np.bincount(ranks, minlength=TOP + 1)[1:]
    share = (counts / len(ranks)).tolist()
    return RankShares(point.system, point.series, rank, tuple(share[:TOP]), sum(share[TOP:]))
