"""Which model fills a domain: the menu of section 3, judged by fixed-fold cross-validation."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from baskets.engine.kin import Kin
from baskets.engine.newton import fit
from baskets.engine.response import (
    Array,
    Cells,
    Ints,
    Parameters,
    Penalties,
    add_factor,
    on_all_rows,
    sigmoid,
    starting_point,
)

MENU = ("eval-mean", "one-dimensional", "one-factor", "two-factor")
FOLDS = 5
# With fewer cells a fold says nothing; the eval's mean is then the fill.
SMALLEST_TABLE = 12
# With more, a sample of systems with about so many cells judges the menu.
LARGE_TABLE = 10_000
# A richer model must be better by this share, so that noise does not choose it.
CLEAR_GAIN = 0.005
# The climb ends at an entry that is worse by this share than the best so far.
CLEAR_LOSS = 0.01
# A factor that changes the error by less than this share has vanished under its ridge.
SAME = 1e-5
ROUGH, TIGHT = 1e-4, 1e-12
ROUGH_STEPS, TIGHT_STEPS = 10, 100
# How firmly the ridge holds: data with little in common want it firmer.
STRENGTHS = (1.0, 8.0, 64.0)
# How firmly kin's residuals are shrunk, in observations; see kin.py.
SHRINKS = (0.5, 2.0)
# A first guess of the residual deviation that measurement does not explain, as a share.
FIRST_MISFIT = 0.08
# Scores are printed to about a quarter of a point, so no cell is known better.
PRINTED = 0.0025


@dataclass(frozen=True)
class Trial:
    """The cells that judged, and fits at one ridge: row 0 to all of them, row n to all but fold n.

    train: (5, n), 0 for the cells of each fold; weights: (n,) of the cells in the fits; error:
    held-out root mean square error in points.
    """

    cells: Cells
    kin: Kin | None
    train: Array
    weights: Array
    parameters: Parameters
    penalties: Penalties
    error: float

    @property
    def folds(self) -> Parameters:
        """The five fits, each without a fold."""
        return self.parameters.take(range(1, FOLDS + 1))


@dataclass(frozen=True)
class Chosen:
    """The model of a domain: menu entry, parameters (None for eval-mean), ridge strengths.

    rmse: root mean square error on held-out cells in points, per menu entry; None if not tried.
    weights: (n,) of the cells in the fit. shrink: of kin's residuals, kin_rmse: the held-out
    error with them, both None where they are not used. trial: what judged, None for too few cells.
    """

    entry: str
    parameters: Parameters | None
    rmse: dict[str, float | None]
    penalties: Penalties
    weights: Array
    trial: Trial | None = None
    shrink: float | None = None
    kin_rmse: float | None = None


def folds_of(names: Sequence[tuple[str, str]]) -> Ints:
    """Fold of each (system, eval) cell, from a hash of the two ids: fixed for ever."""
    digests = (hashlib.sha256(f"{s}\n{e}".encode()).digest() for s, e in names)
    return np.array([int.from_bytes(d[:8], "big") % FOLDS for d in digests], dtype=np.intp)


def eval_means(cells: Cells, weights: Array) -> Array:
    """Mean share of each eval over the cells that count: (F, E); unseen ones take the overall mean.

    weights: (F, n).
    """
    total = np.stack([_by_eval(cells, row * cells.y) for row in weights])
    count = np.stack([_by_eval(cells, row) for row in weights])
    overall = total.sum(axis=1) / np.maximum(count.sum(axis=1), 1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), overall[:, None]))


def _by_eval(cells: Cells, values: Array) -> Array:
    counted = np.bincount(cells.eval, weights=values, minlength=cells.n_evals)
    return counted.astype(np.float64)


def cell_weights(cells: Cells, misfit: float) -> Array:
    """Weights (n,) that average 1, inverse to misfit^2 + the cell's own measurement variance."""
    if cells.error is None:
        return np.ones(len(cells.y))
    precision = 1 / (misfit**2 + PRINTED**2 + cells.error**2)
    return np.asarray(precision / precision.mean())


def choose(
    cells: Cells, systems: Sequence[str], evals: Sequence[str], kin: Kin | None = None
) -> Chosen:
    """Fit the menu from the simplest upwards and keep the last entry that clearly gains.

    systems, evals: names of rows and columns. The one-dimensional fit is tried at every ridge
    strength and goes on with the best. The climb ends at an entry that is clearly worse, or whose
    factor has vanished under its ridge. Every fit starts from the cells that it may see, so
    nothing of a fold reaches the fit without it. A large table is judged on a sample of its
    systems, fixed by their names; the chosen model is then fitted to all of it.
    """
    rmse: dict[str, float | None] = dict.fromkeys(MENU)
    if len(cells.y) < SMALLEST_TABLE:
        return Chosen(MENU[0], None, rmse, Penalties(), np.ones(len(cells.y)))
    kept = sample_of(cells, systems)
    some = cells if kept is None else cells.of_systems(kept)
    names = [systems[n] for n in (range(len(systems)) if kept is None else kept)]
    pairs = zip(some.system.tolist(), some.eval.tolist(), strict=True)
    folds = folds_of([(names[s], evals[e]) for s, e in pairs])
    base = _base_trial(some, folds, kin if kin is None or kept is None else kin.of_rows(kept))
    rmse[MENU[0]] = lowest = base.error
    entry, best, trial = MENU[0], base, None
    for name in MENU[1:]:
        before, trial = trial, _next(base, trial)
        rmse[name] = trial.error
        if trial.error < lowest * (1 - CLEAR_GAIN):
            entry, best, lowest = name, trial, trial.error
        elif trial.error > lowest * (1 + CLEAR_LOSS) or _vanished(before, trial):
            break
    weights = cell_weights(cells, FIRST_MISFIT)
    if best is base:
        return Chosen(entry, None, rmse, best.penalties, weights, base)
    start = best.parameters.take([0])
    if kept is not None:
        start = on_all_rows(start, kept, cells.n_systems)
    parameters = fit(
        cells,
        start,
        best.penalties,
        weights=weights[None],
        tolerance=TIGHT,
        steps=TIGHT_STEPS,
    )
    chosen = Chosen(entry, parameters, rmse, best.penalties, weights, best)
    return chosen if kin is None or not kin.any else _with_kin(chosen)


def sample_of(cells: Cells, systems: Sequence[str]) -> Ints | None:
    """Rows of the systems that judge a large table, by hash of their names; None for all."""
    if len(cells.y) <= LARGE_TABLE:
        return None
    count = np.bincount(cells.system, minlength=cells.n_systems)
    order = sorted(range(len(systems)), key=lambda n: hashlib.sha256(systems[n].encode()).digest())
    enough = int(np.searchsorted(np.cumsum(count[order]), LARGE_TABLE)) + 1
    return np.array(sorted(order[:enough]), dtype=np.intp)


def _base_trial(cells: Cells, folds: Ints, kin: Kin | None) -> Trial:
    """The eval means as the trial that every other has to beat, and where the climb starts."""
    train = np.stack([folds != n for n in range(FOLDS)]).astype(np.float64)
    error = _held_out(eval_means(cells, train)[:, cells.eval], cells, train)
    weights = cell_weights(cells, FIRST_MISFIT)
    start = starting_point(cells, _seen(train, weights))
    return Trial(cells, kin, train, weights, start, Penalties(), error)


def _seen(train: Array, weights: Array) -> Array:
    """Weights (6, n) of the fit to everything and of those without a fold."""
    return np.asarray(weights * np.concatenate([np.ones((1, train.shape[1])), train]))


def _vanished(before: Trial | None, now: Trial) -> bool:
    return before is not None and abs(now.error - before.error) < SAME * now.error


def _next(base: Trial, last: Trial | None) -> Trial:
    """The trial of the menu entry after `last`; the best of all strengths for the first one."""
    cells, seen = base.cells, _seen(base.train, base.weights)
    if last is None:
        start, ridges = base.parameters, [base.penalties.stronger(times) for times in STRENGTHS]
    else:
        start, ridges = add_factor(cells, last.parameters, seen), [last.penalties]
    rows = len(seen)
    found = fit(
        cells,
        start.take(list(range(rows)) * len(ridges)),
        [ridge for ridge in ridges for _ in range(rows)],
        weights=np.tile(seen, (len(ridges), 1)),
        tolerance=ROUGH,
        steps=ROUGH_STEPS,
    )
    trials = []
    for n, ridge in enumerate(ridges):
        mine = found.take(range(n * rows, (n + 1) * rows))
        shares = sigmoid(mine.logits(cells.system, cells.eval))[1:]
        error = _held_out(shares, cells, base.train)
        trials.append(replace(base, parameters=mine, penalties=ridge, error=error))
    return min(trials, key=lambda trial: trial.error)


def _with_kin(chosen: Chosen) -> Chosen:
    """The same with kin's residuals, where they clearly help on held-out cells."""
    trial = chosen.trial
    assert trial is not None and trial.kin is not None
    cells, train = trial.cells, trial.train
    shares = sigmoid(trial.folds.logits(cells.system, cells.eval))
    near, weight = trial.kin.around(cells.grid(train * (cells.y - shares)), cells.grid(train))
    at = (slice(None), cells.system, cells.eval)
    errors = {
        shrink: _held_out(np.clip(shares + near[at] / (weight[at] + shrink), 0, 1), cells, train)
        for shrink in SHRINKS
    }
    shrink = min(errors, key=errors.__getitem__)
    if errors[shrink] >= trial.error * (1 - CLEAR_GAIN):
        return chosen
    return replace(chosen, shrink=shrink, kin_rmse=errors[shrink])


def _held_out(predicted: Array, cells: Cells, train: Array) -> float:
    """Root mean square error in points over the cells left out; each is left out once."""
    miss = (1 - train) * (predicted - cells.y)
    return float(100 * np.sqrt((miss**2).sum() / len(cells.y)))
