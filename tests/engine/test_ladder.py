"""Section 12: consecutive generations compared on the evals that both were measured on."""

import copy
import json
from dataclasses import asdict

import pytest

from baskets.engine import Problem, compute
from baskets.engine.ladder import Rung, ladder
from baskets.engine.measurement import measurement_errors
from tests.engine.problems import Json, cells, item


def world() -> Json:
    """Generations one and two of D on evals a, b, c (capability) and s, t (safety)."""
    days = {"one": "2024-01-01", "two": "2025-01-01"}
    return {
        "method": {"base": "one", "domain_coverage_floor": 0.2, "coverage_floor": 0.2},
        "evals": [item("a"), item("b"), item("c"), item("s", "safety"), item("t", "safety")],
        "systems": [
            {"id": name, "released_on": day, "generation": name.upper(), "developer": "D"}
            for name, day in days.items()
        ],
        "scores": [
            score | {"stderr": 3 if score["system"] == "one" else 4}
            for score in cells(
                {
                    "one": {"a": 40, "b": 50, "c": 30, "s": 60, "t": 50},
                    "two": {"a": 60, "b": 55, "s": 50, "t": 70},
                }
            )
        ],
        "baskets": [{"id": "v1", "weights": {"a": 3, "b": 1, "c": 2, "s": 2, "t": 2}}],
    }


def rungs(problem: Json) -> dict[str, Rung]:
    read = Problem.from_json(problem)
    return {rung.series: rung for rung in ladder(read, compute(read))}


def without(problem: Json, *pairs: tuple[str, str]) -> Json:
    other = copy.deepcopy(problem)
    other["scores"] = [s for s in other["scores"] if (s["system"], s["eval"]) not in pairs]
    return other


def test_a_rung_is_the_weighted_mean_difference_on_shared_evals() -> None:
    found = rungs(world())
    # (3 x 20 + 1 x 5) / 4 on a and b; (2 x -10 + 2 x 20) / 4 on s and t; all four for the headline.
    assert found["capability"].difference == pytest.approx(16.25)
    assert found["safety"].difference == pytest.approx(5)
    assert found["headline"].difference == pytest.approx((65 + 20) / 8)
    assert found["capability"].shared == 2
    assert found["capability"].weight_shared == pytest.approx(4 / 6)
    assert found["headline"].weight_shared == pytest.approx(8 / 10)


def test_the_interval_comes_from_the_errors_of_both() -> None:
    found = rungs(world())["capability"]
    assert found.low is not None and found.high is not None
    # Each eval's joint error is 5: sqrt((3/4 x 5)^2 + (1/4 x 5)^2).
    reach = 1.96 * (3.75**2 + 1.25**2) ** 0.5
    assert (found.low, found.high) == pytest.approx((16.25 - reach, 16.25 + reach))


def test_the_shared_evals_are_listed_with_both_points() -> None:
    first = rungs(world())["capability"].evals[0]
    assert (first.eval, first.older, first.newer) == ("a", 40, 60)
    assert first.weight == pytest.approx(0.75)
    assert (first.older_stderr, first.newer_stderr) == (3, 4)


def test_the_closed_form_agrees_with_simulation() -> None:
    import numpy as np

    found = rungs(world())["headline"]
    assert found.low is not None and found.high is not None
    draws = np.random.default_rng(1).normal(size=(2, 4, 200_000)) * np.array([[[3]], [[4]]])
    weights = np.array([row.weight for row in found.evals])
    spread = (weights @ (draws[1] - draws[0])).std()
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * spread, rel=0.01)


def test_one_shared_eval_is_not_enough() -> None:
    found = rungs(without(world(), ("two", "b")))
    assert (found["capability"].difference, found["capability"].reason) == (None, "too-few-shared")
    assert [row.eval for row in found["capability"].evals] == ["a"]
    assert found["safety"].reason is None and found["headline"].difference is not None


def test_the_headline_needs_a_shared_eval_in_every_domain() -> None:
    problem = world()
    problem["evals"].append(item("u", "safety"))
    problem["baskets"][0]["weights"]["u"] = 1
    problem["scores"].append({"system": "two", "eval": "u", "value": 40})
    found = rungs(without(problem, ("two", "s"), ("two", "t")))
    assert found["headline"].shared == 2 and found["headline"].difference is None
    assert found["headline"].reason == "domain-missing"


def test_a_generation_without_a_value_breaks_the_ladder() -> None:
    problem = world()
    late = {"id": "mid", "released_on": "2024-06-01", "generation": "MID", "developer": "D"}
    problem["systems"].append(late)
    read = Problem.from_json(problem)
    found = [r for r in ladder(read, compute(read)) if r.series == "safety"]
    assert [(r.older_generation, r.newer_generation) for r in found] == [
        ("ONE", "MID"),
        ("MID", "TWO"),
    ]
    assert {r.reason for r in found} == {"no-value"} and found[0].newer_system is None


def test_generations_follow_their_first_release_and_keep_to_their_developer() -> None:
    problem = world()
    problem["systems"] += [
        {"id": "mini", "released_on": "2026-01-01", "generation": "ONE", "developer": "D"},
        {"id": "else", "released_on": "2024-06-01", "generation": "X", "developer": "E"},
    ]
    found = rungs(problem)
    assert len(found) == 3
    assert (found["safety"].older_system, found["safety"].newer_system) == ("one", "two")


def test_a_generation_is_its_best_official_system_else_marked_provisional() -> None:
    problem = world()
    problem["systems"].append(
        {"id": "pro", "released_on": "2025-02-01", "generation": "TWO", "developer": "D"}
    )
    problem["scores"] += cells({"pro": {"a": 100, "s": 70, "t": 80}})
    found = rungs(problem)
    # pro has one capability eval, so no official value there.
    assert found["capability"].newer_system == "two" and not found["capability"].provisional
    assert found["safety"].newer_system == "pro"
    found = rungs(without(problem, ("two", "b")))
    assert found["capability"].newer_system == "pro" and found["capability"].provisional


def test_the_newer_version_decides_evals_weights_and_goalposts() -> None:
    problem = world()
    problem["baskets"][0]["effective_on"] = "2024-01-01"
    problem["baskets"].append(
        {
            "id": "v2",
            "effective_on": "2024-12-01",
            "weights": {"a": 1, "b": 3, "s": 2, "t": 2},
            "goalposts": {"b": [50, 60]},
            "overlap": ["one", "two"],
        }
    )
    found = rungs(problem)["capability"]
    assert found.basket == "v2" and found.weight_shared == 1
    assert found.difference == pytest.approx((20 + 3 * 50) / 4)
    assert found.evals[1].newer_stderr == pytest.approx(40)


def test_a_ladder_is_plain_data_and_knows_no_order() -> None:
    problem = world()
    whole = {name: asdict(rung) for name, rung in rungs(problem).items()}
    assert json.loads(json.dumps(whole))["safety"]["reason"] is None
    for key in ("systems", "scores", "evals"):
        problem[key].reverse()
    assert {name: asdict(rung) for name, rung in rungs(problem).items()} == whole


def test_known_errors_are_taken_as_given() -> None:
    read = Problem.from_json(world())
    answer = compute(read)
    assert ladder(read, answer, errors=measurement_errors(read)) == ladder(read, answer)
