"""What a chosen model predicts for every cell, and how wrong that may be.

Two questions have two answers. The points that a system would have on an eval, were it measured
without end, differ from the model's by the error of its parameters and by what no model of this
kind explains, the misfit tau: that is a fill's standard error. A single new measurement differs by
its own error as well: that is the interval that held-out cells are judged by. So each cell varies
by v_i = tau^2 + se_i^2, and tau is the one number for which the squared misses on held-out cells
are on average what is stated (the estimator of Paule and Mandel, 1982, for a random effect).
"""

from dataclasses import dataclass, field
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from baskets.engine.crossvalidate import PRINTED, Chosen, Trial, eval_means
from baskets.engine.kin import Kin
from baskets.engine.posterior import Posterior
from baskets.engine.response import Array, Cells, Ints

# Standard deviation of a uniform share: all that is known where residuals say nothing.
UNKNOWN = 1 / sqrt(12)
WIDTH = 1.959963984540054
# An eval's own residual variance is mixed with the domain's, which counts as so many cells.
POOLED = 4.0


@dataclass(frozen=True)
class Predictions:
    """Points and standard errors (S, E) of every cell, within the goalposts of the fit.

    stderr: of the system's points there, not of a single measurement. misfit: (S, E) the part
    that is independent from cell to cell. shares: (S, E) before kin. single: (E,) the misfit of
    an observed cell, as a share. noise: the domain's residual deviation in points, measurement
    error apart. shift: (S, E) points that kin add, None where they add none.
    mean_stderr: (E,) of each eval's mean, for the eval-mean model. posterior and phi: covariance
    of any other model's parameters. coverage: share of held-out cells inside their 95% interval.
    """

    points: Array
    stderr: Array
    misfit: Array = field(repr=False)
    shares: Array = field(repr=False)
    single: Array = field(repr=False)
    noise: float
    mean_stderr: Array
    shift: Array | None = field(default=None, repr=False)
    posterior: Posterior | None = field(default=None, repr=False)
    phi: float = 0.0
    coverage: float | None = None


def predict(cells: Cells, chosen: Chosen, kin: Kin | None = None) -> Predictions:
    """Predictions of the chosen model."""
    if not len(cells.y):
        nothing, none = np.zeros((cells.n_systems, cells.n_evals)), np.zeros(cells.n_evals)
        return Predictions(nothing, nothing, nothing, nothing, none, 100 * UNKNOWN, none)
    if chosen.parameters is None:
        return _of_means(cells, chosen)
    return _of_model(cells, chosen, kin)


@dataclass(frozen=True)
class _Means:
    """Eval means (F, E), their standard errors and the deviation of a single cell, as shares."""

    mean: Array
    error: Array
    single: Array

    @staticmethod
    def of(cells: Cells, weights: Array) -> "_Means":
        """From the cells that count; weights (F, n) of 0 and 1."""
        mean = eval_means(cells, weights)
        layers = cells.grid(weights)
        count = layers.sum(axis=1)
        square = (layers * (cells.table - mean[:, None, :]) ** 2).sum(axis=1)
        free = weights.sum(axis=1) - (count > 0).sum(axis=1)
        pooled = np.where(free > 0, square.sum(axis=1) / np.maximum(free, 1), UNKNOWN**2)
        own = np.maximum(count - 1, 0)
        single = np.sqrt((square + POOLED * pooled[:, None]) / (own + POOLED))
        # Nobody was measured there: the eval's mean itself may lie anywhere that evals' means do.
        means = (m[c > 0] for m, c in zip(mean, count, strict=True))
        apart = np.array([m.std() if len(m) > 1 else UNKNOWN for m in means])
        error = np.where(count > 0, single / np.sqrt(np.maximum(count, 1)), apart[:, None])
        return _Means(mean, error, single)


def _of_means(cells: Cells, chosen: Chosen) -> Predictions:
    whole = _Means.of(cells, np.ones((1, len(cells.y))))
    mean, error, single = whole.mean[0], whole.error[0], whole.single[0]
    measured = _by_eval_mean(cells, _variances(cells))
    misfit = np.sqrt(np.maximum(single**2 - measured, PRINTED**2))
    coverage = None
    if chosen.trial is not None:
        coverage = _inside(chosen.trial)
    free = max(len(cells.y) - len(np.unique(cells.eval)), 1)
    return Predictions(
        points=_rows(100 * mean, cells),
        stderr=_rows(100 * np.hypot(misfit, error), cells),
        misfit=_rows(100 * misfit, cells),
        shares=_rows(mean, cells),
        single=misfit,
        noise=100 * sqrt(((cells.y - mean[cells.eval]) ** 2).sum() / free),
        mean_stderr=100 * error,
        coverage=coverage,
    )


def _rows(values: Array, cells: Cells) -> Array:
    return np.tile(values, (cells.n_systems, 1))


def _by_eval_mean(cells: Cells, values: Array) -> Array:
    count = np.bincount(cells.eval, minlength=cells.n_evals)
    total = np.bincount(cells.eval, weights=values, minlength=cells.n_evals)
    return np.asarray(total / np.maximum(count, 1))


def _variances(cells: Cells) -> Array:
    """Variance of each measurement (n,), as squared shares."""
    own = np.zeros(len(cells.y)) if cells.error is None else cells.error**2
    return np.asarray(own + PRINTED**2)


@dataclass(frozen=True)
class _Layer:
    """Predictions of some fits, (F, S, E) each: shares, variance of them at phi = 1, the share
    of tau^2 that a cell keeps once its kin are known, what kin add."""

    shares: Array
    leverage: Array
    kept: Array
    shift: Array | None


def _layer(
    cells: Cells, posterior: Posterior, seen: Array, kin: Kin | None, shrink: float | None
) -> _Layer:
    plain = posterior.blocks.now.grid()
    leverage = posterior.variance() * (plain * (1 - plain)) ** 2
    if shrink is None or kin is None:
        return _Layer(plain, leverage, np.ones((1, 1, 1)), None)
    layers = cells.grid(seen)
    near, weight = kin.around(layers * (cells.table - plain), layers)
    moved = np.clip(plain + near / (weight + shrink), 0.0, 1.0)
    kept = (1 + 1 / (weight + shrink)) / (1 + 1 / shrink)
    return _Layer(moved, leverage, kept, moved - plain)


def _of_model(cells: Cells, chosen: Chosen, kin: Kin | None) -> Predictions:
    assert chosen.parameters is not None
    everything = np.ones((1, len(cells.y)))
    posterior = Posterior.of(
        cells, chosen.parameters, chosen.penalties, everything * chosen.weights
    )
    layer = _layer(cells, posterior, everything, kin, chosen.shrink)
    held = _held_out(chosen)
    tau = held.misfit(np.ones(len(held.miss), dtype=bool))
    phi = residual_variance(tau, _variances(cells))
    misfit = tau * np.sqrt(np.broadcast_to(layer.kept[0], layer.shares.shape[1:]))
    return Predictions(
        points=100 * layer.shares[0],
        stderr=100 * np.sqrt(phi * layer.leverage[0] + misfit**2),
        misfit=100 * misfit,
        shares=chosen.parameters.grid()[0],
        single=np.full(cells.n_evals, tau),
        noise=100 * tau,
        mean_stderr=np.zeros(cells.n_evals),
        shift=None if layer.shift is None else 100 * layer.shift[0],
        posterior=posterior,
        phi=phi,
        coverage=held.coverage(),
    )


def residual_variance(tau: float, variances: Array) -> float:
    """Residual variance at unit weight: the harmonic mean of what the cells vary by."""
    return float(1 / np.mean(1 / (tau**2 + variances)))


@dataclass(frozen=True)
class HeldOut:
    """Each cell as the fit without its fold sees it: miss, leverage, share of tau^2, own variance,
    all (n,), and the cell's fold."""

    miss: Array
    leverage: Array
    kept: Array
    variance: Array
    fold: Ints

    def misfit(self, on: NDArray[np.bool_]) -> float:
        """tau for which the squared misses of some cells are on average those stated; 0 where
        parameters and measurement explain them already."""
        if self._excess(0.0, on) <= 0:
            return 0.0
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self._excess(middle, on) > 0 else (low, middle)
        return (low + high) / 2

    def _excess(self, tau: float, on: NDArray[np.bool_]) -> float:
        return float(np.mean(self.miss[on] ** 2 / self.stated(tau)[on]) - 1)

    def stated(self, tau: float) -> Array:
        """Variance (n,) of a cell's miss."""
        phi = residual_variance(tau, self.variance)
        return tau**2 * self.kept + self.variance + phi * self.leverage

    def coverage(self) -> float:
        """Share of cells inside their 95% interval, whose tau the other folds gave."""
        inside = 0
        for fold in np.unique(self.fold):
            own = self.fold == fold
            spread = np.sqrt(self.stated(self.misfit(~own))[own])
            inside += int((np.abs(self.miss[own]) <= WIDTH * spread).sum())
        return inside / len(self.miss)


def _held_out(chosen: Chosen) -> HeldOut:
    trial = chosen.trial
    assert trial is not None
    cells = trial.cells
    posterior = Posterior.of(cells, trial.folds, trial.penalties, trial.train * trial.weights)
    layer = _layer(cells, posterior, trial.train, trial.kin, chosen.shrink)
    fold = np.argmin(trial.train, axis=0)
    at = (fold, cells.system, cells.eval)
    return HeldOut(
        miss=cells.y - layer.shares[at],
        leverage=layer.leverage[at],
        kept=np.broadcast_to(layer.kept, layer.shares.shape)[at],
        variance=_variances(cells),
        fold=fold,
    )


def _inside(trial: Trial) -> float:
    """Share of held-out cells inside the 95% interval of their eval's mean without them."""
    cells, out = trial.cells, trial.train == 0
    folds = _Means.of(cells, trial.train)
    miss = np.abs(cells.y - folds.mean[:, cells.eval])
    spread = np.hypot(folds.single, folds.error)[:, cells.eval]
    return float((miss <= WIDTH * spread)[out].mean())
