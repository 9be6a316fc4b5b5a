"""Section 14: a named error, never a number."""

from collections.abc import Callable
from typing import Any

import pytest

from baskets.engine import EngineError, Problem, compute
from tests.engine.problems import Json, dense, item, linked

Change = Callable[[Json], Any]


def refusal(change: Change, problem: Json | None = None) -> str:
    problem = problem or dense()
    change(problem)
    with pytest.raises(EngineError) as caught:
        compute(Problem.from_json(problem))
    assert caught.value.detail
    return caught.value.name


def first(problem: Json, key: str) -> Json:
    row = problem[key][0]
    assert isinstance(row, dict)
    return row


CASES: dict[str, tuple[str, Change]] = {
    "no basket": ("EmptyBasket", lambda p: p.update(baskets=[])),
    "no weights": ("EmptyBasket", lambda p: first(p, "baskets").update(weights={})),
    "zero weight": ("BadWeight", lambda p: first(p, "baskets")["weights"].update(a=0)),
    "negative weight": ("BadWeight", lambda p: first(p, "baskets")["weights"].update(a=-1)),
    "weight NaN": ("BadWeight", lambda p: first(p, "baskets")["weights"].update(a=float("nan"))),
    "weight infinite": ("BadWeight", lambda p: first(p, "baskets")["weights"].update(a=1e999)),
    "weights overflow": (
        "BadWeight",
        lambda p: first(p, "baskets").update(weights={"a": 1e308, "b": 1e308, "c": 1}),
    ),
    "weight vanishes": (
        "BadWeight",
        lambda p: first(p, "baskets").update(weights={"a": 1e300, "b": 1e-300, "c": 1}),
    ),
    "weight is text": ("MalformedProblem", lambda p: first(p, "baskets")["weights"].update(a="1")),
    "weight is true": ("MalformedProblem", lambda p: first(p, "baskets")["weights"].update(a=True)),
    "flat goalposts": ("BadGoalposts", lambda p: first(p, "evals").update(floor=100)),
    "flat in basket": (
        "BadGoalposts",
        lambda p: first(p, "baskets").update(goalposts={"a": [3, 3]}),
    ),
    "half flat": (
        "BadGoalposts",
        lambda p: first(p, "baskets").update(goalposts={"a": [100, None]}),
    ),
    "no goalposts": ("BadGoalposts", lambda p: first(p, "evals").update(floor=None)),
    "no reference": ("BadGoalposts", lambda p: first(p, "evals").update(scale="elo")),
    "log of zero goalpost": ("NotPositive", lambda p: first(p, "evals").update(scale="log")),
    "log of zero": (
        "NotPositive",
        lambda p: (
            first(p, "evals").update(scale="log", floor=1),
            first(p, "scores").update(value=0),
        ),
    ),
    "unknown base": ("BaseMissing", lambda p: p["method"].update(base="nobody")),
    "no base": ("BaseMissing", lambda p: p["method"].pop("base")),
    "base unseen": ("BaseMissing", lambda p: p["scores"].pop(0)),
    "base too low": (
        "BaseTooLow",
        lambda p: (
            [s.update(value=1) for s in p["scores"][:1]]
            and first(p, "baskets").update(weights={"a": 9, "c": 0.5})
        ),
    ),
    "domain too low": ("BaseTooLow", lambda p: p["scores"][2].update(value=95)),
    "duplicate cell": ("DuplicateCell", lambda p: p["scores"].append(p["scores"][0])),
    "null beside a number": (
        "DuplicateCell",
        lambda p: p["scores"].append(first(p, "scores") | {"value": None}),
    ),
    "number beside a null": (
        "DuplicateCell",
        lambda p: p["scores"].insert(0, first(p, "scores") | {"value": None}),
    ),
    "two nulls": (
        "DuplicateCell",
        lambda p: p["scores"].extend([p["scores"].pop(0) | {"value": None}] * 2),
    ),
    "misspelt key of a basket": (
        "MalformedProblem",
        lambda p: first(p, "baskets").update(goalpost={"b": [0, 100]}),
    ),
    "duplicate eval": ("DuplicateId", lambda p: p["evals"].append(item("a"))),
    "duplicate system": ("DuplicateId", lambda p: p["systems"].append({"id": "old"})),
    "duplicate basket": (
        "DuplicateId",
        lambda p: p["baskets"].append(p["baskets"][0] | {"effective_on": "2025-01-01"}),
    ),
    "unknown system": ("UnknownId", lambda p: first(p, "scores").update(system="x")),
    "unknown eval": ("UnknownId", lambda p: first(p, "scores").update(eval="x")),
    "unknown weight": ("UnknownId", lambda p: first(p, "baskets")["weights"].update(x=1)),
    "unknown goalposts": (
        "UnknownId",
        lambda p: first(p, "baskets").update(goalposts={"x": [0, 1]}),
    ),
    "unknown overlap": ("UnknownId", lambda p: first(p, "baskets").update(overlap=["x"])),
    "above bounds": ("OutOfBounds", lambda p: first(p, "scores").update(value=100.01)),
    "below bounds": ("OutOfBounds", lambda p: first(p, "scores").update(value=-0.01)),
    "score NaN": ("OutOfBounds", lambda p: first(p, "scores").update(value=float("nan"))),
    "score infinite": (
        "OutOfBounds",
        lambda p: (
            first(p, "evals").update(upper=None),
            first(p, "scores").update(value=float("inf")),
        ),
    ),
    "score is text": ("MalformedProblem", lambda p: first(p, "scores").update(value="50")),
    "score is huge": ("MalformedProblem", lambda p: first(p, "scores").update(value=10**400)),
    "score absent": ("MalformedProblem", lambda p: first(p, "scores").pop("value")),
    "negative stderr": ("MalformedProblem", lambda p: first(p, "scores").update(stderr=-1)),
    "no items": ("MalformedProblem", lambda p: first(p, "scores").update(n_items=0)),
    "unknown option": ("MalformedProblem", lambda p: p["method"].update(minevals=3)),
    "unknown link": ("MalformedProblem", lambda p: p["method"].update(link="splice")),
    "unknown scale": ("MalformedProblem", lambda p: first(p, "evals").update(scale="rank")),
    "floor above one": ("MalformedProblem", lambda p: p["method"].update(coverage_floor=30)),
    "fraction of a replicate": ("MalformedProblem", lambda p: p["method"].update(replicates=1.5)),
    "too many replicates": (
        "MalformedProblem",
        lambda p: p["method"].update(replicates=10**9),
    ),
    "one replicate": ("MalformedProblem", lambda p: p["method"].update(replicates=1)),
    "negative seed": ("MalformedProblem", lambda p: p["method"].update(seed=-1)),
    "bad date": ("MalformedProblem", lambda p: first(p, "systems").update(released_on="May 2024")),
    "reserved domain": ("MalformedProblem", lambda p: first(p, "evals").update(domain="headline")),
    "slash in domain": ("MalformedProblem", lambda p: first(p, "evals").update(domain="a/b")),
    "no evals": ("MalformedProblem", lambda p: p.pop("evals")),
    "evals is an object": ("MalformedProblem", lambda p: p.update(evals={})),
    "method is a list": ("MalformedProblem", lambda p: p.update(method=[])),
    "eval without id": ("MalformedProblem", lambda p: first(p, "evals").pop("id")),
    "id is a number": ("MalformedProblem", lambda p: first(p, "evals").update(id=3)),
    "overlap of numbers": (
        "MalformedProblem",
        lambda p: first(p, "baskets").update(overlap=[1]),
    ),
    "goalposts too far apart": (
        "BadGoalposts",
        lambda p: (
            first(p, "evals").update(floor=-1e308, ceiling=1e308, lower=None, upper=None),
            first(p, "scores").update(value=1e308),
        ),
    ),
    "log goalposts too close": (
        "BadGoalposts",
        lambda p: first(p, "evals").update(scale="log", floor=1e10, ceiling=1e10 + 2e-6),
    ),
    "one goalpost": (
        "MalformedProblem",
        lambda p: first(p, "baskets").update(goalposts={"a": [1]}),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_refuses(case: str) -> None:
    name, change = CASES[case]
    assert refusal(change) == name


@pytest.mark.parametrize("imputation", ["model", "parental", "strict"])
@pytest.mark.parametrize("floor", [1, None])
@pytest.mark.parametrize("value", [0, -2])
def test_it_refuses_the_logarithm_of_what_no_basket_counts(
    imputation: str, floor: int | None, value: int
) -> None:
    def add(problem: Json) -> None:
        problem["method"]["imputation"] = imputation
        problem["evals"].append(item("x", scale="log", floor=floor, lower=-9))
        problem["scores"].append({"system": "new", "eval": "x", "value": value})

    assert refusal(add) == "NotPositive"


def test_notes_beside_the_rows_of_a_problem_change_nothing() -> None:
    problem, noted = dense(), dense() | {"note": "a draft"}
    for key in ("evals", "systems", "scores"):
        for row in noted[key]:
            row["note"] = "seen in a report"
    assert Problem.from_json(noted) == Problem.from_json(problem)


@pytest.mark.parametrize("day", [None, "2024-01-01", "2023-12-31"])
def test_it_refuses_a_version_that_does_not_take_effect_later(day: str | None) -> None:
    assert (
        refusal(lambda p: p["baskets"][1].update(effective_on=day), linked()) == "MalformedProblem"
    )


def test_it_refuses_a_problem_that_is_not_an_object() -> None:
    with pytest.raises(EngineError):
        Problem.from_json([])  # type: ignore[arg-type]


def test_a_null_score_is_a_missing_cell_and_not_a_zero() -> None:
    problem = dense()
    problem["scores"][-1]["value"] = None
    read = Problem.from_json(problem)
    assert len(read.scores) == 5
    assert compute(read).point_at["new", "safety", "v1"].value is None


def test_a_later_version_may_start_low() -> None:
    problem = linked()
    problem["scores"] += [
        {"system": "old", "eval": "b", "value": 0},
        {"system": "old", "eval": "t", "value": 1},
    ]
    assert compute(Problem.from_json(problem)).point_at["old", "headline", "v2"].value is not None
