"""What a model predicts and how far it may be off, worked by hand."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from baskets.engine.crossvalidate import PRINTED, cell_weights, choose
from baskets.engine.predict import HeldOut, predict
from baskets.engine.response import Cells


def held_out(miss: list[float], *, se: float, leverage: float = 0.0) -> HeldOut:
    """Cells in two folds that miss by so much, each measured with the same error."""
    size = len(miss)
    return HeldOut(
        miss=np.array(miss),
        leverage=np.full(size, leverage),
        kept=np.ones(size),
        variance=np.full(size, se**2),
        fold=np.arange(size) % 2,
    )


def every(found: HeldOut) -> NDArray[np.bool_]:
    return np.ones(len(found.miss), dtype=bool)


def test_the_misfit_is_what_misses_leave_over_measurement() -> None:
    found = held_out([0.1, -0.1, 0.1, -0.1], se=0.06)
    assert found.misfit(every(found)) == pytest.approx(0.08, abs=1e-9)


def test_the_parameters_errors_are_no_misfit() -> None:
    # Misses vary by tau^2 + se^2 + (tau^2 + se^2) leverage = 1.25 (tau^2 + se^2).
    found = held_out([0.1, -0.1], se=0.04, leverage=0.25)
    assert found.misfit(every(found)) == pytest.approx(math.sqrt(0.008 - 0.0016), abs=1e-9)


def test_there_is_no_misfit_where_measurement_explains_the_misses() -> None:
    found = held_out([0.01, -0.02, 0.01, 0.0], se=0.03)
    assert found.misfit(every(found)) == 0


def test_coverage_judges_a_fold_by_the_misfit_of_the_others() -> None:
    # Folds miss by 0.1 and by 0.4: the first is inside the other's interval, the second is not.
    found = held_out([0.1, 0.4, -0.1, -0.4], se=0.01)
    assert found.coverage() == 0.5


def few() -> Cells:
    """Too few cells for a model: two on one eval, three on another, none on a third."""
    system = np.array([0, 1, 0, 1, 2], dtype=np.intp)
    item = np.array([0, 0, 1, 1, 1], dtype=np.intp)
    return Cells(system, item, np.array([0.2, 0.4, 0.5, 0.7, 0.9]), 3, 3)


def test_an_evals_mean_varies_by_its_own_cells_and_the_domains() -> None:
    cells = few()
    found = predict(cells, choose(cells, ["a", "b", "c"], ["x", "y", "z"]))
    np.testing.assert_allclose(found.points[2], [30, 70, 54])
    # Squares 0.02 and 0.08 over 3 degrees of freedom; x: one of its own and four of the domain's.
    single = (0.02 + 4 * 0.1 / 3) / 5
    stated = 100 * math.sqrt(single - PRINTED**2 + single / 2)
    np.testing.assert_allclose(found.stderr[:, 0], stated)
    # Nobody took z: its mean may lie as the others do, 30 and 70, around theirs.
    assert found.mean_stderr[2] == pytest.approx(20)


def test_a_cell_weighs_by_what_it_varies_by() -> None:
    cells = few()
    error = np.array([0.0, 0.1, 0.0, 0.0, 0.0])
    other = Cells(cells.system, cells.eval, cells.y, 3, 3, error)
    weights = cell_weights(other, 0.1)
    plain = 0.01 + PRINTED**2
    assert weights[0] / weights[1] == pytest.approx((plain + 0.01) / plain)
    assert weights.mean() == pytest.approx(1)
