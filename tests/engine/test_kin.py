"""Residual smoothing over a developer's systems in time."""

import numpy as np
import pytest

from baskets.engine.kin import RANGE_DAYS, REACH, Kin


def kernel(kin: Kin) -> list[list[float]]:
    return [[float(x) for x in row] for row in kin.kernel.toarray()]


def test_only_systems_of_one_developer_are_kin_and_nobody_of_itself() -> None:
    found = kernel(Kin.of(["a", "b", "a", None], [0.0, 0.0, RANGE_DAYS, 0.0]))
    near = pytest.approx(np.exp(-1))
    assert found == [[0, 0, near, 0], [0, 0, 0, 0], [near, 0, 0, 0], [0, 0, 0, 0]]


def test_a_system_without_a_date_has_no_kin() -> None:
    assert not Kin.of(["a", "a"], [0.0, None]).any


def test_it_sums_residuals_and_weights_of_kin_on_the_same_eval() -> None:
    kin = Kin.of(["a", "a", "a"], [0.0, 0.0, 0.0])
    residual = np.array([[[0.2, 0.0], [0.0, 0.1], [0.4, 0.0]]])
    seen = np.array([[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]])
    near, weight = kin.around(residual, seen)
    np.testing.assert_allclose(near[0], [[0.4, 0.1], [0.6, 0.0], [0.2, 0.1]])
    np.testing.assert_allclose(weight[0], [[1, 1], [2, 0], [1, 1]])


def test_kin_reach_only_so_many_releases() -> None:
    size = 3 * REACH
    kin = Kin.of(["a"] * size, [0.0] * size)
    assert kin.kernel.nnz == 2 * sum(size - gap for gap in range(1, REACH + 1))


def test_the_kin_of_some_systems_are_those_among_them() -> None:
    kin = Kin.of(["a", "b", "a", "a"], [0.0, 0.0, 0.0, 0.0])
    some = kin.of_rows(np.array([1, 2, 3]))
    assert kernel(some) == [[0, 0, 0], [0, 0, 1], [0, 1, 0]]
