"""Section 11: one text for one content."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baskets.engine import Problem, canonical, round_floats, sha256
from baskets.engine.errors import MalformedProblem
from tests.engine.problems import Json, changed, dense, linked

scalars = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"))
numbers = st.floats(allow_nan=False, allow_infinity=False)
documents = st.recursive(
    scalars | numbers,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


def test_it_sorts_keys_and_leaves_no_spaces() -> None:
    assert canonical({"b": [1, None, True], "a": "é"}) == '{"a":"é","b":[1,null,true]}'


@pytest.mark.parametrize(
    ("number", "text"),
    [(1.0, "1"), (-0.0, "0"), (0.1, "0.1"), (1e22, "1e+22"), (2.0**53 - 1, "9007199254740991")],
)
def test_it_writes_the_shortest_number(number: float, text: str) -> None:
    assert canonical(number) == text


@settings(max_examples=50, deadline=None)
@given(documents)
def test_it_reads_back_as_the_same_content(document: object) -> None:
    assert json.loads(canonical(document)) == document
    assert canonical(json.loads(canonical(document))) == canonical(document)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_it_refuses_numbers_that_json_does_not_have(number: float) -> None:
    with pytest.raises(MalformedProblem):
        canonical({"a": [number]})


def test_it_refuses_half_a_surrogate_pair() -> None:
    with pytest.raises(MalformedProblem):
        canonical("\ud800")


def test_rounding_touches_floats_only() -> None:
    before = {"a": [1 / 3, 7, True, None, "0.3333333333"], "b": (2.0000004,)}
    assert round_floats(before) == {"a": [0.333333, 7, True, None, "0.3333333333"], "b": [2.0]}


def test_the_hash_is_that_of_the_utf_8_bytes() -> None:
    # Known value: SHA-256 of the two bytes {}.
    assert sha256({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("problem", [dense(), linked()])
def test_a_problem_survives_being_written_and_read(problem: Json) -> None:
    read = Problem.from_json(problem)
    written = json.loads(canonical(read.to_json()))
    assert Problem.from_json(written) == read
    assert canonical(Problem.from_json(written).to_json()) == canonical(read.to_json())


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=6))
def test_normalised_weights_survive_being_read_again(weights: list[float]) -> None:
    problem = dense()
    problem["evals"] += [{"id": f"w{n}", "domain": "x", "floor": 0, "ceiling": 1} for n in range(6)]
    problem["baskets"][0]["weights"] = {f"w{n}": w for n, w in enumerate(weights)}
    once = Problem.from_json(problem)
    assert Problem.from_json(once.to_json()) == once
    assert sum(once.baskets[0].weights.values()) == pytest.approx(1, abs=1e-12)


def test_defaults_are_written_out() -> None:
    method = Problem.from_json(dense() | {"method": {"base": "old"}}).to_json()["method"]
    assert method == {
        "base": "old",
        "link": "additive",
        "scale": "points",
        "domain_mean": "arithmetic",
        "imputation": "model",
        "coverage_floor": 0.5,
        "domain_coverage_floor": 0.0,
        "min_evals": 2,
        "replicates": 0,
        "seed": 0,
    }


def test_a_problem_has_the_hash_of_its_canonical_json() -> None:
    problem = Problem.from_json(dense())
    whole = problem.to_json()
    assert problem.sha256 == sha256(whole)
    method = {key: value for key, value in vars(problem.method).items() if key != "seed"}
    assert problem.natural_seed == sha256(whole | {"method": method})
    assert Problem.from_json(changed(dense(), seed=3)).natural_seed == problem.natural_seed


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_it_refuses_what_has_no_number_wherever_it_lies(value: float) -> None:
    for obj in (value, [value], {"a": value}, {"a": [{"b": value}]}):
        with pytest.raises(MalformedProblem):
            canonical(obj)
