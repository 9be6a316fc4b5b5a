"""Sections 3 and 5: coverage, bounds, what is official and what is cast back."""

import pytest

from baskets.engine import Point
from tests.engine.problems import Json, answer_to, cells, changed, dense, item, linked, there


def gappy() -> Json:
    """Four equal evals in two domains; `half` misses one of each domain."""
    names = ("a", "b", "s", "t")
    full = dict.fromkeys(names, 50)
    return {
        "method": {"base": "old", "imputation": "parental", "coverage_floor": 0.5},
        "evals": [item("a"), item("b"), item("s", "safety"), item("t", "safety")],
        "systems": [{"id": s, "released_on": "2025-01-01"} for s in ("full", "half", "old")],
        "scores": cells({"old": full, "full": full, "half": {"a": 60, "s": 70}}),
        "baskets": [{"id": "v1", "effective_on": "2024-01-01", "weights": dict.fromkeys(names, 1)}],
    }


def point(problem: Json, system: str, series: str = "headline", basket: str = "v1") -> Point:
    return answer_to(problem).point_at[system, series, basket]


def test_coverage_is_the_observed_share_of_weight() -> None:
    problem = gappy()
    problem["baskets"][0]["weights"] = {"a": 3, "b": 1, "s": 2, "t": 2}
    found = answer_to(problem)
    assert found.point_at["half", "headline", "v1"].coverage == pytest.approx(5 / 8)
    assert found.point_at["half", "capability", "v1"].coverage == pytest.approx(3 / 4)
    assert found.point_at["half", "capability", "v1"].imputed_share == pytest.approx(1 / 4)


def test_bounds_put_the_missing_cells_at_0_and_at_100() -> None:
    # L_0 = 50, so k = 2. Observed 60 and 70 of weight 1/4 each: 32.5 to 82.5.
    found = point(gappy(), "half")
    assert found.worst == pytest.approx(65)
    assert found.best == pytest.approx(165)
    # Filled by the siblings' change: b 60, t 70.
    assert found.value == pytest.approx(130)


def test_bounds_of_a_complete_system_are_its_value() -> None:
    found = point(gappy(), "full")
    assert found.worst == found.value == found.best == 100


def test_balanced_bounds_follow_the_domains() -> None:
    # Capability from 60 to 160, safety from 70 to 170.
    found = point(gappy(), "half", "balanced")
    assert found.worst == pytest.approx((60 * 70) ** 0.5)
    assert found.best == pytest.approx((160 * 170) ** 0.5)


def test_a_domain_needs_two_observed_evals_to_be_official() -> None:
    assert not point(gappy(), "half", "capability").official
    assert point(gappy(), "full", "capability").official
    one = gappy()
    one["method"]["min_evals"] = 1
    assert point(one, "half", "capability").official


@pytest.mark.parametrize(("floor", "official"), [(0.5, True), (0.51, False)])
def test_the_domain_floor_is_met_at_exactly_its_value(floor: float, official: bool) -> None:
    problem = gappy()
    problem["method"] |= {"min_evals": 1, "domain_coverage_floor": floor}
    assert point(problem, "half", "safety").official is official
    assert point(problem, "half").official is official


@pytest.mark.parametrize(("floor", "official"), [(0.5, True), (0.51, False)])
def test_the_overall_floor_holds_for_headline_and_balanced(floor: float, official: bool) -> None:
    problem = gappy()
    problem["method"] |= {"min_evals": 1, "coverage_floor": floor}
    assert point(problem, "half").official is official
    assert point(problem, "half", "balanced").official is official
    assert point(problem, "half", "safety").official


def test_the_version_may_state_its_own_floors() -> None:
    problem = gappy()
    problem["baskets"][0] |= {"min_evals": 1, "coverage_floor": 0.6}
    assert point(problem, "half", "capability").official
    assert not point(problem, "half").official


def test_a_headline_is_not_official_where_one_domain_is_not() -> None:
    problem = gappy()
    problem["scores"] += cells({"half": {"b": 60}})
    assert point(problem, "half", "capability").official
    assert not point(problem, "half").official


def test_a_subdomain_is_official_with_its_domain() -> None:
    problem = gappy()
    problem["evals"][0]["subdomain"] = "sub"
    assert point(problem, "full", "capability/sub").official
    assert not point(problem, "half", "capability/sub").official


def test_without_an_observed_cell_in_a_domain_there_is_no_value_and_no_headline() -> None:
    problem = gappy()
    problem["scores"] = [s for s in problem["scores"] if (s["system"], s["eval"]) != ("half", "s")]
    for series in ("safety", "headline", "balanced"):
        found = point(problem, "half", series)
        assert (found.value, found.worst, found.best, found.imputed_share) == (None,) * 4
        assert not found.official
    assert point(problem, "half", "capability").value is not None
    assert not [c for c in answer_to(problem).imputed if c.eval in ("s", "t")]


def test_a_value_is_official_only_on_the_version_in_force_at_release() -> None:
    answer = answer_to(linked())
    official = {(p.system, p.basket) for p in answer.points if p.official}
    assert official == {("old", "v1"), ("mid", "v1"), ("top", "v1"), ("new", "v2")}
    assert answer.point_at["top", "headline", "v2"].value is not None
    assert not answer.point_at["top", "headline", "v2"].in_force


def test_a_system_older_than_the_first_version_is_cast_back_on_it() -> None:
    problem = changed(dense(), min_evals=1)
    problem["systems"][0]["released_on"] = "2023-12-31"
    found = point(problem, "old")
    assert found.official and found.back_cast and found.in_force
    assert not point(problem, "new").back_cast


def test_a_system_of_the_day_on_which_its_version_took_effect_is_not_cast_back() -> None:
    problem = changed(dense(), min_evals=1)
    problem["systems"][0]["released_on"] = problem["baskets"][0]["effective_on"]
    found = point(problem, "old")
    assert found.official and found.in_force and not found.back_cast


def test_an_eval_of_the_day_on_which_the_version_took_effect_is_not_late() -> None:
    problem = dense()
    problem["evals"][2]["released_on"] = problem["baskets"][0]["effective_on"]
    assert not [p for p in answer_to(problem).points if p.back_cast]


def test_a_balanced_bound_is_0_where_a_domain_would_fall_below_0() -> None:
    # Safety is 130 + 2 (L - 85): new's t is 30, and its missing u 0 at worst, 30 as t moved.
    problem = changed(linked(), imputation="parental")
    problem["evals"].append(item("u", "safety"))
    problem["baskets"][1]["weights"] = {"b": 0.5, "t": 0.25, "u": 0.25}
    seen = {"old": 50, "mid": 80, "top": 90}
    problem["scores"] = [s for s in problem["scores"] if s["eval"] != "t"]
    problem["scores"] += cells({n: {"t": v, "u": v} for n, v in seen.items()})
    problem["scores"] += cells({"old": {"b": 20}, "new": {"t": 30}})
    found = answer_to(problem)
    domain, product = (found.point_at["new", name, "v2"] for name in ("safety", "balanced"))
    assert (domain.worst, domain.value) == pytest.approx((-10, 20))
    assert product.worst == 0 and product.value is not None and product.value > 0


def test_a_version_takes_effect_on_its_own_day() -> None:
    problem = linked()
    problem["systems"][3]["released_on"] = "2025-03-01"
    assert point(problem, "new", basket="v2").official
    problem["systems"][3]["released_on"] = "2025-02-28"
    assert not point(problem, "new", basket="v2").official


def test_a_series_with_an_eval_published_too_late_is_cast_back() -> None:
    problem = dense()
    problem["evals"][2]["released_on"] = "2024-06-01"
    late = {p.series for p in answer_to(problem).points if p.back_cast}
    assert late == {"safety", "headline", "balanced"}


def test_an_undated_system_is_measured_on_the_newest_version() -> None:
    problem = linked()
    problem["systems"][1]["released_on"] = None
    assert point(problem, "mid", basket="v2").official


def test_every_system_has_a_point_on_every_series_of_every_version() -> None:
    problem = linked()
    problem["evals"][0]["subdomain"] = "sub"
    answer = answer_to(problem)
    assert len(answer.points) == len(answer.point_at) == 4 * 5 * 2
    assert answer.point_at["new", "capability/sub", "v2"].value is None
    assert there(answer, "top", "capability/sub") == 200
