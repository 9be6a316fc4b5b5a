"""The observed cells on the points scale, laid out for every basket version."""

import math
from collections.abc import Mapping

import numpy as np

from baskets.engine.aggregate import ODDS_MARGIN, Table, Version
from baskets.engine.parts import Score
from baskets.engine.points import InPoints, to_points
from baskets.engine.problem import Problem

Filled = Mapping[tuple[str, str, str], float]


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
    row_of_eval = {name: n for n, name in enumerate(version.evals)}
    for score in problem.scores:
        row = row_of_eval.get(score.eval)
        if row is not None:
            column = problem.row_of[score.system]
            points[row, column] = score_points(problem, score, version).points
            margin[row, column] = odds_margin(score.n_items)
    return Table(version, points[:, :, None], ~np.isnan(points), margin)


def odds_margin(n_items: float | None) -> float:
    """Half an item in points where the number of items is known, else 0.5; never beyond 50."""
    return ODDS_MARGIN if n_items is None else min(50 / n_items, 50.0)


def filled_table(problem: Problem, table: Table, filled: Filled) -> Table:
    """The table with filled points (by system, eval, basket) in cells that are not observed."""
    points = table.points.copy()
    version = table.version
    for column, system in enumerate(problem.systems):
        for row, name in enumerate(version.evals):
            if not table.observed[row, column]:
                key = (system.id, name, version.basket.id)
                points[row, column, 0] = filled.get(key, math.nan)
    return Table(version, points, table.observed, table.margin)
