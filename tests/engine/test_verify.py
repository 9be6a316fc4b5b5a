"""Section 11: a sealed bundle is rebuilt, and what differs is named."""

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from baskets.engine import Problem, canonical, compute, round_floats, sha256
from baskets.engine.bundle import read_bundle
from baskets.engine.errors import MalformedBundle
from baskets.engine.tolerance import OTHER_VERSIONS, REACH, monte_carlo_error
from baskets.engine.verify import (
    DIFFERS,
    EXACT,
    OPEN,
    SEALED,
    TOLERANCE,
    Verification,
    _fills,
    verify,
)
from tests.engine.problems import Json, changed, linked


def made() -> Json:
    """A bundle of a problem with two versions, a filled cell and replicates."""
    obj = changed(linked(), imputation="model", replicates=200)
    obj["evals"].append(dict(obj["evals"][0], id="extra"))
    obj["scores"].append({"system": "old", "eval": "extra", "value": 30})
    obj["baskets"][0]["weights"]["extra"] = 0.25
    problem = Problem.from_json(obj)
    answer: Any = round_floats(compute(problem).to_json(), 6)
    filled = answer.pop("imputed")
    return {"problem": problem.to_json(), "filled": filled, "answer": answer, "excluded": []}


MADE = made()


def bundle() -> Json:
    """A copy of the bundle, for a test to change."""
    return copy.deepcopy(MADE)


def checked(changed_bundle: Json, *, quick: bool = False) -> Verification:
    """The verification of a bundle that was sealed anew after the change."""
    return verify(canonical(changed_bundle).encode(), quick=quick)


def outcomes(found: Verification) -> dict[str, str]:
    return {check.name: check.outcome for check in found.checks}


def said(found: Verification, name: str) -> str:
    return next(check.detail for check in found.checks if check.name == name)


def test_it_rebuilds_a_sealed_bundle_byte_for_byte() -> None:
    found = checked(bundle())
    names = ["canonical", "versions", "problem", "values", "fills", "intervals"]
    assert outcomes(found) == dict.fromkeys(names, EXACT) | {"excluded": SEALED}
    assert found.sha256 == sha256(bundle())
    assert found.replicates is not None


def test_it_leaves_the_fit_and_the_replicates_out_when_asked_to_be_quick() -> None:
    found = checked(bundle(), quick=True)
    assert list(outcomes(found)) == ["canonical", "versions", "problem", "values", "excluded"]
    assert found.replicates is None


def test_it_compares_the_seal_with_a_published_one() -> None:
    raw = canonical(bundle()).encode()
    good = verify(raw, expected=sha256(bundle()).upper() + "\n", quick=True)
    assert outcomes(good)["sha256"] == EXACT
    assert outcomes(verify(raw, expected="0" * 64, quick=True))["sha256"] == DIFFERS


def test_it_sees_bytes_that_are_not_canonical() -> None:
    raw = canonical(bundle()).encode().replace(b'"answer":{', b'"answer": {', 1)
    assert outcomes(verify(raw, quick=True))["canonical"] == DIFFERS


def test_it_names_a_problem_that_the_answer_was_not_computed_from() -> None:
    other = bundle()
    other["problem"]["scores"][0]["value"] += 0.1
    found = checked(other, quick=True)
    assert outcomes(found)["problem"] == DIFFERS
    assert "stored" in said(found, "problem") and "rebuilt" in said(found, "problem")


def test_it_names_the_first_value_of_a_score_changed_before_sealing() -> None:
    other = bundle()
    score = next(s for s in other["problem"]["scores"] if (s["system"], s["eval"]) == ("new", "b"))
    score["value"] += 0.1
    other["answer"]["sha256"] = sha256(other["problem"])
    found = checked(other, quick=True)
    assert [c.name for c in found.with_outcome(DIFFERS)] == ["values"]
    assert said(found, "values").startswith("points: new, headline, v2: value ")


def test_it_sees_a_part_of_the_problem_that_the_engine_does_not_read() -> None:
    other = bundle()
    other["problem"]["systems"][0]["colour"] = "red"
    other["answer"]["sha256"] = sha256(other["problem"])
    found = checked(other, quick=True)
    assert outcomes(found)["problem"] == DIFFERS
    assert 'problem.systems[0].colour: "red" stored, nothing rebuilt' in said(found, "problem")


def nudged(part: str, name: str) -> Callable[[Json], str]:
    """A change of the last stored digit of the first number there; the place's name."""

    def change(obj: Json) -> str:
        row = next(row for row in obj["answer"][part] if row[name])
        row[name] = round(row[name] + 1e-6, 6)
        return f"{part}: "

    return change


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("points", "value"),
        ("points", "coverage"),
        ("points", "worst"),
        ("points", "best"),
        ("links", "additive"),
        ("links", "odds"),
        ("levels", "anchor"),
        ("contributions", "points"),
        ("errors", "stderr"),
    ],
)
def test_it_sees_the_last_digit_of_every_value(part: str, name: str) -> None:
    other = bundle()
    start = nudged(part, name)(other)
    found = checked(other, quick=True)
    assert [c.name for c in found.with_outcome(DIFFERS)] == ["values"]
    assert said(found, "values").startswith(start)
    assert f": {name} " in said(found, "values")


def test_it_tells_a_flag_from_a_number() -> None:
    other = bundle()
    row = next(row for row in other["answer"]["points"] if row["official"])
    row["official"] = 1
    assert "official 1 stored, true rebuilt" in said(checked(other, quick=True), "values")


def dropped(rows: list[Json]) -> str:
    del rows[0]
    return "not stored, but rebuilt"


def invented(rows: list[Json]) -> str:
    rows.append(rows[0] | {"system": "ghost"})
    return "ghost, headline, v1: stored, but not rebuilt"


def doubled(rows: list[Json]) -> str:
    rows.append(dict(rows[0]))
    return "a row stands twice"


def turned(rows: list[Json]) -> str:
    rows.reverse()
    return "the rows stand in another order"


@pytest.mark.parametrize("change", [dropped, invented, doubled, turned])
def test_it_sees_rows_that_are_missing_invented_doubled_or_moved(
    change: Callable[[list[Json]], str],
) -> None:
    other = bundle()
    expected = change(other["answer"]["points"])
    assert expected in said(checked(other, quick=True), "values")


def refilled(points: float) -> Json:
    """The bundle as it would be had one fill been another, consistent in everything else."""
    other = bundle()
    other["filled"][0]["points"] = round(other["filled"][0]["points"] + points, 6)
    problem = Problem.from_json(other["problem"])
    filled = read_bundle(canonical(other).encode()).filled
    answer: Any = round_floats(compute(problem, filled=filled).to_json(), 6)
    del answer["imputed"]
    answer["imputation"] = other["answer"]["imputation"]
    return other | {"answer": answer}


def test_it_sees_a_fill_that_the_model_does_not_give() -> None:
    found = checked(refilled(0.5))
    assert outcomes(found)["values"] == EXACT
    assert outcomes(found)["fills"] == DIFFERS
    cell = MADE["filled"][0]
    place = f"filled: {cell['system']}, {cell['eval']}, {cell['basket']}: points "
    assert said(found, "fills").startswith(place)


def test_it_asks_for_the_same_fills_under_the_same_versions() -> None:
    assert outcomes(checked(refilled(1e-6)))["fills"] == DIFFERS
    other = bundle()
    other["filled"][0]["zz"] = None
    assert "zz null stored, nothing rebuilt" in said(checked(other), "fills")


@pytest.mark.parametrize(("by", "outcome"), [(1e-6, TOLERANCE), (2e-6, DIFFERS)])
def test_it_takes_fills_of_another_library_to_one_millionth(by: float, outcome: str) -> None:
    other = refilled(by)
    other["answer"]["made_with"]["scipy"] = "1.0.0"
    found = checked(other)
    assert outcomes(found)["fills"] == outcome
    assert outcome == DIFFERS or "states other versions than those here" in said(found, "fills")


def test_it_takes_a_last_digit_that_another_processor_rounds_otherwise() -> None:
    bundle_read = read_bundle(canonical(bundle()).encode())
    again = compute(bundle_read.problem)
    fill = again.imputed[0]
    on_the_edge = round(fill.points, 6) + 5e-7 + 5e-10
    nearly = replace(again, imputed=(replace(fill, points=on_the_edge), *again.imputed[1:]))
    assert _fills(bundle_read, nearly).outcome == TOLERANCE
    beyond = replace(fill, points=on_the_edge + 1e-9)
    farther = replace(again, imputed=(beyond, *again.imputed[1:]))
    assert _fills(bundle_read, farther).outcome == DIFFERS


def test_it_sees_another_model_than_the_one_recorded() -> None:
    other = bundle()
    domain = next(iter(other["answer"]["imputation"]))
    other["answer"]["imputation"][domain]["cells"] += 1
    found = checked(other)
    assert f"imputation.{domain}.cells" in said(found, "fills")


def widened(by: float, **versions: str) -> Verification:
    """The outcome for an end moved by so many points, in a bundle made with other versions."""
    other = bundle()
    row = next(r for r in other["answer"]["points"] if r["low"] is not None and r["value"] > 105)
    other["answer"]["made_with"] |= versions
    other["answer"]["engine"] = other["answer"]["made_with"]["engine"]
    row["low"] = round(row["low"] - by, 6)
    return checked(other)


def reach() -> float:
    """What Monte Carlo error allows at that end."""
    rows = MADE["answer"]["points"]
    return monte_carlo_error(
        next(r for r in rows if r["low"] is not None and r["value"] > 105), 200
    )


@pytest.mark.parametrize("by", [2e-6, -1e-5, 1e-3, 0.5])
def test_it_asks_for_the_same_intervals_under_the_same_versions(by: float) -> None:
    found = widened(by)
    assert outcomes(found)["intervals"] == DIFFERS
    assert ": low " in said(found, "intervals")


def test_it_names_the_tolerance_and_why_under_another_library() -> None:
    found = widened(0.9 * OTHER_VERSIONS, numpy="1.0.0")
    assert outcomes(found)["versions"] == TOLERANCE
    assert outcomes(found)["intervals"] == TOLERANCE
    assert "numpy 1.0.0" in said(found, "versions")
    assert "to 0.001 points: the bundle states other versions" in said(found, "intervals")


def test_it_confirms_nothing_within_monte_carlo_error() -> None:
    found = widened(0.5 * reach(), numpy="0.1")
    assert outcomes(found)["intervals"] == OPEN
    assert "the bundle states other versions than those here" in said(found, "intervals")


def test_it_sees_intervals_beyond_monte_carlo_error() -> None:
    found = widened(1.5 * reach(), numpy="1.0.0")
    assert outcomes(found)["intervals"] == DIFFERS
    assert "allowed" in said(found, "intervals")


def test_it_sees_an_end_that_is_missing() -> None:
    other = bundle()
    del next(r for r in other["answer"]["points"] if r["low"] is None)["low"]
    assert "low nothing stored, null rebuilt" in said(checked(other), "intervals")


def test_it_leaves_open_what_another_engine_may_compute_otherwise() -> None:
    found = widened(1.5 * reach(), engine="0.9.0")
    assert not found.with_outcome(DIFFERS)
    assert {c.name for c in found.with_outcome(OPEN)} == {"versions", "intervals"}
    assert outcomes(found)["values"] == EXACT


def test_it_checks_bundles_that_state_no_library() -> None:
    other = bundle()
    del other["answer"]["made_with"]
    found = checked(other)
    assert outcomes(found)["versions"] == TOLERANCE
    assert outcomes(found)["intervals"] == EXACT


def test_it_refuses_two_statements_about_the_engine() -> None:
    other = bundle()
    other["answer"]["engine"] = "0.9.0"
    assert outcomes(checked(other, quick=True))["versions"] == DIFFERS


def test_it_says_which_parts_it_does_not_rebuild() -> None:
    other = bundle() | {"more": 1}
    other["answer"]["extra"] = {}
    found = checked(other, quick=True)
    assert said(found, "others").endswith("more, answer.extra")
    assert outcomes(found)["others"] == OPEN


def test_it_says_that_the_scores_left_out_are_not_rebuilt() -> None:
    row = {"system": "new", "eval": "b", "value": 1, "content_hash": "0" * 64, "reason": "any"}
    found = checked(bundle() | {"excluded": [row]}, quick=True)
    assert outcomes(found)["excluded"] == SEALED
    assert said(found, "excluded").startswith("sealed, but not rebuilt: 1 scores left out")


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.pop("filled"),
        lambda b: b.update(answer=[]),
        lambda b: b.update(excluded={}),
        lambda b: b["filled"][0].update(points="many"),
        lambda b: b["filled"][0].update(system=None),
        lambda b: b["answer"].pop("engine"),
        lambda b: b["answer"].pop("points"),
        lambda b: b["answer"]["points"].append(5),
        lambda b: b["answer"].update(made_with={"engine": 1}),
    ],
)
def test_it_refuses_what_is_not_a_bundle(change: Callable[[Json], object]) -> None:
    other = bundle()
    change(other)
    with pytest.raises(MalformedBundle):
        checked(other, quick=True)


def test_the_tolerance_is_the_error_of_two_estimates_of_a_quantile() -> None:
    rng = np.random.default_rng(7)
    draws = rng.normal(100, 4, size=(2, 2000, 1000))
    low, high = np.percentile(draws, (2.5, 97.5), axis=2)
    seen = float(np.std(low[0] - low[1]))
    row = {"low": float(low.mean()), "high": float(high.mean())}
    stated = monte_carlo_error(row, 1000) / REACH
    assert stated == pytest.approx(seen, rel=0.05)
    assert math.isclose(monte_carlo_error({"low": None, "high": None}, 1000), 0)


@pytest.mark.parametrize("depth", [40, 850, 900])
@pytest.mark.parametrize("part", ["answer", "problem", "more"])
def test_it_refuses_what_is_nested_too_deep(depth: int, part: str) -> None:
    deep = f"{'[' * depth}{']' * depth}"
    raw = canonical(bundle() | {"more": {}})
    start = f'"{part}":{{'
    other = raw.replace(start, f'{start}"deep":{deep}' + ("" if part == "more" else ","), 1)
    with pytest.raises(MalformedBundle, match="levels deep"):
        verify(other.encode(), quick=True)
