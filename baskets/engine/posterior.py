"""How uncertain the fitted parameters are: covariance by blocks (section 6).

With H the Gauss-Newton matrix of the fit (ridge included) and phi the residual variance at unit
weight, the parameters' covariance is phi H^-1. H is arrow-shaped, [[A, C], [C', D]] with A block
diagonal over systems, so with K = (D - C' A^-1 C)^-1 and R = A^-1 C

    H^-1 = [[A^-1 + R K R', -R K], [-K R', K]].

`solve` applies it to many right sides. Nothing larger than the evals' matrix, (r E)^2, and the
right sides is ever built.
"""

from dataclasses import dataclass

import numpy as np

from baskets.engine.newton import Blocks, Ridge, blocks_of
from baskets.engine.response import Array, Cells, Parameters, Penalties


@dataclass(frozen=True)
class Posterior:
    """Blocks of H^-1 of several fits: A^-1 (F, S, q, q), K (F, rE, rE), H itself in `blocks`."""

    blocks: Blocks
    systems: Array
    evals: Array

    @staticmethod
    def of(cells: Cells, now: Parameters, penalties: Penalties, weights: Array) -> "Posterior":
        """The posterior at fitted parameters; weights (F, n) as in the fit."""
        f, _, q = now.u.shape
        ridge = Ridge.of(penalties, f, q)
        blocks = blocks_of(
            now, now.grid(), cells.table, cells.grid(weights), ridge, np.zeros(len(now.u))
        )
        inverse, schur, _ = blocks.reduced()
        return Posterior(blocks, inverse, np.asarray(np.linalg.inv(schur)))

    def variance(self) -> Array:
        """x' H^-1 x (F, S, E) of every cell's logit, x its gradient in the parameters."""
        now = self.blocks.now
        f, s, q = now.u.shape
        e, r = now.b.shape[1], q + 1
        k = np.arange(e)
        own = self.evals.reshape(f, r, e, r, e)[:, :, k, :, k].transpose(1, 2, 3, 0)
        vt = now.v.transpose(0, 2, 1)
        vv = (vt[:, :, None] * vt[:, None]).reshape(f, q * q, e)
        result = np.empty((f, s, e))
        for rows in self.blocks.chunks():
            u = now.u[:, rows]
            x = np.concatenate([u, np.ones((f, u.shape[1], 1))], axis=2)
            xx = (x[..., :, None] * x[..., None, :]).reshape(f, -1, r * r)
            spread = self._spread(rows)
            across = (spread.reshape(f, -1, r * e) @ self.evals).reshape(spread.shape)
            systems = self.systems[:, rows] + across @ spread.transpose(0, 1, 3, 2)
            total = systems.reshape(f, -1, q * q) @ vv + xx @ own.reshape(f, r * r, e)
            # -2 v' (R K) x, summed over u's and over v's and b's parameters.
            both = across.reshape(f, -1, q, r, e)
            for c in range(r):
                along = (both[:, :, :, c] * vt[:, None]).sum(axis=2)
                total -= 2 * x[:, :, c, None] * along
            result[:, rows] = total
        return result

    def _spread(self, rows: slice) -> Array:
        """R = A^-1 C of some systems (F, s, q, r E)."""
        cross = self.blocks.cross(rows)
        f, s, q, r, e = cross.shape
        return np.asarray(self.systems[:, rows] @ cross.reshape(f, s, q, r * e))

    def solve(self, systems: Array, evals: Array) -> tuple[Array, Array]:
        """H^-1 times forces (S, q, B) on the systems and (r, E, B) on the evals of the first fit.

        Returns moves of the same shapes.
        """
        b = evals.shape[2]
        left = evals.reshape(-1, b).copy()
        for rows in self.blocks.chunks():
            spread = self._spread(rows)[0]
            left -= spread.reshape(-1, len(left)).T @ systems[rows].reshape(-1, b)
        moved = self.evals[0] @ left
        result = self.systems[0] @ systems
        for rows in self.blocks.chunks():
            spread = self._spread(rows)[0]
            result[rows] -= (spread.reshape(-1, len(left)) @ moved).reshape(result[rows].shape)
        return result, np.asarray(moved).reshape(evals.shape)
