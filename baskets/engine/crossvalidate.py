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
# How firmly the ridge holds: data with little in common want it firmer.
STRENGTHS = (1.0, 8.0, 64.0)
ROUGH_STEPS, TIGHT_STEPS = 12, 60


@dataclass(frozen=True)
class Chosen:
    """The model of a domain: menu entry, parameters (None for eval-mean), ridge strengths.

    rmse: root mean square error on held-out cells in points, per menu entry; None if not tried.
    """

    entry: str
    parameters: Parameters | None
    rmse: dict[str, float | None]
    penalties: Penalties


@dataclass(frozen=True)
class _Trial:
    parameters: Parameters
    penalties: Penalties
    error: float


def folds_of(names: Sequence[tuple[str, str]]) -> Ints:
    """Fold of each (system, eval) cell, from a hash of the two ids: fixed for ever."""
    digests = (hashlib.sha256(f"{s}\n{e}".encode()).digest() for s, e in names)
    return np.array([int.from_bytes(d[:8], "big") % FOLDS for d in digests], dtype=np.intp)


def eval_means(cells: Cells, weights: Array) -> Array:
    """Mean share of each eval over the cells that count: (F, E); unseen ones take the overall mean.

    weights: (F, n).
    """
    member = np.zeros((len(cells.y), cells.n_evals))
    member[np.arange(len(cells.y)), cells.eval] = 1.0
    count, total = weights @ member, (weights * cells.y) @ member
    overall = total.sum(axis=1) / np.maximum(count.sum(axis=1), 1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), overall[:, None]))


def choose(cells: Cells, folds: Ints, penalties: Penalties) -> Chosen:
    """Fit the menu from the simplest upwards and keep the last entry that clearly gains.

    The one-dimensional fit is tried at every ridge strength and goes on with the best. The
    climb ends at the first entry without a gain: what is richer still can only be noisier.
    """
    if len(cells.y) < SMALLEST_TABLE:
        return Chosen(MENU[0], None, dict.fromkeys(MENU), penalties)
    train = np.stack([folds != n for n in range(FOLDS)]).astype(np.float64)
    rmse: dict[str, float | None] = dict.fromkeys(MENU)
    lowest = _held_out(eval_means(cells, train)[:, cells.eval], cells, train)
    rmse[MENU[0]] = lowest
    entry, best = MENU[0], None
    start = starting_point(cells)
    trials = [_try(cells, start, penalties.stronger(times), train) for times in STRENGTHS]
    trial = min(trials, key=lambda found: found.error)
    for name in MENU[1:]:
        if name != MENU[1]:
            trial = _try(cells, add_factor(cells, trial.parameters), trial.penalties, train)
        rmse[name] = trial.error
        if trial.error < lowest * (1 - CLEAR_GAIN):
            entry, best, lowest = name, trial, trial.error
        else:
            break
    if best is None:
        return Chosen(entry, None, rmse, penalties)
    parameters = fit(
        cells,
        best.parameters,
        best.penalties,
        weights=np.ones((1, len(cells.y))),
        tolerance=TIGHT,
        steps=TIGHT_STEPS,
    )
    return Chosen(entry, parameters, rmse, best.penalties)


def _try(cells: Cells, start: Parameters, penalties: Penalties, train: Array) -> _Trial:
    """A rough fit to everything, and from there to every fold for its held-out error."""
    everything = np.ones((1, len(cells.y)))
    steps, tolerance = ROUGH_STEPS, ROUGH
    whole = fit(cells, start, penalties, weights=everything, tolerance=tolerance, steps=steps)
    parts = fit(
        cells,
        whole.repeated(len(train)),
        penalties,
        weights=train,
        tolerance=tolerance,
        steps=steps,
    )
    error = _held_out(sigmoid(parts.logits(cells.system, cells.eval)), cells, train)
    return _Trial(whole, penalties, error)


def _held_out(predicted: Array, cells: Cells, train: Array) -> float:
    """Root mean square error in points over the cells left out; each is left out once."""
    miss = (1 - train) * (predicted - cells.y)
    return float(100 * np.sqrt((miss**2).sum() / len(cells.y)))
