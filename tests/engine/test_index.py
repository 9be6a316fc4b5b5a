"""Section 4: the index within one version, by values worked by hand."""

import pytest

from baskets.engine import Problem
from tests.engine.problems import Json, answer_to, cells, changed, dense, item, there, value

# Points of dense(): old a 50, b 100 (60 - 20) / 80 = 50, c 100 - 40 = 60;
#                    new a 80, b 100,                     c 90.


def test_the_base_is_exactly_100_everywhere() -> None:
    answer = answer_to(dense())
    assert {p.value for p in answer.points if p.system == "old"} == {100.0}


def test_the_headline_is_a_lowe_index() -> None:
    # L_old = .4 50 + .2 50 + .4 60 = 54; L_new = .4 80 + .2 100 + .4 90 = 88; 100 88 / 54
    assert there(answer_to(dense()), "new") == pytest.approx(100 * 88 / 54, abs=1e-12)


def test_a_domain_is_the_same_index_with_its_own_weights() -> None:
    answer = answer_to(dense())
    # capability: weights 2/3 and 1/3; 2/3 80 + 1/3 100 = 86.67 over 50. safety: 90 / 60.
    assert there(answer, "new", "capability") == pytest.approx(100 * (260 / 3) / 50)
    assert there(answer, "new", "safety") == pytest.approx(150)


def test_the_balanced_headline_is_the_weighted_geometric_mean_of_domains() -> None:
    expected = 100 * (260 / 150) ** 0.6 * 1.5**0.4
    assert there(answer_to(dense()), "new", "balanced") == pytest.approx(expected)


def test_a_geometric_domain_mean_makes_the_balanced_index_the_headline() -> None:
    answer = answer_to(changed(dense(), domain_mean="geometric"))
    assert value(answer, "new") == value(answer, "new", "balanced")
    assert there(answer, "new") == pytest.approx(100 * (260 / 150) ** 0.6 * 1.5**0.4)


def test_the_odds_index_averages_log_odds() -> None:
    # Odds, clipped half a point from the ends: a 4 against 1, b 199 against 1, c 9 against 1.5.
    expected = 100 * 4**0.4 * 199**0.2 * (9 / 1.5) ** 0.4
    assert there(answer_to(changed(dense(), scale="odds")), "new") == pytest.approx(expected)


def test_odds_are_clipped_by_half_an_item_where_items_are_known() -> None:
    problem = changed(dense(), scale="odds")
    next(s for s in problem["scores"] if s["value"] == 100)["n_items"] = 20
    # Half of one of 20 items is 2.5 of the unit, of which 80 make 100 points: odds 96.875 / 3.125.
    expected = 100 * 4**0.4 * 31**0.2 * (9 / 1.5) ** 0.4
    assert there(answer_to(problem), "new") == pytest.approx(expected)


def odds_of_top(**ends: float | None) -> float:
    """Odds of `new` at the ceiling of one eval over those of `old`, at half the way to it."""
    unit = {"floor": 0.25, "ceiling": 1, "lower": 0, "upper": 1}
    problem: Json = {
        "method": {"base": "old", "scale": "odds"},
        "evals": [item("a") | unit | ends],
        "systems": [{"id": "old"}, {"id": "new"}],
        "scores": cells({"old": {"a": 0.625}, "new": {"a": 1}}),
        "baskets": [{"id": "v1", "weights": {"a": 1}}],
    }
    for score in problem["scores"]:
        score["n_items"] = 100
    return there(answer_to(problem), "new") / 100


def test_half_an_item_is_half_an_item_of_the_unit() -> None:
    # 0.005 of the unit, of which 0.75 make 100 points: 0.667 points, odds 99.33 / 0.667 = 149.
    assert odds_of_top() == pytest.approx(149)
    assert odds_of_top(floor=1, ceiling=0.25) == pytest.approx(1 / 149)


def test_items_of_an_open_unit_span_the_goalposts() -> None:
    assert odds_of_top(upper=None) == pytest.approx(199)


def test_a_subdomain_has_its_own_series() -> None:
    problem = dense()
    problem["evals"][0]["subdomain"] = "maths/logic"
    answer = answer_to(problem)
    assert there(answer, "new", "capability/maths/logic") == pytest.approx(160)
    assert {p.series for p in answer.points} == {
        "headline",
        "balanced",
        "capability",
        "safety",
        "capability/maths/logic",
    }


def test_a_subdomain_with_a_low_base_has_no_series_and_refuses_nothing() -> None:
    problem = dense()
    problem["evals"][1]["subdomain"] = "sub"
    problem["scores"] = cells(
        {"old": {"a": 80, "b": 27, "c": 40}, "new": {"a": 80, "b": 100, "c": 10}}
    )
    answer = answer_to(problem)
    assert value(answer, "new", "capability/sub") is None
    assert value(answer, "new", "capability") is not None


def test_a_zero_counts_and_a_domain_at_zero_has_no_balanced_value() -> None:
    problem = dense()
    problem["scores"][-1]["value"] = 100
    answer = answer_to(problem)
    assert value(answer, "new", "safety") == 0
    assert value(answer, "new", "balanced") is None
    assert value(answer, "new") is not None


@pytest.mark.parametrize("start", [10.98, 17.07, 30.0])
def test_a_domain_that_misses_zero_by_rounding_has_no_balanced_value(start: float) -> None:
    # 100 + (100 / 10.98) (0 - 10.98) is 1.4e-14.
    problem = dense()
    problem["evals"][2] = item("c", "safety")
    problem["scores"][2]["value"], problem["scores"][-1]["value"] = start, 0
    answer = answer_to(problem)
    assert there(answer, "new", "safety") == pytest.approx(0, abs=1e-9)
    assert value(answer, "new", "balanced") is None
    assert value(answer_to(changed(problem, domain_mean="geometric")), "new") is None


def test_the_basket_overrides_the_goalposts_of_the_eval() -> None:
    problem = dense()
    problem["baskets"][0]["goalposts"] = {"b": [0, 100]}
    # b is now 60 and 100 points: L_old = 56, L_new = 88.
    assert there(answer_to(problem), "new") == pytest.approx(100 * 88 / 56)


def test_a_basket_may_name_the_reference_rating() -> None:
    problem = dense()
    problem["evals"][0] = item("a", scale="elo", floor=None, ceiling=None)
    problem["baskets"][0]["references"] = {"a": 50}
    assert there(answer_to(problem), "old", "capability") == 100


def test_an_eval_outside_the_basket_changes_nothing() -> None:
    problem = dense()
    problem["evals"].append(item("z", floor=None))
    problem["scores"].append({"system": "new", "eval": "z", "value": 3})
    assert there(answer_to(problem), "new") == pytest.approx(100 * 88 / 54)


def test_the_answer_carries_the_hash_of_the_problem_in_any_order() -> None:
    problem, turned = dense(), dense()
    turned["evals"].reverse()
    turned["scores"].reverse()
    assert answer_to(problem).sha256 == answer_to(turned).sha256
    assert answer_to(problem).sha256 != answer_to(changed(dense(), seed=1)).sha256
    assert Problem.from_json(problem) == Problem.from_json(turned)
