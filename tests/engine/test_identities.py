"""What must hold for every problem, by random search; and a second, naive implementation."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baskets.engine import Problem, compute
from tests.engine.problems import Json, answer_to, cells, changed, item, there

NAMES = ("a", "b", "c", "s", "t")
SYSTEMS = ("old", "x", "y", "z")
search = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def problems(draw: st.DrawFn, *, complete: bool = True) -> Json:
    """Five evals in two domains, four systems; every cell, or the base's and some others."""
    whole = st.integers(0, 100)
    high = st.integers(30, 90)
    table: dict[str, dict[str, float | None]] = {}
    for system in SYSTEMS:
        numbers = {name: draw(high if system == "old" else whole) for name in NAMES}
        table[system] = {
            name: number
            for name, number in numbers.items()
            if complete or system == "old" or draw(st.booleans())
        }
    weights = {name: draw(st.integers(1, 9)) for name in NAMES}
    domains = {name: "safety" if name in "st" else "capability" for name in NAMES}
    return {
        "method": {"base": "old", "imputation": "strict" if complete else "model"},
        "evals": [
            item(name, domains[name], subdomain="b" if name == "b" else "r") for name in NAMES
        ],
        "systems": [{"id": system} for system in SYSTEMS],
        "scores": cells(table),
        "baskets": [{"id": "v1", "weights": weights}],
    }


def values(problem: Json) -> dict[tuple[str, str], float | None]:
    return {(p.system, p.series): p.value for p in answer_to(problem).points}


def close(found: Any, expected: Any) -> bool:
    return bool(found.keys() == expected.keys()) and all(
        (value is None and found[key] is None) or found[key] == pytest.approx(value, abs=1e-9)
        for key, value in expected.items()
    )


@search
@given(problems(complete=False), st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter(problem: Json, random: Any) -> None:
    before = answer_to(problem).to_json()
    for key in ("evals", "systems", "scores"):
        random.shuffle(problem[key])
    problem["baskets"][0]["weights"] = dict(reversed(problem["baskets"][0]["weights"].items()))
    assert answer_to(problem).to_json() == before


@search
@given(problems(), st.sampled_from([1e-6, 0.37, 4.0, 1e9]))
def test_only_the_proportions_of_weights_matter(problem: Json, factor: float) -> None:
    before = values(problem)
    weights = problem["baskets"][0]["weights"]
    problem["baskets"][0]["weights"] = {name: w * factor for name, w in weights.items()}
    assert close(values(problem), before)


@search
@given(problems(), st.floats(0.05, 0.95))
def test_splitting_an_eval_into_two_equal_ones_changes_nothing(problem: Json, share: float) -> None:
    before = values(problem)
    weights = problem["baskets"][0]["weights"]
    weights["a2"] = weights["a"] * (1 - share)
    weights["a"] *= share
    problem["evals"].append(item("a2", subdomain="r"))
    twins = [s | {"eval": "a2"} for s in problem["scores"] if s["eval"] == "a"]
    problem["scores"] += twins
    assert close(values(problem), before)


@search
@given(problems())
def test_another_base_only_rescales(problem: Json) -> None:
    for score in problem["scores"]:
        if score["system"] == "x":
            score["value"] = 30 + score["value"] / 2
    old, new = values(problem), values(changed(problem, base="x"))
    for (system, series), number in new.items():
        before, unit = old[system, series], old["x", series]
        if number is not None and before is not None and unit is not None:
            assert number == pytest.approx(100 * before / unit, rel=1e-9)


@search
@given(problems(complete=False))
def test_every_value_lies_between_its_bounds(problem: Json) -> None:
    for point in answer_to(problem).points:
        if point.value is not None and point.worst is not None and point.best is not None:
            assert point.worst - 1e-9 <= point.value <= point.best + 1e-9


@search
@given(problems(complete=False))
def test_contributions_sum_to_the_distance_from_the_base(problem: Json) -> None:
    answer = answer_to(problem)
    for point in answer.points:
        if point.series == "headline" and point.value is not None:
            parts = [c.points for c in answer.contributions if c.system == point.system]
            assert sum(parts) == pytest.approx(point.value - 100, abs=1e-9)


@search
@given(problems())
def test_the_headline_is_the_mean_of_domains_weighted_by_their_base(problem: Json) -> None:
    answer = answer_to(problem)
    weights = problem["baskets"][0]["weights"]
    base = {s["eval"]: s["value"] for s in problem["scores"] if s["system"] == "old"}
    cost = {name: weights[name] * base[name] for name in NAMES}
    safety = sum(cost[name] for name in "st") / sum(cost.values())
    for system in SYSTEMS:
        parts = there(answer, system, "capability"), there(answer, system, "safety")
        expected = (1 - safety) * parts[0] + safety * parts[1]
        assert there(answer, system) == pytest.approx(expected, abs=1e-9)


@search
@given(problems())
def test_it_agrees_with_exact_fractions(problem: Json) -> None:
    answer = answer_to(problem)
    weights = problem["baskets"][0]["weights"]
    table = {(s["system"], s["eval"]): Fraction(s["value"]) for s in problem["scores"]}
    for series, names in (("headline", NAMES), ("capability", "abc"), ("safety", "st")):
        cost = {
            system: sum(weights[name] * table[system, name] for name in names) for system in SYSTEMS
        }
        for system in SYSTEMS:
            exact = float(100 * cost[system] / cost["old"])
            assert there(answer, system, series) == pytest.approx(exact, abs=1e-9)


@search
@given(problems(complete=False))
def test_recorded_fills_rebuild_the_central_values_bit_for_bit(problem: Json) -> None:
    read = Problem.from_json(problem)
    first = compute(read)
    again = compute(read, filled=first.imputed)
    assert again.points == first.points and again.contributions == first.contributions
