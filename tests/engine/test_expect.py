"""What is expected of one more measurement of a cell, by hand and against fits without it."""

from dataclasses import replace

import numpy as np
import pytest

from baskets.engine.crossvalidate import FIRST_MISFIT, cell_weights
from baskets.engine.expect import Expected, Recorded, expected_of
from baskets.engine.impute import DomainTable
from baskets.engine.kin import Kin
from baskets.engine.newton import fit
from baskets.engine.predict import POOLED
from baskets.engine.response import Array, Cells, Penalties, starting_point
from tests.bench.imputation import drawn

ONE = Recorded("one-dimensional", Penalties(), None)
MEANS = Recorded("eval-mean", Penalties(), None)


def table(cells: Cells, kin: Kin | None = None) -> DomainTable:
    """Cells with names, and nobody kin of anybody."""
    nobody = Kin.of([None] * cells.n_systems, [None] * cells.n_systems)
    rows = tuple(f"s{n}" for n in range(cells.n_systems))
    columns = tuple(f"e{n}" for n in range(cells.n_evals))
    return DomainTable(rows, columns, cells, kin or nobody)


def small() -> Cells:
    """Forty systems of a one-factor world on a hundred evals."""
    return drawn(40)[0]


def without(cells: Cells, n: int) -> Array:
    """Points (S, E) by the one-dimensional fit that never saw a cell."""
    weights = cell_weights(cells, FIRST_MISFIT)[None].copy()
    weights[0, n] = 0
    start = starting_point(cells, weights)
    found = fit(cells, start, ONE.penalties, weights=weights, tolerance=1e-12, steps=100)
    return np.asarray(100 * found.grid()[0])


def test_a_measured_cell_is_expected_as_by_the_fit_without_it() -> None:
    cells = small()
    found = expected_of(table(cells), ONE).points
    picked = np.random.default_rng(1).choice(len(cells.y), 40, replace=False)
    at = [(cells.system[n], cells.eval[n]) for n in picked]
    exact = np.array([without(cells, n)[cell] for n, cell in zip(picked, at, strict=True)])
    close = np.array([found[cell] for cell in at])
    measured = 100 * cells.y[picked]
    # Far closer to each other than the fit without the cell is to what was measured there.
    assert np.median(np.abs(close - exact)) < 0.05
    assert np.sqrt(np.mean((close - exact) ** 2)) < 0.5
    assert np.sqrt(np.mean((exact - measured) ** 2)) > 4


def test_a_cell_that_was_not_measured_is_expected_as_by_the_fit() -> None:
    cells = small()
    weights = cell_weights(cells, FIRST_MISFIT)[None]
    start = starting_point(cells, weights)
    exact = fit(cells, start, ONE.penalties, weights=weights, tolerance=1e-12, steps=100)
    found = expected_of(table(cells), ONE)
    gaps = np.isnan(found.counted)
    assert gaps.sum() == 4000 - len(cells.y)
    assert found.points[gaps] == pytest.approx(100 * exact.grid()[0][gaps], abs=1e-4)


def test_a_wrong_score_does_not_vouch_for_itself() -> None:
    cells = small()
    y = cells.y.copy()
    worst = int(np.argmin(y))
    y[worst] = 1.0
    at = (cells.system[worst], cells.eval[worst])
    before = expected_of(table(cells), ONE).points[at]
    after = expected_of(table(replace(cells, y=y)), ONE).points[at]
    # The fit without it is another one only in the weights; with it, it would move by far more.
    assert abs(after - before) < 5


def z_of(found: Expected, cells: Cells) -> Array:
    """How many standard deviations each measured cell lies from what is expected of it."""
    at = (cells.system, cells.eval)
    assert cells.error is not None
    miss = found.counted[at] - found.points[at]
    sd = np.where(miss < 0, found.below[at], found.above[at])
    return np.asarray(miss / np.hypot(sd, 100 * cells.error))


@pytest.mark.parametrize("recorded", [ONE, replace(ONE, entry="two-factor"), MEANS])
def test_measured_cells_lie_as_far_off_as_is_stated(recorded: Recorded) -> None:
    cells = drawn(120)[0]
    found = z_of(expected_of(table(cells), recorded), cells)
    assert np.sqrt(np.mean(found**2)) == pytest.approx(1, abs=0.06)
    assert np.mean(np.abs(found) > 1.959964) == pytest.approx(0.05, abs=0.02)


def test_an_eval_that_follows_no_other_is_judged_less_strictly() -> None:
    cells = drawn(120)[0]
    wild = cells.eval == 7
    y = cells.y.copy()
    y[wild] = np.random.default_rng(2).permutation(np.linspace(0, 1, int(wild.sum())))
    sd = expected_of(table(replace(cells, y=y)), ONE).above
    assert sd[:, 7].mean() > 2 * np.median(sd)


def test_kin_move_an_expectation_towards_their_own_misses() -> None:
    # Systems 0 and 1 are of one maker and a month apart; the first does better than expected.
    cells, makers = small(), ["maker", "maker", *[None] * 38]
    plain = expected_of(table(cells), ONE)
    open_to = ~np.isnan(plain.counted[0]) & np.isnan(plain.counted[1])
    item = int(np.argmin(np.where(open_to, np.abs(plain.points[1] - 50), np.inf)))
    better = np.where((cells.system == 0) & (cells.eval == item), cells.y + 0.3, cells.y)
    changed = replace(cells, y=np.minimum(better, 1))
    alone = expected_of(table(changed), ONE)
    kin = Kin.of(makers, [0.0, 30.0, *[None] * 38])
    kept = expected_of(table(changed, kin), replace(ONE, shrink=0.5))
    assert kept.points[1, item] > alone.points[1, item] + 5
    assert kept.above[1, item] < alone.above[1, item]


def test_an_evals_other_cells_predict_one_where_the_mean_does() -> None:
    system, item = np.array([0, 1, 2, 0, 1]), np.array([0, 0, 0, 1, 1])
    y = np.array([0.2, 0.4, 0.9, 0.5, 0.7])
    cells = Cells(system.astype(np.intp), item.astype(np.intp), y, 3, 3)
    found = expected_of(table(cells), MEANS)
    assert found.points[2, 0] == pytest.approx(30) and found.points[0, 1] == pytest.approx(70)
    assert found.points[2, 1] == pytest.approx(60)
    # Of the two others the squares sum to 0.02; the domain's variance is (0.26 + 0.02) / 3. Five
    # degrees of freedom make the mean of the variance 5 / 3 of the mean square.
    single = (0.02 + POOLED * 0.28 / 3) / (1 + POOLED - 2)
    assert found.below[2, 0] == pytest.approx(100 * np.sqrt(single * 1.5))
    # Nobody took the third eval: all that is known is the mean of everything.
    assert found.points[0, 2] == pytest.approx(54) and found.above[0, 2] > 28
    assert np.isnan(found.counted[0, 2]) and np.isnan(found.error[2])
