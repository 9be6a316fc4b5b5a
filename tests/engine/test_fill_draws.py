"""Draws of fills: jointly, from the parameters' covariance, and with the observed cells."""

import numpy as np
import pytest

from baskets.engine import Problem
from baskets.engine.draws import Source
from baskets.engine.fill_draws import FillDraws
from baskets.engine.impute import DomainFit, fit_domain
from baskets.engine.response import Array
from tests.engine.problems import Json
from tests.engine.test_imputation import sigmoid_world

MANY = 20_000


def fitted(problem: Json, stderr: float) -> DomainFit:
    """The only domain of a problem, every score with the same standard error."""
    for score in problem["scores"]:
        score["stderr"] = stderr
    return fit_domain(Problem.from_json(problem), "capability", set())


def normalised(drawn: Array, stated: Array) -> Array:
    """Sample covariance less the stated one, in standard deviations: correlations that are off."""
    scale = np.sqrt(np.diag(stated))
    return np.asarray((np.cov(drawn) - stated) / np.outer(scale, scale))


def test_parameters_are_drawn_with_their_stated_covariance() -> None:
    fit = fitted(sigmoid_world()[0], stderr=4)
    posterior = fit.predicted.posterior
    assert posterior is not None
    moves = FillDraws(fit, Source("seed", MANY)).moves
    assert moves is not None
    systems, evals = moves
    drawn = np.concatenate([systems.reshape(-1, MANY), evals.reshape(-1, MANY)])
    stated = np.asarray(fit.predicted.phi * np.linalg.inv(posterior.blocks.dense()))
    # A correlation from 20,000 draws has a standard error of 0.007, and there are thousands.
    assert np.abs(normalised(drawn, stated)).max() < 0.04


def test_a_system_lucky_where_it_was_measured_is_drawn_luckier_where_it_was_not() -> None:
    problem, hidden = sigmoid_world()
    fit = fitted(problem, stderr=4)
    source = Source("seed", MANY)
    system, name = next(iter(hidden))
    seen = [s["eval"] for s in problem["scores"] if s["system"] == system]
    luck = source.rows(("score", system), seen).mean(axis=0)
    filled = FillDraws(fit, source).points(fit.systems.index(system), [fit.evals.index(name)])[0]
    assert np.corrcoef(luck, filled)[0, 1] > 0.3


def test_the_draws_of_a_fill_do_not_depend_on_what_else_is_asked_for() -> None:
    fit = fitted(sigmoid_world()[0], stderr=4)
    alone = FillDraws(fit, Source("seed", 50)).points(4, [7])
    among = FillDraws(fit, Source("seed", 50))
    among.points(9, [0, 1])
    np.testing.assert_array_equal(among.points(4, [2, 7, 3])[1], alone[0])


@pytest.mark.parametrize("shuffled", [False, True])
def test_fills_spread_as_their_stated_errors(shuffled: bool) -> None:
    fit = fitted(sigmoid_world(shuffled=shuffled)[0], stderr=1)
    columns = list(range(len(fit.evals)))
    draws = FillDraws(fit, Source("seed", 4000))
    for row in range(len(fit.systems)):
        stated, points = fit.predicted.stderr[row], fit.predicted.points[row]
        middle = np.minimum(points, 100 - points) > 3 * stated
        ratio = draws.points(row, columns).std(axis=1)[middle] / stated[middle]
        assert (np.abs(ratio - 1) < 0.15).all()


def test_a_mean_is_drawn_with_its_stated_error() -> None:
    fit = fitted(sigmoid_world(shuffled=True)[0], stderr=2)
    assert fit.chosen.entry == "eval-mean"
    drawn = FillDraws(fit, Source("seed", MANY)).means
    assert drawn is not None
    np.testing.assert_allclose(100 * drawn.std(axis=1), fit.predicted.mean_stderr, rtol=0.05)
