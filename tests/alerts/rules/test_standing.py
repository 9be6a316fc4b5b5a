"""States that begin and end, with a margin between."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from alerts.rules import Cause, Kind, Rate, Rung, Value, sign_probability
from tests.alerts.rules.cases import facts, found, pair

VALUES = {"base": 100.0, "old": 150.0}


def gap(value: float) -> dict[str, Rate]:
    return {"safety": Rate(value, value - 4, value + 4)}


@pytest.mark.parametrize(
    ("before", "now", "recovered"),
    [
        (3.0, -3.0, [False]),
        (-3.0, 3.0, [True]),
        (3.0, -0.5, []),
        (-0.5, 0.5, []),
        (-3.0, -4.0, []),
    ],
)
def test_it_tells_when_a_gap_turns_and_not_when_it_wavers(
    before: float, now: float, recovered: list[bool]
) -> None:
    drawn = pair(facts(VALUES, gaps=gap(before)), facts(VALUES, gaps=gap(now)))
    assert [one.recovered for one in found(drawn, Kind.GAP)] == recovered


@pytest.mark.parametrize(("earlier", "told"), [([0.2, 5.0], 1), ([0.2, -5.0], 0), ([0.2], 0)])
def test_it_remembers_on_which_side_a_wavering_gap_stood(earlier: list[float], told: int) -> None:
    before, after = facts(VALUES, gaps=gap(0.5)), facts(VALUES, gaps=gap(-3.0))
    drawn = pair(before, after, earlier=lambda _kind, _key: earlier)
    assert len(found(drawn, Kind.GAP)) == told


@pytest.mark.parametrize(
    ("name", "brought", "cause"),
    [
        ("old", "", Cause.REVISION),
        ("old", "old", Cause.NEW_SCORE),
        # Not at the frontier, so that the gap is not measured along it.
        ("low", "low", Cause.REVISION),
        ("sol", "", Cause.NEW_SYSTEM),
    ],
)
def test_it_says_whose_scores_turned_a_gap(name: str, brought: str, cause: Cause) -> None:
    entered = {"base": 100.0, "old": 150.0, "low": 90.0}
    after = entered | ({"sol": 170.0} if name == "sol" else {})
    days = {
        one: dt.date(2025, month, 1) for month, one in enumerate(("base", "old", "low", "sol"), 1)
    }
    before, now = (
        facts(values, official=both(values), released=days, gaps=gap(rate))
        for values, rate in ((entered, 3.0), (after, -3.0))
    )
    (one,) = found(pair(before, now, fresh=lambda system, _series: system == brought), Kind.GAP)
    assert one.cause == cause


def both(values: dict[str, float]) -> dict[str, dict[str, Value]]:
    """The same official values in the two series of a gap."""
    rows = {name: Value(value) for name, value in values.items()}
    return {"capability": rows, "safety": rows}


def rung(difference: float) -> dict[tuple[str, str], Rung]:
    parts = (("safety-1", difference),)
    one = Rung("maker", "sol", "old", Rate(difference, difference - 2, difference + 2), parts)
    return {("safety", "sol"): one}


def test_it_tells_of_a_generation_that_falls_behind_and_of_its_return() -> None:
    plain = facts(VALUES)
    behind = facts({**VALUES, "sol": 160.0}, rungs=rung(-3.0))
    (one,) = found(pair(plain, behind), Kind.REGRESSION)
    assert (one.system, one.previous, one.move, one.cause) == (
        "sol", "old", -3.0, Cause.NEW_SYSTEM)  # fmt: skip
    assert one.drivers == (("safety-1", -3.0),) and not one.recovered
    assert not found(pair(behind, behind), Kind.REGRESSION)
    back = facts({**VALUES, "sol": 160.0}, rungs=rung(2.0))
    assert [one.recovered for one in found(pair(behind, back), Kind.REGRESSION)] == [True]
    assert not found(pair(plain, back), Kind.REGRESSION)
    weighed = replace(back, versions=(1, 2))
    assert [one.cause for one in found(pair(behind, weighed), Kind.REGRESSION)] == [Cause.WEIGHTS]


def test_it_reads_a_probability_from_an_interval() -> None:
    # One standard error of 1: 1.96 of them leave 2.5 percent on the other side.
    assert sign_probability(Rate(1.959964, 0.0, 3.919928)) == pytest.approx(0.975, abs=1e-6)
    assert sign_probability(Rate(1.0)) is None
