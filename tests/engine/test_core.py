"""Section 9: core measures of the index, by hand and by their identities."""

import pytest

from baskets.engine import CoreValue, Problem, compute, core_measures, flags_of
from baskets.engine.errors import UnknownId
from tests.engine.problems import Json, cells, changed, dense, item, linked, there
from tests.engine.test_contributions import METHODS, three_versions
from tests.engine.vintages import edited

# dense(): k = 100 / 54 in all; in capability the base has 50 points.
K = 100 / 54


def measures(problem: Json, **flags: str) -> dict[tuple[str, str], CoreValue]:
    read = Problem.from_json(problem)
    flagged = {name: [flag] for name, flag in flags.items()}
    found = core_measures(read, compute(read), flagged=flagged)
    return {(row.system, row.series): row for row in found}


def test_the_core_leaves_flagged_evals_out_and_renormalises() -> None:
    found = measures(dense(), b="contaminated")
    # a and c with half the weight each: 85 points against 55.
    headline = found["new", "headline"]
    assert headline.core == pytest.approx(100 * 85 / 55)
    assert headline.value == pytest.approx(100 * 88 / 54)
    assert headline.excluded_weight == pytest.approx(0.2) and headline.reason == ""
    capability = found["new", "capability"]
    assert capability.core == pytest.approx(160)
    assert capability.excluded_weight == pytest.approx(1 / 3)
    assert found["new", "safety"].core == found["new", "safety"].value


def test_median_and_trimmed_mean_take_the_changes_of_single_evals() -> None:
    # The changes are 30 (weight .4), 50 (.2) and 30 (.4); 8% of the weight goes off each tail.
    found = measures(dense())["new", "headline"]
    assert found.median == pytest.approx(100 + K * 30)
    assert found.trimmed == pytest.approx(100 + K * (30 * 72 + 50 * 12) / 84)


def test_they_start_from_the_bases_own_index_on_a_later_version() -> None:
    problem = edited(linked(), lambda p: p["scores"].extend(cells({"old": {"b": 10, "t": 50}})))
    found = measures(problem)["new", "headline"]
    base = there(compute(Problem.from_json(problem)), "old", basket="v2")
    # b 70 - 10, t 60 - 50, equal weights, k = 100 / 45: the median is the midpoint.
    assert found.basket == "v2"
    assert found.median == found.trimmed == pytest.approx(base + 35 * 100 / 45)


@pytest.mark.parametrize("method", METHODS)
def test_without_flags_the_core_is_the_index(method: Json) -> None:
    for row in measures(changed(three_versions(), **method)).values():
        assert row.core == row.value and row.excluded_weight == 0


@pytest.mark.parametrize("method", METHODS[:3])
def test_with_one_eval_all_measures_are_the_index(method: Json) -> None:
    problem = changed(three_versions(), **method)
    scores = cells({"old": {"b": 15, "t": 35}})
    problem = edited(problem, lambda p: p["scores"].extend(scores))
    for (_, series), row in measures(problem).items():
        if series != "headline" and row.basket != "v3":
            found = (row.core, row.median, row.trimmed)
            assert found == pytest.approx((row.value,) * 3, abs=1e-9)


def test_splitting_a_weight_changes_no_measure() -> None:
    def split(problem: Json) -> None:
        problem["baskets"][0]["weights"] |= {"a": 0.1, "twin": 0.3}
        problem["evals"].append(item("twin"))
        problem["scores"] += cells({"old": {"twin": 50}, "new": {"twin": 80}})

    one, two = measures(dense(), b="disputed"), measures(edited(dense(), split), b="disputed")
    for key, row in one.items():
        found = (two[key].core, two[key].median, two[key].trimmed, two[key].excluded_weight)
        expected = (row.core, row.median, row.trimmed, row.excluded_weight)
        assert found == pytest.approx(expected, abs=1e-9)


def test_a_domain_with_nothing_left_has_no_core_and_neither_has_the_headline() -> None:
    found = measures(dense(), c="saturated")
    assert found["new", "safety"].core is None and found["new", "safety"].reason == "EmptyDomain"
    assert found["new", "headline"].reason == "EmptyDomain"
    assert found["new", "safety"].median is not None
    assert found["new", "capability"].core == found["new", "capability"].value


def test_a_base_that_is_too_low_without_the_flagged_is_named() -> None:
    problem = edited(dense(), lambda p: p["scores"][0].update({"value": 5}))
    found = measures(problem, b="disputed")
    assert found["new", "capability"].core is None
    assert found["new", "capability"].reason == "BaseTooLow"
    assert found["new", "safety"].core == found["new", "safety"].value


def wide() -> Json:
    """linked() with a second safety eval on version 2, which only `mid` and `new` have."""

    def edit(problem: Json) -> None:
        problem["evals"].append(item("u", "safety"))
        problem["baskets"][1]["weights"]["u"] = 0.5
        problem["scores"] += cells({"mid": {"u": 40}, "top": {"u": 50}, "new": {"u": 45}})
        problem["scores"] = [s for s in problem["scores"] if s["eval"] != "t" or s["value"] > 30]
        problem["method"]["imputation"] = "model"

    return edited(linked(), edit)


def test_a_link_that_fails_ends_the_core_index_there() -> None:
    # Without u `mid` has no observed safety eval on version 2, which leaves one overlap system.
    found = measures(wide(), u="contaminated")
    assert found["new", "safety"].core is None
    assert found["new", "safety"].reason == "OverlapTooSmall"
    assert found["mid", "safety"].core == found["mid", "safety"].value


def test_a_system_observed_only_on_flagged_evals_has_no_core() -> None:
    problem = wide()
    problem["systems"].append({"id": "late", "released_on": "2025-08-01"})
    problem["scores"] += cells({"late": {"b": 50, "u": 60}, "mid": {"t": 30}})
    found = measures(problem, u="self-reported")
    assert found["late", "safety"].core is None and found["late", "safety"].reason == "NoValue"
    assert found["late", "capability"].core is not None
    assert found["new", "safety"].core is not None


def test_a_base_without_a_value_leaves_no_changes_to_take() -> None:
    found = measures(linked())["new", "headline"]
    assert (found.median, found.trimmed, found.reason) == (None, None, "BaseMissing")
    assert found.core == found.value


def test_a_product_of_domains_has_no_median() -> None:
    found = measures(changed(dense(), domain_mean="geometric"))
    assert found["new", "headline"].median is None
    assert found["new", "headline"].reason == "NotAMean"
    assert found["new", "safety"].median is not None


def test_provisional_values_have_core_measures_too() -> None:
    problem = changed(dense(), min_evals=3)
    assert not any(p.official for p in compute(Problem.from_json(problem)).points)
    assert measures(problem)["new", "headline"].core is not None


def test_flags_of_a_problem_join_those_that_were_computed() -> None:
    problem = edited(dense(), lambda p: p["evals"][0].update({"flags": ["disputed"]}))
    read = Problem.from_json(problem)
    found = flags_of(read, also={"a": ["saturated"], "c": ["saturated"], "b": []})
    assert found == {"a": ("disputed", "saturated"), "c": ("saturated",)}


def test_it_refuses_unknown_evals_and_flags() -> None:
    with pytest.raises(UnknownId):
        measures(dense(), z="disputed")
    with pytest.raises(UnknownId):
        measures(dense(), a="boring")
