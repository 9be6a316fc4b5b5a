"""The item-response fit against numerical derivatives and a general solver."""

import numpy as np
import pytest
from scipy.optimize import least_squares

from baskets.engine.crossvalidate import choose, eval_means, folds_of
from baskets.engine.newton import Blocks, Ridge, blocks_of, fit, loss_of
from baskets.engine.posterior import Posterior
from baskets.engine.response import (
    Array,
    Cells,
    Parameters,
    Penalties,
    add_factor,
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


def ones(cells: Cells, fits: int = 1) -> Array:
    return np.ones((fits, len(cells.y)))


def somewhere(cells: Cells, factors: int) -> Parameters:
    start = starting_point(cells, ones(cells))
    for _ in range(factors):
        start = add_factor(cells, start, ones(cells))
    return start


def blocks_at(cells: Cells, at: Parameters, newton: float) -> Blocks:
    ridge = Ridge.of(PENALTIES, 1, at.u.shape[2])
    weight = cells.grid(ones(cells))
    return blocks_of(at, at.grid(), cells.table, weight, ridge, np.array([newton]))


def by_eval(matrix: Array, cells: Cells, q: int) -> Array:
    """Rows and columns of a block matrix in the order of `flatten`, eval by eval."""
    top, e, r = cells.n_systems * q, cells.n_evals, q + 1
    order = np.concatenate([np.arange(top), top + np.arange(r * e).reshape(r, e).T.ravel()])
    return np.asarray(matrix[np.ix_(order, order)])


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
    blocks = blocks_at(cells, at, newton=0)
    dense = by_eval(blocks.dense(), cells, factors + 1)
    np.testing.assert_allclose(dense, jacobian.T @ jacobian, atol=1e-6)
    downhill = np.concatenate([blocks.downhill_systems.ravel(), blocks.downhill_evals.ravel()])
    np.testing.assert_allclose(downhill, -jacobian.T @ residuals(flat, cells, at), atol=1e-6)


@pytest.mark.parametrize("factors", [0, 1, 2])
def test_its_second_derivative_is_that_of_the_loss(factors: int) -> None:
    cells = world()
    at = somewhere(cells, factors)
    flat, step = flatten(at), 1e-4
    moves = step * np.eye(len(flat))

    def loss(where: Array) -> float:
        return float((residuals(where, cells, at) ** 2).sum()) / 2

    numerical = [
        [
            (loss(flat + a + b) - loss(flat + a - b) - loss(flat - a + b) + loss(flat - a - b))
            / (4 * step**2)
            for b in moves
        ]
        for a in moves
    ]
    dense = by_eval(blocks_at(cells, at, newton=1).dense(), cells, factors + 1)
    np.testing.assert_allclose(dense, numerical, atol=1e-5)


@pytest.mark.parametrize("factors", [0, 1, 2])
def test_it_reaches_the_minimum_that_a_general_solver_finds(factors: int) -> None:
    cells = world(2)
    start = somewhere(cells, factors)
    mine = fit(cells, start, PENALTIES, weights=ones(cells), tolerance=1e-14, steps=400)
    other = least_squares(residuals, flatten(start), args=(cells, start), xtol=1e-14, ftol=1e-14)
    ours = (residuals(flatten(mine), cells, start) ** 2).sum()
    assert ours == pytest.approx(2 * other.cost, rel=1e-6)


def test_it_arrives_so_closely_that_the_gradient_is_rounding() -> None:
    cells = world(2)
    mine = fit(cells, somewhere(cells, 1), PENALTIES, weights=ones(cells), tolerance=1e-12)
    blocks = blocks_at(cells, mine, newton=0)
    assert np.abs(blocks.downhill_systems).max() < 1e-9
    assert np.abs(blocks.downhill_evals).max() < 1e-9


def test_another_start_nearby_ends_within_a_millionth_of_a_point() -> None:
    cells = world(2)
    first = fit(cells, somewhere(cells, 1), PENALTIES, weights=ones(cells), tolerance=1e-12)
    random = np.random.default_rng(7)
    near = Parameters(
        u=first.u + 0.01 * random.standard_normal(first.u.shape),
        v=first.v + 0.01 * random.standard_normal(first.v.shape),
        b=first.b,
        centre=first.centre,
    )
    again = fit(cells, near, PENALTIES, weights=ones(cells), tolerance=1e-12)
    assert 100 * np.abs(again.grid() - first.grid()).max() < 1e-7


def test_a_step_does_not_depend_on_how_many_systems_are_taken_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells = world(5)
    blocks = blocks_at(cells, somewhere(cells, 2), newton=1)
    whole = blocks.step()
    monkeypatch.setattr("baskets.engine.newton.CHUNK", 1)
    assert len(list(blocks.chunks())) == cells.n_systems
    one_by_one = blocks.step()
    np.testing.assert_allclose(one_by_one.u, whole.u, atol=1e-9)
    np.testing.assert_allclose(one_by_one.items, whole.items, atol=1e-9)


def test_the_quadratic_foretells_the_fall_of_a_small_step() -> None:
    cells = world(5)
    at = somewhere(cells, 1)
    blocks = blocks_at(cells, at, newton=1)
    ridge = Ridge.of(PENALTIES, 1, 2)
    trial = blocks.damped(np.array([1e4]), ridge).step()
    weight = cells.grid(ones(cells))
    before, after = (loss_of(x, x.grid(), cells.table, weight, ridge) for x in (at, trial))
    np.testing.assert_allclose(blocks.foretold(trial), before - after, rtol=1e-3)


def test_several_fits_at_once_equal_each_alone() -> None:
    cells = world(3)
    weights = np.ones((3, len(cells.y)))
    weights[1, :4] = 0
    weights[2, 5:9] = 0
    start = starting_point(cells, weights)
    ridges = [PENALTIES, PENALTIES.stronger(3), Penalties()]
    together = fit(cells, start, ridges, weights=weights, tolerance=0, steps=80)
    for n, ridge in enumerate(ridges):
        one = start.take([n])
        alone = fit(cells, one, ridge, weights=weights[n : n + 1], tolerance=0, steps=80)
        np.testing.assert_allclose(together.grid()[n], alone.grid()[0], atol=1e-8)


def test_a_cell_of_weight_zero_has_no_influence() -> None:
    cells = world(4)
    weights = np.ones((1, len(cells.y)))
    weights[0, 0] = 0
    moved = Cells(cells.system, cells.eval, cells.y.copy(), 7, 5)
    moved.y[0] = 1 - moved.y[0]
    fits = [
        fit(c, starting_point(c, weights), PENALTIES, weights=weights, tolerance=1e-12).grid()
        for c in (cells, moved)
    ]
    np.testing.assert_array_equal(fits[0], fits[1])


@pytest.mark.parametrize("factors", [0, 2])
def test_variances_by_blocks_are_those_of_the_whole_inverse(factors: int) -> None:
    cells, q = world(6), factors + 1
    at = fit(cells, somewhere(cells, factors), PENALTIES, weights=ones(cells), tolerance=1e-9)
    posterior = Posterior.of(cells, at, PENALTIES, ones(cells))
    inverse = by_eval(np.asarray(np.linalg.inv(posterior.blocks.dense())), cells, q)
    found = posterior.variance()[0]
    top = cells.n_systems * q
    for (s, e), value in np.ndenumerate(found):
        x = np.zeros(len(inverse))
        x[s * q : s * q + q] = at.v[0, e]
        x[top + e * (q + 1) : top + (e + 1) * (q + 1)] = [*at.u[0, s], 1.0]
        assert value == pytest.approx(x @ inverse @ x, rel=1e-9)


@pytest.mark.parametrize("factors", [0, 2])
def test_solving_by_blocks_is_solving_the_whole(factors: int) -> None:
    cells, q = world(6), factors + 1
    posterior = Posterior.of(cells, somewhere(cells, factors), PENALTIES, ones(cells))
    random = np.random.default_rng(9)
    systems = random.standard_normal((cells.n_systems, q, 4))
    evals = random.standard_normal((q + 1, cells.n_evals, 4))
    found = np.concatenate([x.reshape(-1, 4) for x in posterior.solve(systems, evals)])
    whole = np.concatenate([systems.reshape(-1, 4), evals.reshape(-1, 4)])
    np.testing.assert_allclose(posterior.blocks.dense() @ found, whole, atol=1e-9)


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
    chosen = choose(few, [f"s{n}" for n in range(7)], [f"e{n}" for n in range(5)])
    assert (chosen.entry, chosen.parameters) == ("eval-mean", None)
