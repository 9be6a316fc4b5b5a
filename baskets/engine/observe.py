"""The observed cells on the points scale, laid out for every basket version."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from baskets.engine.aggregate import ODDS_MARGIN, Array, Table, Version
from baskets.engine.columns import Ints
from baskets.engine.parts import Eval, Score
from baskets.engine.points import Goalposts, InPoints, all_points, slopes_at, to_points
from baskets.engine.problem import Problem

Place = tuple[str, str, str]
Filled = Mapping[Place, float]


def score_points(problem: Problem, score: Score, version: Version | None = None) -> InPoints:
    """Points of a score under a version's goalposts, or those of the fit without a version."""
    goalposts = (
        problem.fit_goalposts(score.eval)
        if version is None
        else problem.goalposts(version.basket, score.eval)
    )
    at = f"score of {score.system} on {score.eval}"
    scale = problem.eval_by_id[score.eval].scale
    return to_points(score.value, scale=scale, goalposts=goalposts, at=at)


def observed_table(problem: Problem, version: Version) -> Table:
    """Observed points (E, S, 1), NaN elsewhere."""
    shape = (len(version.evals), len(problem.systems))
    points, margin = np.full(shape, math.nan), np.full(shape, ODDS_MARGIN)
    columns = problem.columns
    for row, name in enumerate(version.evals):
        place = problem.place_of[name]
        entries = columns.of(place)
        if not len(entries):
            continue
        item, where = problem.evals[place], columns.system[entries]
        values, goalposts = columns.value[entries], problem.goalposts(version.basket, item.id)
        points[row, where] = all_points(
            values, scale=item.scale, goalposts=goalposts, at=partial(_where, problem, entries)
        )
        margin[row, where] = odds_margins(item, goalposts, values, columns.n_items[entries])
    return Table(version, points[:, :, None], ~np.isnan(points), margin)


def odds_margins(item: Eval, goalposts: Goalposts, values: Array, n_items: Array) -> Array:
    """Smallest distances (n,) from 0 and 100 points that odds may see, for values of one eval.

    Half an item, (upper - lower) / (2 n_items) in the unit, times the points per unit at the
    value, never beyond the middle; 0.5 point where the number of items is not known (NaN). Items
    of a unit without bounds are taken to span the goalposts: 50 / n_items points.
    """
    half = 50 / n_items
    if item.lower is not None and item.upper is not None and item.upper > item.lower:
        slopes = slopes_at(values, scale=item.scale, goalposts=goalposts)
        half = (item.upper - item.lower) / 2 / n_items * slopes
    return np.where(np.isnan(half), ODDS_MARGIN, np.minimum(half, 50.0))


def _where(problem: Problem, entries: Ints, n: int) -> str:
    score = problem.scores[entries[n]]
    return f"score of {score.system} on {score.eval}"


def filled_table(problem: Problem, table: Table, filled: Filled) -> Table:
    """The table with filled points (by system, eval, basket) in cells that are not observed."""
    return with_fills(problem, table, filled.items())


def with_fills(problem: Problem, table: Table, filled: Iterable[tuple[Place, float]]) -> Table:
    """The same of pairs of a place (system, eval, basket) and its points."""
    basket, rows = table.version.basket.id, {n: k for k, n in enumerate(table.version.evals)}
    columns = problem.row_of
    found = [
        (rows[name], columns[system], value)
        for (system, name, place), value in filled
        if place == basket and name in rows and system in columns
    ]
    if not found:
        return table
    points = table.points.copy()
    row, column = (np.fromiter((x[k] for x in found), np.intp, len(found)) for k in (0, 1))
    value = np.fromiter((x[2] for x in found), np.float64, len(found))
    free = ~table.observed[row, column]
    points[row[free], column[free], 0] = value[free]
    return replace(table, points=points)
