"""Random draws of filled cells, together with the observed ones (methodology section 6).

What misleads a score misleads the fills that were inferred from it, the same way: a system that
was lucky on the evals it took is filled too high on the others. So a draw of the parameters is the
move that the fit itself would make, to first order, if every cell were off by what it is off by in
that replicate:

    move = H^-1 (J' W e + sqrt(phi ridge) z),   e_i = se_i x_i + tau m_i,

x_i being the very normal number that redraws the observed cell i, m_i and z further ones. Where
the cells vary by phi / w_i its covariance is phi H^-1, the one of posterior.py: what the cells
leave open, and what the ridge had to assume. A filled cell adds a misfit of its own.
"""

from collections.abc import Sequence

import numpy as np

from baskets.engine.aggregate import Array
from baskets.engine.crossvalidate import PRINTED
from baskets.engine.draws import Source
from baskets.engine.impute import DomainFit
from baskets.engine.newton import Ridge
from baskets.engine.response import Ints, Parameters, sigmoid


class FillDraws:
    """Joint draws of one domain's fills, asked for system by system.

    All numbers are keyed by names, so the order of asking does not matter, and several threads may
    ask. What is held is of the size of the parameters times the replicates, not of the table times
    them: `moves`, draws of how far U (S, q, B) and [V, b] (r, E, B) are off, or `means` (E, B).
    """

    def __init__(self, fit: DomainFit, source: Source) -> None:
        self.fit, self.source = fit, source
        self.cells, self.predicted = fit.cells, fit.predicted
        self.parameters = fit.chosen.parameters
        self._places = _cells_of_systems(fit)
        self.moves = None if self.parameters is None else self._moves(self.parameters)
        self.means = self._means() if self.parameters is None else None

    def points(self, row: int, columns: Sequence[int]) -> Array:
        """Draws (n, B) of one system's points on some evals of the fit, within [0, 100]."""
        chosen = list(columns)
        names = [self.fit.evals[column] for column in chosen]
        total = 100 * self._expected(row, chosen)
        if self.predicted.shift is not None:
            total += self.predicted.shift[row, chosen][:, None]
        misfit = self.source.rows(("fill", self.fit.systems[row]), names)
        total += self.predicted.misfit[row, chosen][:, None] * misfit
        return np.asarray(np.clip(total, 0.0, 100.0))

    def _expected(self, row: int, columns: list[int]) -> Array:
        """Draws (n, B) of the shares that the model expects, kin apart."""
        now = self.parameters
        if self.means is not None:
            return np.asarray(self.means[columns])
        assert now is not None and self.moves is not None
        systems, evals = self.moves
        q = now.u.shape[2]
        logits = now.b[0, columns][:, None] + evals[q, columns]
        for k in range(q):
            u = now.u[0, row, k] + systems[row, k]
            logits = logits + u * (now.v[0, columns, k][:, None] + evals[k, columns])
        return sigmoid(logits)

    def _moves(self, now: Parameters) -> tuple[Array, Array]:
        posterior = self.predicted.posterior
        assert posterior is not None
        systems, evals = self._ridge_forces(now)
        slope = (self.predicted.shares * (1 - self.predicted.shares))[
            self.cells.system, self.cells.eval
        ]
        pull = (self.fit.chosen.weights * slope)[:, None]
        u, v = now.u[0], now.v[0]
        for row, places in enumerate(self._places):
            columns = self.cells.eval[places]
            force = pull[places] * self._off(row, places)
            systems[row] += v[columns].T @ force
            for k in range(u.shape[1]):
                evals[k, columns] += u[row, k] * force
            evals[-1, columns] += force
        return posterior.solve(systems, evals)

    def _ridge_forces(self, now: Parameters) -> tuple[Array, Array]:
        """sqrt(phi ridge) z, in the shapes of the parameters."""
        ridge = Ridge.of(self.fit.chosen.penalties, 1, now.u.shape[2])
        domain, phi = self.fit.domain, self.predicted.phi
        numbers = [str(k) for k in range(ridge.items.shape[1])]
        of_u = np.sqrt(phi * ridge.u[0])[:, None]
        systems = [
            of_u * self.source.rows(("parameter", domain, "system", name), numbers[:-1])
            for name in self.fit.systems
        ]
        evals = [
            np.sqrt(phi * held) * self.source.rows(("parameter", domain, k), self.fit.evals)
            for k, held in zip(numbers, ridge.items[0], strict=True)
        ]
        return np.stack(systems), np.stack(evals)

    def _off(self, row: int, places: Ints) -> Array:
        """Draws (n, B) of what the observed cells of a system are off by, as shares."""
        system, columns = self.fit.systems[row], self.cells.eval[places]
        names = [self.fit.evals[column] for column in columns]
        misfit = np.hypot(self.predicted.single[columns], PRINTED)[:, None]
        off = misfit * self.source.rows(("misfit", system), names)
        if self.cells.error is not None:
            off += self.cells.error[places, None] * self.source.rows(("score", system), names)
        return np.asarray(off)

    def _means(self) -> Array:
        """Draws (E, B) of the evals' means, as shares; of one that nobody took, a free guess."""
        count = np.bincount(self.cells.eval, minlength=self.cells.n_evals)
        total = np.zeros((self.cells.n_evals, self.source.size))
        for row, places in enumerate(self._places):
            total[self.cells.eval[places]] += self._off(row, places)
        guess = self.source.rows(("mean", self.fit.domain), self.fit.evals)
        error = self.predicted.mean_stderr[:, None] / 100
        moved = np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], error * guess)
        return np.asarray(self.predicted.shares[0][:, None] + moved)


def _cells_of_systems(fit: DomainFit) -> list[Ints]:
    """For every system, where its cells are."""
    order = np.argsort(fit.cells.system, kind="stable")
    ends = np.cumsum(np.bincount(fit.cells.system, minlength=fit.cells.n_systems))
    return np.split(order, ends[:-1])
