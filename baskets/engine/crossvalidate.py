"""Which model fills a domain: the menu of section 3, judged by fixed-fold cross-validation."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baskets.engine.response import (
    Array,
    Cells,
    Ints,
    Parameters,
    Penalties,
    add_factor,
    fit,
    sigmoid,
    starting_point,
)

MENU = ("eval-mean", "one-dimensional", "one-factor", "two-factor")
FOLDS = 5
# With fewer cells a fold says nothing; the eval's mean is then the fill.
SMALLEST_TABLE = 12
# A richer model must be better by this share, so that noise does not choose it.
CLEAR_GAIN = 0.005
ROUGH, TIGHT = 1e-4, 1e-12


@dataclass(frozen=True)
class Chosen:
    """The model of a domain: menu entry, parameters (None for eval-mean), RMSE per entry tried.

    RMSE values are in points, on held-out cells.
    """

    entry: str
    parameters: Parameters | None
    rmse: dict[str, float | None]
    penalties: Penalties


def folds_of(names: Sequence[tuple[str, str]]) -> Ints:
    """Fold of each (system, eval) cell, from a hash of the two ids: fixed for ever."""
    digests = (hashlib.sha256(f"{s}\n{e}".encode()).digest() for s, e in names)
    return np.array(
        [int.from_bytes(d[:8], "big") % FOLDS for d in digests], dtype=np.intp
    )


def eval_means(cells: Cells, weights: Array) -> Array:
    """Mean share of each eval over the cells that count: (F, E); unseen evals take the overall mean.

    weights: (F, n).
    """
    member = np.zeros((len(cells.y), cells.n_evals))
    member[np.arange(len(cells.y)), cells.eval] = 1.0
    count, total = weights @ member, (weights * cells.y) @ member
    overall = total.sum(axis=1) / np.maximum(count.sum(axis=1), 1)
    return np.asarray(
        np.where(count > 0, total / np.maximum(count, 1), overall[:, None])
    )


def choose(cells: Cells, folds: Ints, penalties: Penalties) -> Chosen:
    """Fit the menu from the simplest upwards and keep the last entry that clearly gains.

    A further factor is tried only when the one before it gained, since it can only be noisier.
    """
    if len(cells.y) < SMALLEST_TABLE:
        return Chosen(MENU[0], None, dict.fromkeys(MENU), penalties)
    train = np.stack([folds != n for n in range(FOLDS)]).astype(np.float64)
    everything = np.ones((1, len(cells.y)))
    rmse: dict[str, float | None] = dict.fromkeys(MENU)
    best_rmse = _held_out(eval_means(cells, train)[:, cells.eval], cells, train)
    rmse[MENU[0]] = best_rmse
    best, parameters = MENU[0], None
    current = starting_point(cells)
    for entry in MENU[1:]:
        if entry != MENU[1]:
            current = add_factor(cells, current)
        current = fit(cells, current, penalties, weights=everything, tolerance=ROUGH)
        parts = fit(
            cells, current.repeated(FOLDS), penalties, weights=train, tolerance=ROUGH
        )
        error = _held_out(sigmoid(parts.logits(cells.system, cells.eval)), cells, train)
        rmse[entry] = error
        gained = error < best_rmse * (1 - CLEAR_GAIN)
        if gained:
            best, best_rmse, parameters = entry, error, current
        elif entry != MENU[1]:
            break
    if parameters is not None:
        parameters = fit(
            cells, parameters, penalties, weights=everything, tolerance=TIGHT
        )
    return Chosen(best, parameters, rmse, penalties)


def _held_out(predicted: Array, cells: Cells, train: Array) -> float:
    """Root mean square error in points over the cells left out; each is left out once."""
    miss = (1 - train) * (predicted - cells.y)
    return float(100 * np.sqrt((miss**2).sum() / len(cells.y)))
