"""Section 7: contributions, by hand and by their sums."""

import math
from collections import defaultdict

import pytest

from baskets.engine import Answer, Problem, compute, contributions
from baskets.engine.contributions import log_mean
from baskets.engine.errors import UndefinedComparison, UnknownId
from tests.engine.problems import Json, answer_to, changed, dense, linked, there

METHODS: list[Json] = [
    {},
    {"link": "ratio"},
    {"scale": "odds"},
    {"domain_mean": "geometric"},
    {"scale": "odds", "domain_mean": "geometric"},
]


def parts(problem: Json, system: str, against: str, **more: str) -> dict[tuple[str, str], float]:
    read = Problem.from_json(problem)
    rows = contributions(compute(read), read, system=system, against=against, **more)
    return {(row.basket, row.eval): row.points for row in rows}


def test_they_are_the_weighted_point_changes_at_the_base_price() -> None:
    # k = 100 / 54; a .4 (80 - 50), b .2 (100 - 50), c .4 (90 - 60)
    found = parts(dense(), "new", "old")
    expected = {"a": 12 / 0.54, "b": 10 / 0.54, "c": 12 / 0.54}
    assert {name: pytest.approx(p) for (_, name), p in found.items()} == expected


def test_a_domain_is_taken_apart_with_its_own_weights() -> None:
    found = parts(dense(), "new", "old", series="capability")
    # k = 2; 2/3 (80 - 50), 1/3 (100 - 50)
    assert found == {("v1", "a"): pytest.approx(40), ("v1", "b"): pytest.approx(100 / 3)}


def test_across_a_link_each_version_adds_its_own_part() -> None:
    # From top on version 1 (166.67) to new on version 2 (216.67): first down to the overlap's
    # mean on version 1 (a 80 to 70, s 70 to 65), then up from it on version 2 (b 30 to 70, t 40
    # to 60), each at k / 2 = 50 / 45.
    found = parts(linked(), "new", "top")
    changes = {("v1", "a"): -10, ("v1", "s"): -5, ("v2", "b"): 40, ("v2", "t"): 20}
    expected = {key: pytest.approx(change * 50 / 45) for key, change in changes.items()}
    assert found == expected


def test_the_reverse_comparison_turns_every_sign() -> None:
    there_, back = parts(linked(), "new", "top"), parts(linked(), "top", "new")
    assert back == {key: -points for key, points in there_.items()}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("series", ["headline", "balanced", "capability", "safety"])
def test_they_sum_to_the_difference_on_one_version(method: Json, series: str) -> None:
    problem = changed(linked(), **method)
    answer = answer_to(problem)
    for system, against, basket in (
        ("top", "old", "v1"),
        ("new", "mid", "v2"),
        ("mid", "mid", "v2"),
    ):
        found = parts(problem, system, against, series=series, basket=basket, against_basket=basket)
        difference = there(answer, system, series, basket) - there(answer, against, series, basket)
        assert math.fsum(found.values()) == pytest.approx(difference, abs=1e-9)


@pytest.mark.parametrize("method", METHODS[:3])
@pytest.mark.parametrize("series", ["headline", "capability", "safety"])
def test_they_sum_to_the_difference_across_links(method: Json, series: str) -> None:
    problem = changed(three_versions(), **method)
    answer = answer_to(problem)
    for system, against, basket, other in (("new", "old", "v3", "v1"), ("mid", "top", "v1", "v3")):
        found = parts(problem, system, against, series=series, basket=basket, against_basket=other)
        difference = there(answer, system, series, basket) - there(answer, against, series, other)
        assert math.fsum(found.values()) == pytest.approx(difference, abs=1e-9)
        assert len({key[0] for key in found}) == 3


def three_versions() -> Json:
    """linked() with a third version that counts the first version's evals differently."""
    problem = linked()
    problem["systems"].append({"id": "late", "released_on": "2026-01-01"})
    for name, a, s in (("new", 90, 80), ("late", 95, 60)):
        problem["scores"] += [
            {"system": name, "eval": "a", "value": a},
            {"system": name, "eval": "s", "value": s},
        ]
    third = {"id": "v3", "effective_on": "2025-12-01", "weights": {"a": 0.3, "s": 0.7}}
    problem["baskets"].append(third | {"overlap": ["new", "top", "mid"]})
    return problem


@pytest.mark.parametrize("method", METHODS)
def test_the_answer_lists_those_of_the_headline_against_the_base(method: Json) -> None:
    problem = changed(linked(), **method)
    problem["scores"] += [
        {"system": "old", "eval": "b", "value": 5},
        {"system": "old", "eval": "t", "value": 9},
    ]
    answer = answer_to(problem)
    for (system, basket), total in totals(answer).items():
        difference = there(answer, system, basket=basket) - there(answer, "old", basket=basket)
        assert total == pytest.approx(difference, abs=1e-9)
    assert len(totals(answer)) == 3 + 4


def totals(answer: Answer) -> dict[tuple[str, str], float]:
    """Sums of the answer's contributions by system and version."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for row in answer.contributions:
        sums[row.system, row.basket] += row.points
    return sums


def test_they_use_the_filled_cells_of_the_answer() -> None:
    problem = changed(dense(), imputation="parental")
    problem["scores"] = [s for s in problem["scores"] if (s["system"], s["eval"]) != ("new", "b")]
    # b moves like its sibling: 50 + 30.
    assert parts(problem, "new", "old")["v1", "b"] == pytest.approx(0.2 * 30 / 0.54)


def test_it_refuses_what_has_no_value_or_no_decomposition() -> None:
    with pytest.raises(UnknownId):
        parts(dense(), "new", "nobody")
    with pytest.raises(UndefinedComparison):
        parts(linked(), "new", "old", basket="v1", against_basket="v1")
    with pytest.raises(UndefinedComparison):
        parts(linked(), "new", "top", series="balanced")
    with pytest.raises(UndefinedComparison):
        parts(dense(), "new", "old", series="speed")


@pytest.mark.parametrize(("a", "b"), [(3.0, 3.0), (3.0, 3.0 + 1e-7), (3.0, 3.0001), (1e-9, 5.0)])
def test_the_logarithmic_mean_lies_between_geometric_and_arithmetic(a: float, b: float) -> None:
    assert math.sqrt(a * b) * (1 - 1e-12) <= log_mean(a, b) <= (a + b) / 2 * (1 + 1e-12)
