"""Ridge least squares of the item-response model, by a damped Newton method with exact blocks.

The loss of a fit is sum_i w_i (y_i - p_i)^2 plus the ridge terms. Half its second derivative is

    sum_i w_i (p'_i^2 - (y_i - p_i) p''_i) x_i x_i' - sum_i w_i (y_i - p_i) p'_i D_i + ridge,

x_i the gradient of the logit z_i in the parameters, D_i its second derivative (1 where u_sk meets
v_ek), p' = p (1 - p), p'' = p' (1 - 2 p). Gauss-Newton leaves out what holds y - p; it is used far
from the minimum, where the whole matrix need not be positive, and for covariances. The matrix is
arrow-shaped: systems meet evals only. The systems' blocks are eliminated, some systems at a time,
so that time and memory are linear in systems and no matrix over all of them is ever held.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from baskets.engine.response import Array, Cells, Ints, Parameters, Penalties

# Bytes of one chunk of the cross block, so that it stays near the processor.
CHUNK = 4_000_000
FIRST_DAMPING = 1e-2
# Once a Gauss-Newton step gains less than this share of the loss, Newton's own step is tried.
NEAR = 0.05
NEARER = 0.2
# Differences of losses below this share are rounding.
ROUNDING = 1e-14


@dataclass(frozen=True)
class Ridge:
    """Ridge per fit: of U (F, q) and of [V, b] (F, q + 1), and the prior mean of V (q,)."""

    u: Array
    items: Array
    centre: Array

    @staticmethod
    def of(penalties: Penalties | Sequence[Penalties], fits: int, q: int) -> "Ridge":
        """The ridge of some fits, alike for all or one by one."""
        each = [penalties] * fits if isinstance(penalties, Penalties) else list(penalties)
        pairs = [one.ridges(q) for one in each]
        first = np.array([1.0] + [0.0] * (q - 1))
        return Ridge(np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs]), first)

    def over(self, now: Parameters) -> Array:
        """[V, b] less its prior mean (F, E, q + 1)."""
        return np.concatenate(
            [now.v - self.centre, (now.b - now.centre[:, None])[..., None]], axis=2
        )


@dataclass(frozen=True)
class Curvature:
    """What the cells say at some parameters: bend and pull (F, S, E) of every cell's logit.

    `bend` is the cell's second derivative; `cross_pull` (F, S, E) the residual part where u_sk
    meets v_ek, None for Gauss-Newton.
    """

    bend: Array
    pull: Array
    cross_pull: Array | None


@dataclass(frozen=True)
class Blocks:
    """The arrow-shaped matrix and the downhill gradient of some fits."""

    now: Parameters
    curvature: Curvature
    systems: Array  # (F, S, q, q)
    evals: Array  # (F, E, r, r), r = q + 1, the last column is b
    downhill_systems: Array  # (F, S, q)
    downhill_evals: Array  # (F, E, r)

    def damped(self, damping: Array, ridge: Ridge) -> "Blocks":
        """The same with the diagonal raised by `damping` (F,) of itself."""
        times = damping[:, None, None]
        systems, evals = self.systems.copy(), self.evals.copy()
        for blocks, floor in ((systems, ridge.u), (evals, ridge.items)):
            k = np.arange(blocks.shape[-1])
            diagonal = blocks[..., k, k]
            blocks[..., k, k] = diagonal + times * np.maximum(diagonal, floor[:, None, :])
        return replace(self, systems=systems, evals=evals)

    def cross(self, rows: slice) -> Array:
        """The block between some systems and all evals (F, s, q, r, E)."""
        u, v = self.now.u[:, rows], self.now.v
        f, s, q = u.shape
        weighted = self.curvature.bend[:, rows, None, :] * v.transpose(0, 2, 1)[:, None]
        whole = np.empty((f, s, q, q + 1, v.shape[1]))
        for k in range(q):
            np.multiply(weighted, u[:, :, None, k, None], out=whole[:, :, :, k])
        whole[:, :, :, q] = weighted
        if self.curvature.cross_pull is not None:
            for k in range(q):
                whole[:, :, k, k] -= self.curvature.cross_pull[:, rows]
        return whole

    def reduced(self) -> tuple[Array, Array, Array]:
        """The systems eliminated: inverse of their blocks (F, S, q, q), and matrix (F, rE, rE)
        and right side (F, rE) of what remains for the evals, parameter by parameter."""
        f, e, r, _ = self.evals.shape
        inverse = inverses(self.systems)
        schur = _spread_out(self.evals)
        right = self.downhill_evals.transpose(0, 2, 1).reshape(f, r * e)
        for rows in self.chunks():
            cross = self.cross(rows)
            s, q = cross.shape[1:3]
            flat = cross.reshape(f, s * q, r * e)
            solved = (inverse[:, rows] @ cross.reshape(f, s, q, r * e)).reshape(flat.shape)
            schur -= flat.transpose(0, 2, 1) @ solved
            right = right - (self.downhill_systems[:, rows].reshape(f, 1, s * q) @ solved)[:, 0]
        return inverse, schur, right

    def chunks(self) -> Iterator[slice]:
        """Systems, so many at a time that a chunk's cross block stays small."""
        f, s, q = self.now.u.shape
        size = max(1, CHUNK // (8 * f * q * (q + 1) * self.now.b.shape[1]))
        return (slice(first, min(first + size, s)) for first in range(0, s, size))

    def step(self) -> Parameters:
        """The parameters after one step: matrix^-1 downhill, by block elimination."""
        now, (f, e, r, _) = self.now, self.evals.shape
        inverse, schur, right = self.reduced()
        moved = np.linalg.solve(schur, right[..., None])[..., 0].reshape(f, r, e).transpose(0, 2, 1)
        rest = self.downhill_systems - self._across(np.asarray(moved))
        return replace(
            now,
            u=now.u + (inverse @ rest[..., None])[..., 0],
            v=now.v + moved[..., :-1],
            b=now.b + moved[..., -1],
        )

    def foretold(self, trial: Parameters) -> Array:
        """Fall of the loss (F,) that the quadratic promises for a move to `trial`."""
        up, over = trial.u - self.now.u, trial.items - self.now.items
        systems = 2 * self.downhill_systems - (self.systems @ up[..., None])[..., 0]
        evals = 2 * self.downhill_evals - (self.evals @ over[..., None])[..., 0]
        total = (up * (systems - 2 * self._across(over))).sum(axis=(1, 2))
        return np.asarray(total + (over * evals).sum(axis=(1, 2)))

    def _across(self, moved: Array) -> Array:
        """Cross block times a move of the evals (F, E, r): (F, S, q), without building it."""
        in_logits = self.now.u @ moved[..., :-1].transpose(0, 2, 1) + moved[:, None, :, -1]
        total = (self.curvature.bend * in_logits) @ self.now.v
        if self.curvature.cross_pull is not None:
            total = total - self.curvature.cross_pull @ moved[..., :-1]
        return np.asarray(total)

    def dense(self) -> Array:
        """The first fit's whole matrix (P, P), for small tables: the systems' parameters first,
        system by system, then the evals', parameter by parameter."""
        s, q = self.now.u.shape[1:]
        cross = self.cross(slice(0, s))[0].reshape(s * q, -1)
        top = np.zeros((s, q, s, q))
        top[np.arange(s), :, np.arange(s), :] = self.systems[0]
        return np.block([[top.reshape(s * q, s * q), cross], [cross.T, _spread_out(self.evals)[0]]])


def blocks_of(
    now: Parameters, shares: Array, table: Array, weight: Array, ridge: Ridge, newton: Array
) -> Blocks:
    """Matrix and downhill gradient at `now`.

    shares: predictions (F, S, E) there. newton: (F,), 1 for the whole second derivative, 0 for
    Gauss-Newton.
    """
    f, s, q = now.u.shape
    e, r = now.b.shape[1], q + 1
    slope, miss = shares * (1 - shares), table - shares
    pull = weight * slope * miss
    bend = weight * slope**2
    cross_pull = None
    if newton.any():
        cross_pull = newton[:, None, None] * pull
        bend -= cross_pull * (1 - 2 * shares)
    x = np.concatenate([now.u, np.ones((f, s, 1))], axis=2)
    vv = (now.v[..., :, None] * now.v[..., None, :]).reshape(f, e, q * q)
    xx = (x[..., :, None] * x[..., None, :]).reshape(f, s, r * r)
    systems = (bend @ vv).reshape(f, s, q, q)
    evals = (bend.transpose(0, 2, 1) @ xx).reshape(f, e, r, r)
    for blocks, held in ((systems, ridge.u), (evals, ridge.items)):
        k = np.arange(blocks.shape[-1])
        blocks[..., k, k] += held[:, None, :]
    return Blocks(
        now=now,
        curvature=Curvature(bend, pull, cross_pull),
        systems=systems,
        evals=evals,
        downhill_systems=pull @ now.v - ridge.u[:, None, :] * now.u,
        downhill_evals=pull.transpose(0, 2, 1) @ x - ridge.items[:, None, :] * ridge.over(now),
    )


def loss_of(now: Parameters, shares: Array, table: Array, weight: Array, ridge: Ridge) -> Array:
    """Loss (F,) at parameters whose predictions are `shares` (F, S, E)."""
    total = (weight * (table - shares) ** 2).sum(axis=(1, 2))
    total += (ridge.u[:, None, :] * now.u**2).sum(axis=(1, 2))
    total += (ridge.items[:, None, :] * ridge.over(now) ** 2).sum(axis=(1, 2))
    return np.asarray(total)


def fit(
    cells: Cells,
    start: Parameters,
    penalties: Penalties | Sequence[Penalties],
    *,
    weights: Array,
    tolerance: float,
    steps: int = 60,
) -> Parameters:
    """The minimum that is downhill of `start`, for every fit.

    weights: (F, n), 0 leaves a cell out. A fit stops when an accepted step gains no more than
    `tolerance` of its loss, or after `steps`. Near the minimum convergence is quadratic, so what
    remains after a gain of g is of the order of g itself, not of its root.
    """
    search = _Search(cells, start, Ridge.of(penalties, len(weights), start.u.shape[2]), weights)
    for _ in range(steps):
        search.advance(tolerance)
        if not search.active.size:
            break
    return search.found


class _Search:
    """Fits on their way down; those that have arrived are left alone."""

    def __init__(self, cells: Cells, start: Parameters, ridge: Ridge, weights: Array) -> None:
        fits = len(weights)
        self.table, self.weight, self.ridge = cells.table, cells.grid(weights), ridge
        self.found = Parameters(*(x.copy() for x in (start.u, start.v, start.b, start.centre)))
        self.shares = self.found.grid()
        self.loss = loss_of(self.found, self.shares, self.table, self.weight, ridge)
        self.damping = np.full(fits, FIRST_DAMPING)
        self.near = np.full(fits, NEAR)
        self.newton = np.zeros(fits)
        self.active = np.arange(fits)

    def advance(self, tolerance: float) -> None:
        """Try one step of every active fit, and keep it where the loss falls."""
        on = self.active
        now, weight = self.found.take(on), self.weight[on]
        ridge = replace(self.ridge, u=self.ridge.u[on], items=self.ridge.items[on])
        blocks = blocks_of(now, self.shares[on], self.table, weight, ridge, self.newton[on])
        trial = blocks.damped(self.damping[on], ridge).step()
        hoped = blocks.foretold(trial)
        shares = trial.grid()
        fresh = loss_of(trial, shares, self.table, weight, ridge)
        gain = (self.loss[on] - fresh) / self.loss[on]
        taken = gain >= -ROUNDING
        # Only Newton's own step says by a small gain that little is left to gain.
        small = taken & (self.newton[on] > 0) & (gain <= max(tolerance, ROUNDING))
        done = small | (~taken & (self.damping[on] > 1e8))
        self._keep(on[taken], trial.take(np.flatnonzero(taken)), shares[taken], fresh[taken])
        self._adapt(on, taken, gain, hoped)
        self.active = on[~done]

    def _keep(self, on: Ints, trial: Parameters, shares: Array, loss: Array) -> None:
        self.found.u[on], self.found.v[on], self.found.b[on] = trial.u, trial.v, trial.b
        self.shares[on], self.loss[on] = shares, loss

    def _adapt(self, on: Ints, taken: NDArray[np.bool_], gain: Array, hoped: Array) -> None:
        """Trust the quadratic more where it foretold the gain, less where it did not."""
        newton = self.newton[on] > 0
        ratio = np.clip(gain * self.loss[on] / np.maximum(hoped, 1e-300), 0.0, 1.0)
        good = np.where(ratio > 0.9, 0.03, np.maximum(1 / 3, 1 - (2 * ratio - 1) ** 3))
        self.damping[on] = np.clip(self.damping[on] * np.where(taken, good, 4.0), 1e-12, 1e12)
        # A failed Newton step sends the fit back to Gauss-Newton, for longer each time.
        self.near[on] = np.where(newton & ~taken, NEARER * self.near[on], self.near[on])
        self.newton[on] = np.where(taken & (newton | (gain < self.near[on])), 1.0, 0.0)


def inverses(blocks: Array) -> Array:
    """Inverses of (..., q, q); a plain division for q = 1."""
    return 1 / blocks if blocks.shape[-1] == 1 else np.asarray(np.linalg.inv(blocks))


def _spread_out(blocks: Array) -> Array:
    """Blocks (F, E, r, r) as a matrix (F, rE, rE) whose rows run parameter by parameter."""
    f, e, r, _ = blocks.shape
    whole = np.zeros((f, r, e, r, e))
    index = np.arange(e)
    whole[:, :, index, :, index] = blocks.transpose(1, 0, 2, 3)
    return whole.reshape(f, r * e, r * e)
