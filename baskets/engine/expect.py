"""What a fitted model expects of one more measurement of a cell, measured already or not.

A cell that was measured is predicted by the fit without it, so that a wrong score cannot vouch for
itself. No fit is repeated for that: in ridge least squares, linear at the minimum, leaving out cell
i of weight w_i moves the logit z_i of its prediction p_i, and the variance that the parameters give
it, to

    z_i - w_i a_i s_i (y_i - p_i) / (1 - h_i)    and    phi a_i / (1 - h_i),    h_i = w_i a_i s_i^2,

a_i being the variance of z_i at unit residual variance (posterior.py) and s_i the slope of p_i in
z_i. A measurement without error of its own misses by the eval's misfit as well. Its square is what
the squared misses of the eval's other cells, each left out, hold beyond what their parameters and
their own errors explain, mixed with the domain's as POOLED cells: an eval that follows the others
closely is judged more strictly than one that does not. An eval that the mean alone predicts gets
the same from its other cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from baskets.engine.crossvalidate import (
    FIRST_MISFIT,
    MENU,
    PRINTED,
    ROUGH,
    ROUGH_STEPS,
    TIGHT,
    TIGHT_STEPS,
    cell_weights,
)
from baskets.engine.impute import DomainTable, domain_table
from baskets.engine.measurement import MeasurementErrors
from baskets.engine.newton import fit
from baskets.engine.posterior import Posterior
from baskets.engine.predict import POOLED, UNKNOWN, HeldOut, residual_variance
from baskets.engine.problem import Problem
from baskets.engine.response import (
    Array,
    Cells,
    Parameters,
    Penalties,
    add_factor,
    logit,
    sigmoid,
    starting_point,
)

# A cell that decides its own prediction nearly alone leaves nothing to predict it from.
MOST_LEVERAGE = 0.95
# Shares nearer to 0 and 1 than this are as good as 0 and 1.
EDGE = 1e-9
# How many deviations of a logit tell how far its share may reach.
REACH = 4.0
# However well an eval fits, its misfit is this share of the domain's at least (of its square).
LEAST_MISFIT = 0.25


@dataclass(frozen=True)
class Recorded:
    """The model of a domain as a release records it: menu entry, ridges, shrinkage of kin."""

    entry: str
    penalties: Penalties
    shrink: float | None

    @staticmethod
    def of(report: Mapping[str, Any]) -> "Recorded":
        """From a domain's entry in the answer's `imputation`."""
        return Recorded(
            report["chosen"], Penalties(**report["penalties"]), report.get("kin_shrink")
        )


@dataclass(frozen=True)
class Expected:
    """Of every cell (S, E) of a domain, the points that a measurement is expected to give.

    below, above: (S, E) standard deviations in points between that and a measurement without error
    of its own that lies below it, or above. counted: (S, E) points of the measured cells. error:
    (E,) median error in points of the eval's measurements. Both are NaN where nothing was measured.
    """

    systems: tuple[str, ...]
    evals: tuple[str, ...]
    points: Array
    below: Array
    above: Array
    counted: Array
    error: Array


def expect(
    problem: Problem,
    domain: str,
    recorded: Recorded,
    *,
    errors: MeasurementErrors | None = None,
) -> Expected:
    """What the recorded model, fitted to the problem's scores, expects in a domain.

    errors: of the scores, where they are at hand already.
    """
    wanted = {name for basket in problem.baskets for name in basket.weights}
    return expected_of(domain_table(problem, domain, wanted, errors=errors), recorded)


def expected_of(table: DomainTable, recorded: Recorded) -> Expected:
    """The same for cells that are at hand."""
    cells = table.cells
    means = recorded.entry == MENU[0]
    shares, below, above = _of_means(cells) if means else _of_model(table, recorded)
    return Expected(
        systems=table.systems,
        evals=table.evals,
        points=100 * shares,
        below=100 * np.sqrt(below),
        above=100 * np.sqrt(above),
        counted=np.where(cells.grid(np.ones(len(cells.y))) > 0, 100 * cells.table, np.nan),
        error=100 * _median_errors(cells),
    )


@dataclass(frozen=True)
class _Left:
    """Each cell as the fit without it sees it, (S, E): share, its slope in the logit, variance of
    the logit at unit residual variance, the share of the misfit that is left once kin are known."""

    share: Array
    slope: Array
    logit: Array
    logit_variance: Array
    kept: Array

    @property
    def leverage(self) -> Array:
        """Variance of the share at unit residual variance, to first order."""
        return np.asarray(self.logit_variance * self.slope**2)

    def reach(self, phi: float) -> tuple[Array, Array]:
        """Variances of the share below and above it, by logits REACH deviations away.

        Near 0 and 1 the first order would say that nothing else is possible, however little is
        known of the logit.
        """
        far = REACH * np.sqrt(phi * self.logit_variance)
        middle = sigmoid(self.logit)
        low, high = sigmoid(self.logit - far), sigmoid(self.logit + far)
        return ((middle - low) / REACH) ** 2, ((high - middle) / REACH) ** 2


def _of_model(table: DomainTable, recorded: Recorded) -> tuple[Array, Array, Array]:
    """(shares, variances below and above them) (S, E) of a model with parameters."""
    cells = table.cells
    left = _left_out(table, recorded)
    at = (cells.system, cells.eval)
    own = _own_variance(cells)
    miss = cells.y - left.share[at]
    held = HeldOut(miss, left.leverage[at], left.kept[at], own, np.arange(len(miss)))
    domain = held.misfit(np.ones(len(miss), dtype=bool))
    phi = residual_variance(domain, own)
    excess = (miss**2 - own - phi * left.leverage[at]) / left.kept[at]
    misfit = _misfit(cells, excess, domain**2)
    below, above = left.reach(phi)
    return left.share, misfit * left.kept + below, misfit * left.kept + above


def _left_out(table: DomainTable, recorded: Recorded) -> _Left:
    cells = table.cells
    weights = cell_weights(cells, FIRST_MISFIT)
    parameters = _fitted(cells, recorded, weights[None])
    plain = parameters.grid()[0]
    posterior = Posterior.of(cells, parameters, recorded.penalties, weights[None])
    variance, slope = posterior.variance()[0], plain * (1 - plain)
    seen = cells.grid(np.ones(len(cells.y)))
    residual = seen * (cells.table - plain)
    weight = cells.grid(weights)
    own = np.minimum(weight * variance * slope**2, MOST_LEVERAGE)
    middle = logit(np.clip(plain, EDGE, 1 - EDGE))
    middle -= weight * variance * slope * residual / (1 - own)
    share = sigmoid(middle)
    kept = np.ones_like(share)
    if recorded.shrink is not None:
        near, kin = (found[0] for found in table.kin.around(residual[None], seen[None]))
        share = np.clip(share + near / (kin + recorded.shrink), 0.0, 1.0)
        kept = (1 + 1 / (kin + recorded.shrink)) / (1 + 1 / recorded.shrink)
    return _Left(share, slope, middle, variance / (1 - own), kept)


def _fitted(cells: Cells, recorded: Recorded, weights: Array) -> Parameters:
    """The recorded entry at the minimum that the climb through the menu reaches."""
    found = starting_point(cells, weights)
    ridge = recorded.penalties
    for factor in range(MENU.index(recorded.entry)):
        if factor:
            found = add_factor(cells, found, weights)
        found = fit(cells, found, ridge, weights=weights, tolerance=ROUGH, steps=ROUGH_STEPS)
    return fit(cells, found, ridge, weights=weights, tolerance=TIGHT, steps=TIGHT_STEPS)


def _misfit(cells: Cells, excess: Array, domain: float) -> Array:
    """Squared misfit (S, E) of a cell's eval by its other cells; excess: (n,) of the cells."""
    total, count = _by_eval(cells, excess), _by_eval(cells, np.ones(len(excess)))
    whole = np.tile((total + POOLED * domain) / _known_by(count), (cells.n_systems, 1))
    others = (total[cells.eval] - excess + POOLED * domain) / _known_by(count[cells.eval] - 1)
    whole[cells.system, cells.eval] = others
    return np.maximum(whole, max(LEAST_MISFIT * domain, PRINTED**2))


def _known_by(cells: Array) -> Array:
    """By what a sum of squares is divided where so many cells and POOLED of the domain make it up.

    Two less than they are: that is the mean of a variance known by so few (of an inverse
    chi-square), and an eval with few cells may well differ from the domain's.
    """
    return np.asarray(cells + POOLED - 2)


def _of_means(cells: Cells) -> tuple[Array, Array, Array]:
    """(shares, variances below and above) (S, E) where an eval's other cells' mean predicts one."""
    count, total = _by_eval(cells, np.ones(len(cells.y))), _by_eval(cells, cells.y)
    mean = total / np.maximum(count, 1)
    square = _by_eval(cells, (cells.y - mean[cells.eval]) ** 2)
    free = len(cells.y) - np.count_nonzero(count)
    pooled = square.sum() / free if free > 0 else UNKNOWN**2
    overall = cells.y.mean() if len(cells.y) else 0.5
    seen = cells.grid(np.ones(len(cells.y)))
    others = count - seen
    share = np.where(others > 0, (total - cells.table) / np.maximum(others, 1), overall)
    gap = seen * (cells.table - mean) ** 2 * count / np.maximum(others, 1)
    square = np.maximum(square - gap, 0) + POOLED * pooled
    single = square / _known_by(np.maximum(others - 1, 0))
    # Of an eval that nobody else took, not even the mean is known.
    mean_error = np.where(others > 0, single / np.maximum(others, 1), UNKNOWN**2)
    return share, single + mean_error, single + mean_error


def _by_eval(cells: Cells, values: Array) -> Array:
    return np.bincount(cells.eval, weights=values, minlength=cells.n_evals).astype(np.float64)


def _own_variance(cells: Cells) -> Array:
    error = np.zeros(len(cells.y)) if cells.error is None else cells.error
    return np.asarray(error**2 + PRINTED**2)


def _median_errors(cells: Cells) -> Array:
    """Median error (E,) of the measurements of each eval, as a share."""
    found = np.full(cells.n_evals, np.nan)
    if cells.error is not None:
        for item in np.unique(cells.eval):
            found[item] = np.median(cells.error[cells.eval == item])
    return found
