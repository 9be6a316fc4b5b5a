"""Random draws of filled cells: the model's parameters and residuals (methodology section 6)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from baskets.engine.aggregate import Array
from baskets.engine.draws import Source
from baskets.engine.impute import DomainFit
from baskets.engine.response import sigmoid


def fill_draws(
    fit: DomainFit, source: Source, missing: Mapping[str, list[int]]
) -> Iterator[tuple[str, Array]]:
    """Draws of predicted points (S, B) per eval, held within [0, 100] under the fit's goalposts.

    missing: for each eval wanted, the rows of the systems to be filled; only these get a residual.
    Parameters are drawn jointly from their covariance, the residual independently per cell.
    """
    parameters = _parameter_draws(fit, source)
    for name, rows in missing.items():
        column = fit.evals.index(name)
        shares = parameters.shares(fit, column)
        for row in rows:
            residual = source.normals("fill", fit.systems[row], name)
            shares[row] += fit.predicted.noise / 100 * residual
        yield name, 100 * np.clip(shares, 0.0, 1.0)


@dataclass(frozen=True)
class _ParameterDraws:
    """u (S, q, B) and [v, b] (E, q + 1, B); for the eval-mean model only means (E, 1, B)."""

    systems: Array | None
    evals: Array

    def shares(self, fit: DomainFit, column: int) -> Array:
        """Predicted shares (S, B) on one eval."""
        item = self.evals[column]
        if self.systems is None:
            return np.repeat(item, len(fit.systems), axis=0)
        logits = np.repeat(item[-1:], len(fit.systems), axis=0)
        for factor in range(self.systems.shape[1]):
            logits = logits + self.systems[:, factor] * item[factor]
        return sigmoid(logits)


def _parameter_draws(fit: DomainFit, source: Source) -> _ParameterDraws:
    if fit.chosen.parameters is None or fit.predicted.covariance is None:
        means, errors = fit.predicted.points[0] / 100, fit.predicted.mean_stderr / 100
        draws = [
            mean + error * source.normals("mean", name)
            for mean, error, name in zip(means, errors, fit.evals, strict=True)
        ]
        return _ParameterDraws(None, np.array(draws)[:, None, :])
    u, v = fit.chosen.parameters.u[0], fit.chosen.parameters.v[0]
    rest = np.concatenate([v, fit.chosen.parameters.b[0][:, None]], axis=1)
    names = [("system", s, str(k)) for s in fit.systems for k in range(u.shape[1])]
    names += [("eval", e, str(k)) for e in fit.evals for k in range(rest.shape[1])]
    normals = np.stack([source.normals("parameter", fit.domain, *name) for name in names])
    moves = np.linalg.cholesky(fit.predicted.covariance) @ normals
    top = u.size
    return _ParameterDraws(
        systems=u[:, :, None] + moves[:top].reshape(*u.shape, -1),
        evals=rest[:, :, None] + moves[top:].reshape(*rest.shape, -1),
    )
