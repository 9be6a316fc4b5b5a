"""The item-response fit against numerical derivatives and a general solver."""

import numpy as np
import pytest
from scipy.optimize import least_squares

from baskets.engine.crossvalidate import choose, eval_means, folds_of
from baskets.engine.response import (
    Array,
    Cells,
    Parameters,
    Penalties,
    add_factor,
    fit,
    normal_equations,
    sigmoid,
    starting_point,
)

PENALTIES = Penalties(ability=0.01, slope=0.02, easiness=0.03, factor=0.04)


def world(seed: int = 1) -> Cells:
    random = np.random.default_rng(seed)
    system, item = np.nonzero(random.random((7, 5)) < 0.8)
    ability, easiness = random.normal(size=7), random.normal(size=5)
    y = sigmoid(ability[system] + easiness[item]) * 0.9 + 0.1 * random.random(len(system))
    return Cells(system.astype(np.intp), item.astype(np.intp), y, 7, 5)


def residuals(flat: Array, cells: Cells, like: Parameters) -> Array:
    """Residuals and ridge terms as one vector, written out without blocks."""
    s, q = like.u.shape[1:]
    e = like.v.shape[1]
    u = flat[: s * q].reshape(s, q)
    rest = flat[s * q :].reshape(e, q + 1)
    v, b = rest[:, :q], rest[:, q]
    z = b[cells.eval] + (u[cells.system] * v[cells.eval]).sum(axis=1)
    p, centre = PENALTIES, np.array([1.0] + [0.0] * (q - 1))
    ridge_u = np.sqrt([p.ability] + [p.factor] * (q - 1))
    ridge_v = np.sqrt([p.slope] + [p.factor] * (q - 1))
    extra = [(ridge_u * u).ravel(), (ridge_v * (v - centre)).ravel()]
    extra.append(np.sqrt(p.easiness) * (b - like.centre[0]))
    return np.concatenate([cells.y - sigmoid(z), *extra])


def flatten(parameters: Parameters) -> Array:
    rest = np.concatenate([parameters.v[0], parameters.b[0][:, None]], axis=1)
    return np.concatenate([parameters.u[0].ravel(), rest.ravel()])


def somewhere(cells: Cells, factors: int) -> Parameters:
    start = starting_point(cells)
    for _ in range(factors):
        start = add_factor(cells, start)
    return start


@pytest.mark.parametrize("factors", [0, 1, 2])
def test_its_jacobian_is_the_numerical_one(factors: int) -> None:
    cells = world()
    at = somewhere(cells, factors)
    flat, step = flatten(at), 1e-6
    columns = [
        (residuals(flat + d, cells, at) - residuals(flat - d, cells, at)) / (2 * step)
        for d in step * np.eye(len(flat))
    ]
    jacobian = np.stack(columns, axis=1)
    equations = normal_equations(cells, at, PENALTIES, np.ones((1, len(cells.y))))
    np.testing.assert_allclose(equations.dense(), jacobian.T @ jacobian, atol=1e-6)
    downhill = np.concatenate(
        [equations.downhill_systems.ravel(), equations.downhill_evals.ravel()]
    )
    np.testing.assert_allclose(downhill, -jacobian.T @ residuals(flat, cells, at), atol=1e-6)


@pytest.mark.parametrize("factors", [0, 1, 2])
def test_it_reaches_the_minimum_that_a_general_solver_finds(factors: int) -> None:
    cells = world(2)
    start = somewhere(cells, factors)
    mine = fit(
        cells, start, PENALTIES, weights=np.ones((1, len(cells.y))), tolerance=1e-14, steps=400
    )
    other = least_squares(residuals, flatten(start), args=(cells, start), xtol=1e-14, ftol=1e-14)
    ours = (residuals(flatten(mine), cells, start) ** 2).sum()
    assert ours == pytest.approx(2 * other.cost, rel=1e-6)


def test_several_fits_at_once_equal_each_alone() -> None:
    cells = world(3)
    weights = np.ones((3, len(cells.y)))
    weights[1, :4] = 0
    weights[2, 5:9] = 0
    start = starting_point(cells)
    together = fit(cells, start.repeated(3), PENALTIES, weights=weights, tolerance=0, steps=80)
    for n in range(3):
        alone = fit(cells, start, PENALTIES, weights=weights[n : n + 1], tolerance=0, steps=80)
        np.testing.assert_allclose(together.grid()[n], alone.grid()[0], atol=1e-8)


def test_a_cell_of_weight_zero_has_no_influence() -> None:
    cells = world(4)
    weights = np.ones((1, len(cells.y)))
    weights[0, 0] = 0
    moved = Cells(cells.system, cells.eval, cells.y.copy(), 7, 5)
    moved.y[0] = 1 - moved.y[0]
    start = starting_point(cells)
    fits = [
        fit(c, start, PENALTIES, weights=weights, tolerance=1e-12).grid() for c in (cells, moved)
    ]
    np.testing.assert_array_equal(fits[0], fits[1])


def test_eval_means_leave_held_out_cells_out() -> None:
    index = np.array([0, 1, 2], dtype=np.intp)
    cells = Cells(index, np.zeros(3, dtype=np.intp), np.array([0.1, 0.2, 0.6]), 3, 2)
    means = eval_means(cells, np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]))
    # The second eval was never seen: it takes the overall mean.
    np.testing.assert_allclose(means, [[0.15, 0.15], [0.3, 0.3]])


def test_folds_depend_on_the_cell_alone() -> None:
    names = [(f"s{n}", f"e{n % 7}") for n in range(400)]
    folds = folds_of(names)
    np.testing.assert_array_equal(folds_of(names[::-1]), folds[::-1])
    assert np.bincount(folds, minlength=5).min() > 50


def test_too_few_cells_are_not_modelled() -> None:
    cells = world()
    few = Cells(cells.system[:6], cells.eval[:6], cells.y[:6], 7, 5)
    chosen = choose(few, folds_of([("s", str(n)) for n in range(6)]), PENALTIES)
    assert (chosen.entry, chosen.parameters) == ("eval-mean", None)
