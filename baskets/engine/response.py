"""The item-response fit behind the `model` fill: ridge least squares with analytic Jacobian.

    p_se / 100 = sigmoid(b_e + alpha_e theta_s + sum_k u_sk v_ek) + error

b_e = -alpha_e delta_e, so this is alpha_e (theta_s - delta_e) plus K further factors; the
easiness b_e is penalised instead of the difficulty delta_e because it stays finite for an eval
that does not discriminate. Ridge terms pull theta, u, v to 0, alpha to 1 and b to the logit of
the mean score, which also fixes location, scale and rotation. Arrays carry a leading axis F of
independent fits (folds), solved together: U is (F, S, q), V is (F, E, q), b is (F, E), q = 1 + K.
"""

from dataclasses import dataclass, replace

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


@dataclass(frozen=True)
class Cells:
    """Observed cells of one domain: shares y in [0, 1] at (system row, eval row)."""

    system: Ints
    eval: Ints
    y: Array
    n_systems: int
    n_evals: int


@dataclass(frozen=True)
class Parameters:
    """U (F, S, q), V (F, E, q), b (F, E); `centre` is the prior mean of b, one per fit."""

    u: Array
    v: Array
    b: Array
    centre: Array

    def logits(self, system: Ints, item: Ints) -> Array:
        """Linear predictor (F, n) at n cells."""
        inner = np.einsum("fnq,fnq->fn", self.u[:, system], self.v[:, item])
        return np.asarray(self.b[:, item] + inner)

    def grid(self) -> Array:
        """Predicted shares (F, S, E) of every cell."""
        return sigmoid(self.b[:, None, :] + self.u @ self.v.transpose(0, 2, 1))

    def repeated(self, times: int) -> "Parameters":
        """The same start for several fits."""
        return Parameters(
            *(np.repeat(x, times, axis=0) for x in (self.u, self.v, self.b, self.centre))
        )


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), safe for large |z|."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * z)))


def logit(share: Array | float) -> Array:
    """ln(share / (1 - share))."""
    share = np.asarray(share, dtype=np.float64)
    return np.asarray(np.log(share) - np.log1p(-share))


def starting_point(cells: Cells) -> Parameters:
    """A deterministic start of the one-dimensional fit from eval and system means."""
    mean = float(np.clip(cells.y.mean(), 0.02, 0.98))
    count = np.bincount(cells.eval, minlength=cells.n_evals)
    total = np.bincount(cells.eval, weights=cells.y, minlength=cells.n_evals)
    easiness = logit(np.clip((total + mean) / (count + 1), 0.02, 0.98))
    gap = logit(np.clip(cells.y, 0.03, 0.97)) - easiness[cells.eval]
    seen = np.bincount(cells.system, minlength=cells.n_systems)
    ability = np.bincount(cells.system, weights=gap, minlength=cells.n_systems) / (seen + 1)
    return Parameters(
        u=ability[None, :, None],
        v=np.ones((1, cells.n_evals, 1)),
        b=easiness[None, :],
        centre=logit(np.full(1, mean)),
    )


def add_factor(cells: Cells, fit: Parameters, scale: float = 1.0) -> Parameters:
    """Add a factor, started at the leading pattern of what a single fit leaves unexplained."""
    residual = np.zeros((cells.n_systems, cells.n_evals))
    shares = sigmoid(fit.logits(cells.system, cells.eval))[0]
    residual[cells.system, cells.eval] = cells.y - shares
    left, size, right = np.linalg.svd(residual, full_matrices=False)
    # The sign of a singular vector is arbitrary: the largest entry is made positive.
    sign = np.sign(right[0, np.argmax(np.abs(right[0]))]) or 1.0
    root = scale * np.sqrt(2 * size[0])
    u = np.concatenate([fit.u, (sign * root * left[:, 0])[None, :, None]], axis=2)
    v = np.concatenate([fit.v, (sign * root * right[0])[None, :, None]], axis=2)
    return replace(fit, u=u, v=v)


def fit(
    cells: Cells,
    start: Parameters,
    penalties: Penalties,
    *,
    weights: Array,
    tolerance: float,
    steps: int = 60,
) -> Parameters:
    """Levenberg-Marquardt from `start`, all fits at once.

    weights: (F, n), 0 leaves a cell out. Stops when every fit's loss falls by less than
    `tolerance` of itself in an accepted step, or after `steps`.
    """
    now, damping = start, np.full(len(weights), 1e-2)
    loss = _loss(cells, now, penalties, weights)
    quiet = np.zeros(len(weights), dtype=bool)
    for _ in range(steps):
        system = normal_equations(cells, now, penalties, weights)
        trial = system.step(now, damping)
        fresh = _loss(cells, trial, penalties, weights)
        better = fresh <= loss
        now = _choose(better, trial, now)
        quiet = (better & (loss - fresh <= tolerance * loss)) | (~better & (damping > 1e8))
        loss = np.where(better, fresh, loss)
        damping = np.where(better, damping * 0.2, damping * 6)
        if quiet.all():
            break
    return now


@dataclass(frozen=True)
class NormalEquations:
    """Blocks of J'J + ridge and the downhill gradient; the matrix is arrow-shaped."""

    systems: Array  # (F, S, q, q)
    evals: Array  # (F, E, r, r), r = q + 1, the last column is b
    cross: Array  # (F, S, q, E, r)
    downhill_systems: Array  # (F, S, q)
    downhill_evals: Array  # (F, E, r)

    def step(self, now: Parameters, damping: Array) -> Parameters:
        """One damped Gauss-Newton step; the systems' blocks are eliminated first."""
        f, s, q, e, r = self.cross.shape
        a = self.systems + damping[:, None, None, None] * _diagonal(self.systems)
        d = self.evals + damping[:, None, None, None] * _diagonal(self.evals)
        inverse = np.linalg.inv(a)
        cross = self.cross.reshape(f, s, q, e * r)
        reduced = (inverse @ cross).reshape(f, s * q, e * r)
        flat = cross.reshape(f, s * q, e * r)
        schur = _block_diagonal(d) - flat.transpose(0, 2, 1) @ reduced
        g = self.downhill_systems.reshape(f, s * q)
        h = self.downhill_evals.reshape(f, e * r)
        right = h - np.einsum("fij,fi->fj", reduced, g)
        delta_evals = np.linalg.solve(schur, right[..., None])[..., 0]
        rest = (g - np.einsum("fij,fj->fi", flat, delta_evals)).reshape(f, s, q, 1)
        delta_systems = (inverse @ rest)[..., 0]
        per_eval = delta_evals.reshape(f, e, r)
        return replace(
            now,
            u=now.u + delta_systems,
            v=now.v + per_eval[..., :q],
            b=now.b + per_eval[..., q],
        )

    def dense(self) -> Array:
        """The first fit's whole matrix (P, P): systems' parameters first, then evals'."""
        _, s, q, e, r = self.cross.shape
        top = s * q
        whole = np.zeros((top + e * r, top + e * r))
        whole[:top, :top] = _block_diagonal(self.systems)[0]
        whole[top:, top:] = _block_diagonal(self.evals)[0]
        whole[:top, top:] = self.cross[0].reshape(top, e * r)
        whole[top:, :top] = whole[:top, top:].T
        return whole


def normal_equations(
    cells: Cells, now: Parameters, penalties: Penalties, weights: Array
) -> NormalEquations:
    """J'J + ridge and the downhill gradient at `now`, from the analytic Jacobian."""
    f, s, q = now.u.shape
    e, r = now.b.shape[1], q + 1
    shares = sigmoid(now.logits(cells.system, cells.eval))
    slope = shares * (1 - shares)
    bend = weights * slope**2
    pull = weights * slope * (cells.y - shares)
    v = now.v[:, cells.eval]
    x = np.concatenate([now.u[:, cells.system], np.ones((f, len(cells.y), 1))], axis=2)
    cross = np.zeros((f, s, q, e, r))
    block = bend[..., None, None] * v[..., :, None] * x[..., None, :]
    cross[:, cells.system, :, cells.eval, :] = block.transpose(1, 0, 2, 3)
    ridge_u, ridge_v, centre_v = _ridges(penalties, q)
    over = np.concatenate([now.v - centre_v, (now.b - now.centre[:, None])[..., None]], axis=2)
    weight_v = bend[..., None, None] * v[..., :, None] * v[..., None, :]
    weight_x = bend[..., None, None] * x[..., :, None] * x[..., None, :]
    return NormalEquations(
        systems=_sum_by(cells.system, s, weight_v) + np.diag(ridge_u),
        evals=_sum_by(cells.eval, e, weight_x) + np.diag(ridge_v),
        cross=cross,
        downhill_systems=_sum_by(cells.system, s, pull[..., None] * v) - ridge_u * now.u,
        downhill_evals=_sum_by(cells.eval, e, pull[..., None] * x) - ridge_v * over,
    )


def _ridges(penalties: Penalties, q: int) -> tuple[Array, Array, Array]:
    """Ridge of U (q,), ridge of [V, b] (q + 1,), prior mean of V (q,)."""
    factors = [penalties.factor] * (q - 1)
    return (
        np.array([penalties.ability, *factors]),
        np.array([penalties.slope, *factors, penalties.easiness]),
        np.array([1.0] + [0.0] * (q - 1)),
    )


def _loss(cells: Cells, now: Parameters, penalties: Penalties, weights: Array) -> Array:
    ridge_u, ridge_v, centre_v = _ridges(penalties, now.u.shape[2])
    miss = cells.y - sigmoid(now.logits(cells.system, cells.eval))
    total = (weights * miss**2).sum(axis=1)
    total += (ridge_u * now.u**2).sum(axis=(1, 2))
    total += (ridge_v[:-1] * (now.v - centre_v) ** 2).sum(axis=(1, 2))
    total += ridge_v[-1] * ((now.b - now.centre[:, None]) ** 2).sum(axis=1)
    return np.asarray(total)


def _choose(better: NDArray[np.bool_], new: Parameters, old: Parameters) -> Parameters:
    three = better[:, None, None]
    return replace(
        old,
        u=np.where(three, new.u, old.u),
        v=np.where(three, new.v, old.v),
        b=np.where(better[:, None], new.b, old.b),
    )


def _sum_by(group: Ints, size: int, values: Array) -> Array:
    """Sum (F, n, ...) over cells of equal group into (F, size, ...)."""
    member = np.zeros((size, len(group)))
    member[group, np.arange(len(group))] = 1.0
    flat = values.reshape(values.shape[0], len(group), -1)
    return np.asarray((member @ flat).reshape(values.shape[0], size, *values.shape[2:]))


def _diagonal(blocks: Array) -> Array:
    return np.asarray(blocks * np.eye(blocks.shape[-1]))


def _block_diagonal(blocks: Array) -> Array:
    f, n, r, _ = blocks.shape
    whole = np.zeros((f, n, r, n, r))
    index = np.arange(n)
    whole[:, index, :, index, :] = blocks.transpose(1, 0, 2, 3)
    return whole.reshape(f, n * r, n * r)
