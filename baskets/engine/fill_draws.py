"""Random draws of filled cells: the model's parameters and residuals (methodology section 6)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from baskets.engine.aggregate import Array
from baskets.engine.draws import Source
from baskets.engine.impute import DomainFit
from baskets.engine.response import sigmoid


def fill_draws(
    fit: DomainFit, source: Source, missing: Mapping[str, list[int]]
) -> Iterator[tuple[str, Array]]:
    """Draws of predicted points (S, B) per eval, held within [0, 100] under the fit's goalposts.

    missing: for each eval wanted, the rows of the systems to be filled; the others stay 0.
    """
    draws = FillDraws(fit, source)
    column = {name: n for n, name in enumerate(fit.evals)}
    filled = {name: np.zeros((len(fit.systems), source.size)) for name in missing}
    wanted: dict[int, list[str]] = {}
    for name, rows in missing.items():
        for row in rows:
            wanted.setdefault(row, []).append(name)
    for row, names in wanted.items():
        for name, drawn in zip(names, draws.points(row, [column[n] for n in names]), strict=True):
            filled[name][row] = drawn
    yield from filled.items()


class FillDraws:
    """Joint draws of one domain's fills, system by system.

    Evals' parameters are drawn once, from their joint covariance; a system's own follow given
    those, when the system is asked for (posterior.py), so that nothing of the size of a table is
    held. A residual is independent in every cell. All numbers are keyed by names: the order in
    which systems are asked for does not matter.
    """

    def __init__(self, fit: DomainFit, source: Source) -> None:
        self.fit, self.source = fit, source
        self.predicted, self.parameters = fit.predicted, fit.chosen.parameters

    def points(self, row: int, columns: Sequence[int]) -> Array:
        """Draws (n, B) of one system's points on some evals of the fit, within [0, 100]."""
        chosen = list(columns)
        names = [self.fit.evals[column] for column in chosen]
        residual = self.source.rows(("fill", self.fit.systems[row]), names)
        total = self._expected(row, chosen)
        total += self.predicted.misfit[row, chosen][:, None] * residual
        return np.asarray(np.clip(total, 0.0, 100.0))

    def _expected(self, row: int, columns: list[int]) -> Array:
        """Draws (n, B) of what the model predicts, kin included."""
        if self.parameters is None or self.predicted.posterior is None:
            return self._means[columns].copy()
        moves, at = self._eval_moves, self.predicted.posterior
        q = self.parameters.u.shape[2]
        system = self.fit.systems[row]
        normals = self.source.rows(("parameter", self._domain, "system", system), _numbered(q))
        own = np.sqrt(self.predicted.phi) * normals[None]
        moved = at.draw_systems(slice(row, row + 1), moves, own)[0]
        u = self.parameters.u[0, row][:, None] + moved
        logits = self.parameters.b[0, columns][:, None] + moves[q, columns]
        for k in range(q):
            logits = logits + u[k] * (self.parameters.v[0, columns, k][:, None] + moves[k, columns])
        shift = 0.0 if self.predicted.shift is None else self.predicted.shift[row, columns][:, None]
        return np.asarray(100 * sigmoid(logits) + shift)

    @property
    def _domain(self) -> str:
        return self.fit.domain

    @cached_property
    def _means(self) -> Array:
        """Draws (E, B) of the evals' means, in points."""
        normals = self.source.rows(("mean", self._domain), self.fit.evals)
        means, errors = self.predicted.points[0], self.predicted.mean_stderr
        return np.asarray(means[:, None] + errors[:, None] * normals)

    @cached_property
    def _eval_moves(self) -> Array:
        """Draws (r, E, B) of the evals' parameters, less the fitted ones."""
        assert self.parameters is not None and self.predicted.posterior is not None
        r = self.parameters.u.shape[2] + 1
        normals = np.stack(
            [
                self.source.rows(("parameter", self._domain, "eval", n), self.fit.evals)
                for n in _numbered(r)
            ]
        )
        moves = np.sqrt(self.predicted.phi) * self.predicted.posterior.draw_evals(normals)
        return np.asarray(moves)


def _numbered(count: int) -> list[str]:
    return [str(n) for n in range(count)]
