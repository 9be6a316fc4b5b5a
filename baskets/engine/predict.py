"""What a chosen model predicts for every cell, and how wrong that may be."""

import math
from dataclasses import dataclass, field

import numpy as np

from baskets.engine.crossvalidate import Chosen, eval_means
from baskets.engine.response import (
    Array,
    Cells,
    Parameters,
    Penalties,
    normal_equations,
)

# Standard deviation of a uniform share: all that is known where residuals say nothing.
UNKNOWN = 1 / math.sqrt(12)


@dataclass(frozen=True)
class Predictions:
    """Points and standard errors (S, E) of every cell, within the goalposts of the fit.

    noise: residual standard deviation in points. mean_stderr: (E,) standard error of each eval's
    mean, for the eval-mean model. covariance: (P, P) of the parameters of any other model, the
    systems' first.
    """

    points: Array
    stderr: Array
    noise: float
    mean_stderr: Array
    covariance: Array | None = field(default=None, repr=False)


def predict(cells: Cells, chosen: Chosen) -> Predictions:
    """Predictions of the chosen model.

    The residual deviation is that of the fit, divided by the degrees of freedom that the ridge
    leaves (n - trace), and raised until the stated errors are as large as those on held-out
    cells: a fit that was chosen among several flatters itself.
    """
    if not len(cells.y):
        nothing = np.zeros((cells.n_systems, cells.n_evals))
        return Predictions(nothing, nothing, 100 * UNKNOWN, np.zeros(cells.n_evals))
    if chosen.parameters is None:
        return _of_means(cells, chosen)
    return _of_model(cells, chosen, chosen.parameters)


def _of_means(cells: Cells, chosen: Chosen) -> Predictions:
    means = eval_means(cells, np.ones((1, len(cells.y))))[0]
    count = np.bincount(cells.eval, minlength=cells.n_evals)
    free = len(cells.y) - int((count > 0).sum())
    miss = cells.y - means[cells.eval]
    noise = math.sqrt((miss**2).sum() / free) if free else UNKNOWN
    # A held-out cell misses by its own residual and by that of the mean of the others.
    single = float(np.mean(1 + 1 / np.maximum(count[cells.eval] - 1, 1)))
    noise = _raised(noise, chosen, single)
    error = noise / np.sqrt(np.maximum(count, 1))
    shape = (cells.n_systems, 1)
    stderr = np.tile(100 * np.hypot(noise, error), shape)
    return Predictions(np.tile(100 * means, shape), stderr, 100 * noise, 100 * error)


def _of_model(cells: Cells, chosen: Chosen, parameters: Parameters) -> Predictions:
    everything = np.ones((1, len(cells.y)))
    whole = normal_equations(cells, parameters, chosen.penalties, everything).dense()
    free = normal_equations(cells, parameters, Penalties(0, 0, 0, 0), everything).dense()
    inverse: Array = np.asarray(np.linalg.inv(whole))
    grid = parameters.grid()[0]
    miss = cells.y - grid[cells.system, cells.eval]
    spent = float(np.einsum("ij,ji->", inverse, free))
    noise = math.sqrt((miss**2).sum() / max(len(miss) - spent, 1.0))
    leverage = _variance(parameters, inverse) * (grid * (1 - grid)) ** 2
    own = np.minimum(leverage[cells.system, cells.eval], 0.99)
    noise = _raised(noise, chosen, float(np.mean(1 / (1 - own))))
    return Predictions(
        points=100 * grid,
        stderr=100 * noise * np.sqrt(1 + leverage),
        noise=100 * noise,
        mean_stderr=np.zeros(cells.n_evals),
        covariance=noise**2 * inverse,
    )


def _raised(noise: float, chosen: Chosen, spread: float) -> float:
    """The residual deviation, at least what held-out cells showed; they vary by noise^2 spread."""
    held_out = chosen.rmse[chosen.entry]
    return noise if held_out is None else max(noise, held_out / 100 / math.sqrt(spread))


def _variance(parameters: Parameters, inverse: Array) -> Array:
    """x' H^-1 x of every cell's linear predictor (S, E), x its gradient in the parameters."""
    u, v = parameters.u[0], parameters.v[0]
    s, q = u.shape
    e, r = v.shape[0], q + 1
    x = np.concatenate([u, np.ones((s, 1))], axis=1)
    top = s * q
    systems = inverse[:top, :top].reshape(s, q, s, q)[np.arange(s), :, np.arange(s), :]
    evals = inverse[top:, top:].reshape(e, r, e, r)[np.arange(e), :, np.arange(e), :]
    cross = inverse[:top, top:].reshape(s, q, e, r)
    own = np.einsum("ea,sab,eb->se", v, systems, v)
    items = np.einsum("sa,eab,sb->se", x, evals, x)
    both = np.einsum("ea,saeb,sb->se", v, cross, x)
    return np.asarray(own + items + 2 * both)
