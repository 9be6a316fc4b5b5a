"""Fills by another model, or without some systems, at the recorded menu entry and penalties."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from baskets.engine.aggregate import Table
from baskets.engine.crossvalidate import SMALLEST_TABLE, STRENGTHS, eval_means
from baskets.engine.impute import DomainFit
from baskets.engine.kin import Kin
from baskets.engine.newton import fit
from baskets.engine.points import between
from baskets.engine.problem import Problem
from baskets.engine.response import Array, Penalties, starting_point

# Loose enough for a few steps, close enough for the second decimal of an index.
TOLERANCE, STEPS = 1e-6, 30


def eval_mean_points(domain: DomainFit) -> Array:
    """Every cell (S, E) at its eval's mean over the observed cells."""
    means = eval_means(domain.cells, np.ones((1, len(domain.cells.y))))
    return np.asarray(100 * np.repeat(means, len(domain.systems), axis=0))


def one_dimensional_points(domain: DomainFit) -> Array:
    """Predictions (S, E) of the one-dimensional model under the domain's penalties.

    Under the firmest of the menu where the eval mean was chosen, because the data then have little
    in common. Residuals of kin have no part in it. A domain with too few cells for any model keeps
    its fills.
    """
    cells, chosen = domain.cells, domain.chosen
    if len(cells.y) < SMALLEST_TABLE:
        return domain.predicted.points
    weights = chosen.weights[None]
    found = chosen.parameters
    if found is None or found.u.shape[2] != 1:
        start = starting_point(cells, weights)
        firmest = Penalties().stronger(max(STRENGTHS))
        penalties = firmest if found is None else chosen.penalties
        found = fit(cells, start, penalties, weights=weights, tolerance=TOLERANCE, steps=STEPS)
    return np.asarray(100 * found.grid()[0])


def points_without(problem: Problem, domain: DomainFit, leaving: NDArray[np.bool_]) -> Array:
    """Predictions (F, S, E) of the chosen model fitted again without some systems.

    leaving: (F, S), which systems of the fit leave in each of F fits. The fits start from the
    full one, with the prior mean of easiness taken from the cells that stay.
    """
    cells, chosen = domain.cells, domain.chosen
    kept = (~leaving[:, cells.system]).astype(np.float64)
    if chosen.parameters is None:
        means = eval_means(cells, kept)
        return np.asarray(100 * np.repeat(means[:, None, :], cells.n_systems, axis=1))
    weights = kept * chosen.weights
    centre = starting_point(cells, weights).centre
    start = replace(chosen.parameters.take([0] * len(leaving)), centre=centre)
    penalties = chosen.penalties
    found = fit(cells, start, penalties, weights=weights, tolerance=TOLERANCE, steps=STEPS)
    shares = found.grid()
    if chosen.shrink is not None:
        layers = cells.grid(kept)
        near, weight = _kin(problem, domain).around(layers * (cells.table - shares), layers)
        shares = np.clip(shares + near / (weight + chosen.shrink), 0.0, 1.0)
    return np.asarray(100 * shares)


def _kin(problem: Problem, domain: DomainFit) -> Kin:
    systems = [problem.system_by_id[name] for name in domain.systems]
    days = [s.released_on.toordinal() if s.released_on else None for s in systems]
    return Kin.of([s.developer for s in systems], days)


def filled_again(
    problem: Problem,
    table: Table,
    fits: Sequence[DomainFit],
    predictions: Mapping[str, Array],
) -> Table:
    """A table whose filled cells are predictions (S, E) by domain; no cell is added."""
    points = table.points.copy()
    version = table.version
    missing = table.present & ~table.observed
    row_of = {name: n for n, name in enumerate(version.evals)}
    for domain in fits:
        predicted = predictions[domain.domain]
        systems = np.array([problem.row_of[name] for name in domain.systems], dtype=np.intp)
        for column, name in enumerate(domain.evals):
            if name not in row_of:
                continue
            row = row_of[name]
            moved = between(
                predicted[:, column],
                scale=problem.eval_by_id[name].scale,
                old=problem.fit_goalposts(name),
                new=problem.goalposts(version.basket, name),
            )
            there = missing[row, systems]
            points[row, systems[there], 0] = moved[there]
    return replace(table, points=points)
