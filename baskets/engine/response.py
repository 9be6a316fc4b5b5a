"""The item-response model behind the `model` fill: what it says, its cells, where a fit starts.

    p_se / 100 = sigmoid(b_e + alpha_e theta_s + sum_k u_sk v_ek) + error

b_e = -alpha_e delta_e, so this is alpha_e (theta_s - delta_e) plus K further factors; the
easiness b_e is penalised instead of the difficulty delta_e because it stays finite for an eval
that does not discriminate. Ridge terms pull theta, u, v to 0, alpha to 1 and b to the logit of
the mean score, which also fixes location, scale and rotation. Arrays carry a leading axis F of
independent fits (folds, ridge strengths), solved together: U is (F, S, q), V is (F, E, q), b is
(F, E), q = 1 + K. `newton.py` finds the minimum.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Penalties:
    """Ridge strengths, in squared shares of 100 points per squared logit."""

    ability: float = 0.001
    slope: float = 0.02
    easiness: float = 0.001
    factor: float = 0.04

    def stronger(self, times: float) -> "Penalties":
        """The same with everything but the further factors held more firmly."""
        return replace(
            self,
            ability=self.ability * times,
            slope=self.slope * times,
            easiness=self.easiness * times,
        )

    def ridges(self, q: int) -> tuple[Array, Array]:
        """Ridge of U (q,) and of [V, b] (q + 1,)."""
        factors = [self.factor] * (q - 1)
        return (
            np.array([self.ability, *factors]),
            np.array([self.slope, *factors, self.easiness]),
        )


@dataclass(frozen=True)
class Cells:
    """Observed cells of one domain: shares y in [0, 1] at (system row, eval row).

    error: (n,) standard errors of the measurements in shares; None where nothing is known of them.
    """

    system: Ints
    eval: Ints
    y: Array
    n_systems: int
    n_evals: int
    error: Array | None = field(default=None, repr=False)

    def grid(self, values: Array) -> Array:
        """Values (..., n) laid out as (..., S, E), 0 in cells that were not observed."""
        laid = np.zeros((*values.shape[:-1], self.n_systems, self.n_evals))
        laid[..., self.system, self.eval] = values
        return laid

    @cached_property
    def table(self) -> Array:
        """Shares as (S, E), 0 where not observed."""
        return self.grid(self.y)

    def of_systems(self, rows: Ints) -> "Cells":
        """The cells of some systems, which become rows 0, 1, ... in the order given."""
        place = np.full(self.n_systems, -1, dtype=np.intp)
        place[rows] = np.arange(len(rows))
        kept = place[self.system] >= 0
        return Cells(
            system=place[self.system[kept]],
            eval=self.eval[kept],
            y=self.y[kept],
            n_systems=len(rows),
            n_evals=self.n_evals,
            error=None if self.error is None else self.error[kept],
        )


@dataclass(frozen=True)
class Parameters:
    """U (F, S, q), V (F, E, q), b (F, E); `centre` (F,) is the prior mean of b."""

    u: Array
    v: Array
    b: Array
    centre: Array

    def logits(self, system: Ints, item: Ints) -> Array:
        """Linear predictor (F, n) at n cells."""
        total = self.b[:, item]
        for k in range(self.u.shape[2]):
            total = total + self.u[:, system, k] * self.v[:, item, k]
        return np.asarray(total)

    def grid(self) -> Array:
        """Predicted shares (F, S, E) of every cell."""
        return sigmoid(self.b[:, None, :] + self.u @ self.v.transpose(0, 2, 1))

    def take(self, fits: Ints | Sequence[int]) -> "Parameters":
        """Some of the fits, in the order given."""
        index = np.asarray(fits, dtype=np.intp)
        return Parameters(*(x[index] for x in (self.u, self.v, self.b, self.centre)))

    @property
    def items(self) -> Array:
        """[V, b] as (F, E, q + 1)."""
        return np.concatenate([self.v, self.b[:, :, None]], axis=2)


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), safe for large |z|."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * z)))


def logit(share: Array | float) -> Array:
    """ln(share / (1 - share))."""
    share = np.asarray(share, dtype=np.float64)
    return np.asarray(np.log(share) - np.log1p(-share))


def starting_point(cells: Cells, weights: Array) -> Parameters:
    """A deterministic start of one-dimensional fits from eval and system means.

    weights: (F, n); a cell of weight 0 is not seen.
    """
    total = weights.sum(axis=1)
    mean = np.clip((weights * cells.y).sum(axis=1) / np.where(total > 0, total, 1), 0.02, 0.98)
    weight = cells.grid(weights)
    hits = (weight * cells.table).sum(axis=1)
    easiness = logit(np.clip((hits + mean[:, None]) / (weight.sum(axis=1) + 1), 0.02, 0.98))
    gap = weight * (logit(np.clip(cells.table, 0.03, 0.97)) - easiness[:, None, :])
    ability = gap.sum(axis=2) / (weight.sum(axis=2) + 1)
    ones = np.ones((len(weights), cells.n_evals, 1))
    return Parameters(u=ability[:, :, None], v=ones, b=easiness, centre=logit(mean))


def add_factor(cells: Cells, fit: Parameters, weights: Array, scale: float = 1.0) -> Parameters:
    """Add a factor to each fit, started at the leading pattern of what it leaves unexplained.

    weights: (F, n). The pattern is the first singular pair of the residual table, from the
    eigenvectors of its (E, E) product, so that the cost stays linear in systems.
    """
    shares = sigmoid(fit.logits(cells.system, cells.eval))
    residual = cells.grid(weights * (cells.y - shares))
    values, vectors = np.linalg.eigh(residual.transpose(0, 2, 1) @ residual)
    right = vectors[:, :, -1]
    # The sign of a singular vector is arbitrary: the largest entry is made positive.
    largest = np.take_along_axis(right, np.abs(right).argmax(axis=1)[:, None], axis=1)
    right = right * np.where(largest < 0, -1.0, 1.0)
    size = np.sqrt(np.maximum(values[:, -1], 1e-300))
    left = (residual @ right[:, :, None])[:, :, 0] / size[:, None]
    root = scale * np.sqrt(2 * size)[:, None]
    return replace(
        fit,
        u=np.concatenate([fit.u, (root * left)[:, :, None]], axis=2),
        v=np.concatenate([fit.v, (root * right)[:, :, None]], axis=2),
    )


def on_all_rows(fit: Parameters, rows: Ints, n_systems: int) -> Parameters:
    """A fit to some systems as a start for all; the others start at the mean of U's prior."""
    u = np.zeros((len(fit.u), n_systems, fit.u.shape[2]))
    u[:, rows] = fit.u
    return replace(fit, u=u)
