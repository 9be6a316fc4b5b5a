"""Section 6: the standard error of one measurement."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baskets.engine import MeasurementError, Problem
from baskets.engine.measurement import jeffreys, measurement_errors
from tests.engine.problems import Json, dense


def error(problem: Json, system: str, name: str) -> MeasurementError:
    return measurement_errors(Problem.from_json(problem))[system, name]


def with_score(**more: object) -> Json:
    problem = dense()
    problem["scores"][0] |= more
    return problem


def test_jeffreys_error_by_hand() -> None:
    # 5 of 10: Beta(5.5, 5.5), variance 5.5 5.5 / (11^2 12) = 1 / 48
    assert jeffreys(0.5, 10) == pytest.approx(math.sqrt(1 / 48))
    # 0 of 10: Beta(0.5, 10.5), variance 0.5 10.5 / (11^2 12)
    assert jeffreys(0, 10) == pytest.approx(math.sqrt(5.25 / 1452))


@given(st.floats(0, 1), st.floats(1, 1e5))
def test_jeffreys_error_is_positive_and_the_same_for_failures(share: float, n: float) -> None:
    assert 0 < jeffreys(share, n) <= math.sqrt(1 / 8) + 1e-12
    assert jeffreys(share, n) == pytest.approx(jeffreys(1 - share, n), rel=1e-6)


def test_a_published_error_comes_first() -> None:
    found = error(with_score(stderr=1.5, n_items=10), "old", "a")
    assert (found.stderr, found.basis) == (1.5, "published")


def test_then_the_number_of_items_in_the_unit_of_the_eval() -> None:
    found = error(with_score(n_items=10), "old", "a")
    assert found.basis == "items"
    assert found.stderr == pytest.approx(100 * math.sqrt(1 / 48))


def test_then_the_default_of_the_eval_and_it_is_marked() -> None:
    problem = dense()
    problem["evals"][0]["stderr"] = 4
    found = error(problem, "old", "a")
    assert (found.stderr, found.basis) == (4, "default")


def test_then_the_usual_error_of_that_eval() -> None:
    found = error(with_score(stderr=1.5), "new", "a")
    assert (found.stderr, found.basis) == (1.5, "default")


def test_at_last_three_points() -> None:
    # b runs from 20 to 100, so 3 points are 2.4 of its units.
    found = error(dense(), "old", "b")
    assert found.stderr == pytest.approx(2.4)
    assert found.basis == "default"


def test_items_say_nothing_about_an_open_scale() -> None:
    problem = with_score(n_items=10)
    problem["evals"][0]["upper"] = None
    assert error(problem, "old", "a").basis == "default"
