"""Section 6: intervals and paired comparisons."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings

from baskets.engine import Problem, Replicates, compute, prepare, replicates_of
from baskets.engine.errors import UndefinedComparison
from tests.engine.problems import Json, answer_to, cells, changed, dense, item, linked, there
from tests.engine.test_identities import problems
from tests.engine.test_imputation import sigmoid_world

# Monte Carlo error of a 97.5 percentile from 4000 normal draws is about 2.5% of the half-width.
MANY, CLOSE = 4000, 0.08


def with_errors(problem: Json, errors: dict[tuple[str, str], float]) -> Json:
    """Every score with a known standard error, 0 unless given."""
    problem = changed(problem, replicates=MANY)
    for score in problem["scores"]:
        score["stderr"] = errors.get((score["system"], score["eval"]), 0)
    return problem


def half_width(problem: Json, system: str, series: str = "headline", basket: str = "v1") -> float:
    point = answer_to(problem).point_at[system, series, basket]
    assert point.low is not None and point.high is not None
    return (point.high - point.low) / 2


def redrawn(problem: Json) -> Replicates:
    return replicates_of(prepare(Problem.from_json(problem)))


def test_without_replicates_there_is_no_interval() -> None:
    answer = answer_to(dense())
    assert {(p.low, p.high) for p in answer.points} == {(None, None)}
    assert answer.errors == ()


def test_without_any_error_the_interval_has_no_width() -> None:
    answer = answer_to(with_errors(dense(), {}))
    for point in answer.points:
        assert point.low == pytest.approx(point.value) == point.high


def test_one_uncertain_score_moves_the_index_by_weight_and_price() -> None:
    # k w se = 100 / 54 0.4 2
    width = half_width(with_errors(dense(), {("new", "a"): 2}), "new")
    assert width == pytest.approx(1.96 * 0.8 / 0.54, rel=CLOSE)


def test_two_uncertain_scores_add_in_squares() -> None:
    width = half_width(
        with_errors(dense(), {("new", "a"): 2, ("old", "a"): 0, ("new", "c"): 3}), "new"
    )
    assert width == pytest.approx(1.96 * math.hypot(0.8, 1.2) / 0.54, rel=CLOSE)


def test_the_base_is_redrawn_too_but_stays_100() -> None:
    problem = with_errors(dense(), {("old", "a"): 2})
    # I = 100 88 / L_0, so dI = 100 88 / 54^2 dL_0.
    assert half_width(problem, "new") == pytest.approx(1.96 * 8800 / 54**2 * 0.8, rel=CLOSE)
    assert half_width(problem, "old") == pytest.approx(0, abs=1e-9)


def test_link_systems_are_redrawn_too() -> None:
    problem = with_errors(linked(), {("mid", "b"): 4})
    # new's own scores are certain; the anchor moves by w se / 2 = 1, at k = 100 / 45.
    width = half_width(problem, "new", basket="v2")
    assert width == pytest.approx(1.96 * 100 / 45, rel=CLOSE)


def test_an_error_in_the_unit_becomes_one_in_points() -> None:
    # b runs from 20 to 100: 1.6 units are 2 points.
    problem = dense()
    problem["scores"][4]["value"] = 80
    width = half_width(with_errors(problem, {("new", "b"): 1.6}), "new")
    assert width == pytest.approx(1.96 * 0.2 * 2 / 0.54, rel=CLOSE)


def test_log_scores_are_redrawn_on_the_log_scale() -> None:
    problem = dense()
    problem["evals"][0] |= {"scale": "log", "floor": 1, "ceiling": 100}
    # se 8 at 80 is 0.1 in ln x, of which ln 100 make 100 points; base a is at ln 50 / ln 100.
    points = 0.1 * 100 / math.log(100)
    base = 0.4 * 100 * math.log(50) / math.log(100) + 10 + 24
    width = half_width(with_errors(problem, {("new", "a"): 8}), "new")
    assert width == pytest.approx(1.96 * 0.4 * points * 100 / base, rel=CLOSE)


def test_a_replicate_with_a_domain_below_zero_counts_as_zero_in_the_balanced_interval() -> None:
    problem = dense()
    problem["scores"][-1]["value"] = 99
    point = answer_to(with_errors(problem, {("new", "c"): 4})).point_at["new", "balanced", "v1"]
    assert point.low == 0 and point.value is not None and point.high is not None
    assert point.value > 0 and point.high > point.value


def test_scores_at_a_goalpost_do_not_pull_the_index_inwards() -> None:
    names = [f"e{n:02}" for n in range(30)]
    problem = {
        "method": {"base": "old", "imputation": "strict", "replicates": 500},
        "evals": [item(name) for name in names],
        "systems": [{"id": "old"}, {"id": "new"}],
        "scores": cells({"old": dict.fromkeys(names, 50), "new": dict.fromkeys(names, 100)}),
        "baskets": [{"id": "v1", "weights": dict.fromkeys(names, 1)}],
    }
    point = answer_to(problem).point_at["new", "headline", "v1"]
    assert point.low is not None and point.high is not None
    assert point.low < 200 < point.high


def test_the_same_problem_gives_the_same_interval_and_another_seed_another() -> None:
    problem = changed(dense(), replicates=50)
    assert answer_to(problem).points == answer_to(problem).points
    assert answer_to(problem).points != answer_to(changed(problem, seed=7)).points


def test_a_further_system_leaves_the_draws_of_the_others_alone() -> None:
    problem = changed(dense(), replicates=50, seed=7)
    before = answer_to(problem)
    problem["systems"].append({"id": "aaa", "released_on": "2025-01-01"})
    problem["scores"] += cells({"aaa": {"a": 1, "b": 30, "c": 3}})
    after = answer_to(problem)
    assert all(after.point_at[p.system, p.series, p.basket] == p for p in before.points)


@settings(max_examples=15, deadline=None)
@given(problems(complete=False))
def test_every_value_lies_in_its_interval(problem: Json) -> None:
    for point in answer_to(changed(problem, replicates=400)).points:
        if point.value is not None and point.series != "balanced":
            assert point.low is not None and point.high is not None
            slack = 0.1 * (point.high - point.low) + 1e-9
            assert point.low - slack <= point.value <= point.high + slack


@pytest.mark.parametrize("imputation", ["model", "parental"])
def test_a_missing_cell_makes_a_value_less_certain(imputation: str) -> None:
    problem = with_errors(changed(dense(), imputation=imputation), {("new", "a"): 2})
    complete = half_width(problem, "new", "capability")
    problem["scores"] = [s for s in problem["scores"] if (s["system"], s["eval"]) != ("new", "b")]
    assert half_width(problem, "new", "capability") > complete


def test_intervals_of_filled_systems_hold_the_truth() -> None:
    problem, hidden = sigmoid_world()
    table = {(s["system"], s["eval"]): s["value"] for s in problem["scores"]} | hidden
    means = {
        f"s{s:02}": np.mean([table[f"s{s:02}", f"e{e:02}"] for e in range(12)]) for s in range(30)
    }
    for score in problem["scores"]:
        score["stderr"] = 0
    answer = answer_to(changed(problem, replicates=1000))
    held = 0
    for system, mean in means.items():
        point = answer.point_at[system, "headline", "v1"]
        assert point.low is not None and point.high is not None
        held += point.low - 1e-9 <= 100 * mean / means["s00"] <= point.high + 1e-9
    assert held >= 25


def test_recorded_fills_get_intervals_too() -> None:
    problem = Problem.from_json(changed(sigmoid_world()[0], replicates=50))
    first = compute(problem)
    assert compute(problem, filled=first.imputed).points == first.points


def test_a_comparison_is_paired() -> None:
    # Only new's a is uncertain: k w se = 100 / 54 0.4 2.
    found = redrawn(with_errors(dense(), {("new", "a"): 2})).compare(system="new", against="old")
    assert found.difference == pytest.approx(3400 / 54)
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.8 / 0.54, rel=CLOSE)
    assert found.ahead == 1


def test_the_probability_of_being_ahead_is_that_of_the_normal_law() -> None:
    problem = with_errors(dense(), {("new", "a"): 3})
    for score, points in zip(problem["scores"], (50, 60, 40, 52, 60, 40), strict=True):
        score["value"] = points
    found = redrawn(problem).compare(system="new", against="old")
    assert found.ahead == pytest.approx(NormalDist().cdf(2 / 3), abs=0.03)


def test_a_comparison_turned_round_is_the_same_comparison() -> None:
    problem = changed(linked(), replicates=200)
    one = redrawn(problem).compare(system="new", against="top")
    other = redrawn(problem).compare(system="top", against="new")
    assert one.difference == -other.difference
    assert one.low == pytest.approx(-other.high) and one.high == pytest.approx(-other.low)
    assert one.ahead == pytest.approx(1 - other.ahead)
    assert one.difference == pytest.approx(there(answer_to(linked()), "new", basket="v2") - 500 / 3)


def test_a_system_is_level_with_itself() -> None:
    found = redrawn(changed(dense(), replicates=100)).compare(system="new", against="new")
    assert (found.difference, found.low, found.high, found.ahead) == (0, 0, 0, 0.5)


def test_it_refuses_to_compare_what_has_no_value() -> None:
    pairs = redrawn(changed(linked(), replicates=10))
    with pytest.raises(UndefinedComparison):
        pairs.compare(system="new", against="old", basket="v1")
    with pytest.raises(UndefinedComparison):
        pairs.compare(system="nobody", against="old")
    with pytest.raises(UndefinedComparison):
        pairs.compare(system="new", against="top", basket="v9")
