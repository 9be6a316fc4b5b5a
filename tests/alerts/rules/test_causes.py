"""What moved a value: scores, with the fill that follows from them, or the fill alone."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.rules import Cause, Difference, Kind, examine
from tests.alerts.rules.cases import facts, found, moved, pair

BEFORE = facts({"base": 100.0, "old": 150.0, "mid": 140.0}, number=1)
RISEN = facts({"base": 100.0, "old": 150.0, "mid": 155.0})


def never(*_names: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("terms", "known", "cause", "move"),
    [
        ({"new_scores": 6.0, "fill": 9.0}, {}, "new_score", 15.0),
        ({"new_scores": 6.0, "fill": 9.0}, {"fresh": never}, "imputation", 9.0),
        # What turns against its scores is the work of others; what does not outweigh them is not.
        ({"new_scores": -4.0, "fill": 19.0}, {}, "imputation", 19.0),
        ({"new_scores": 19.0, "fill": -4.0}, {}, "new_score", 15.0),
        ({"revised_scores": 6.0, "fill": 9.0}, {"renewed": lambda *_n: True}, "new_score", 15.0),
        ({"revised_scores": 6.0, "fill": 9.0}, {"fresh": never}, "revision", 15.0),
        ({"revised_scores": 0.04, "fill": 9.0}, {"fresh": never}, "imputation", 9.0),
    ],
)
def test_it_counts_a_fill_with_the_scores_that_it_follows_from(
    terms: dict[str, float], known: dict[str, Any], cause: str, move: float
) -> None:
    drawn = pair(BEFORE, RISEN, terms=moved("mid", **terms), **known)
    (one,) = found(drawn, Kind.MOVED)
    assert (one.cause, one.move) == (cause, move)
    assert bool(one.facts) is (cause != "imputation")
    led = [(each.cause, each.facts.get("fill")) for each in found(drawn, Kind.FRONTIER)]
    assert led == [(cause, one.facts.get("fill"))]


def test_it_counts_no_fill_with_scores_where_weights_changed() -> None:
    after = facts({"base": 100.0, "old": 150.0, "mid": 155.0}, versions=(1, 2))
    terms = moved("mid", new_scores=6.0, fill=9.0)
    (one,) = found(pair(BEFORE, after, terms=terms), Kind.MOVED)
    assert (one.cause, one.move, one.facts) == (Cause.IMPUTATION, 9.0, {})


def test_it_names_what_each_eval_adds_to_both_parts_and_where_it_is_an_estimate() -> None:
    parts = {"new_scores": (("x", 6.0),), "fill": (("y", 8.0), ("x", 1.0))}
    drawn = pair(
        BEFORE,
        RISEN,
        terms=moved("mid", new_scores=6.0, fill=9.0),
        parts=lambda _system, _series, kind: parts[kind],
        scored=lambda _system, name: name == "x",
    )
    (one,) = found(drawn, Kind.MOVED)
    assert one.drivers == (("y", 8.0), ("x", 7.0)) and one.estimated == {"y"}
    assert one.facts == {"scores": 6.0, "fill": 9.0}


FELL = facts({"base": 100.0, "old": 150.0, "mid": 130.0})
LED = facts({"base": 100.0, "old": 150.0, "mid": 180.0}, number=1)
WITHDRAWN = moved("mid", revised_scores=-20.0, fill=-30.0)


def test_it_tells_that_a_withdrawal_took_a_lead_back() -> None:
    drawn = pair(LED, FELL, terms=WITHDRAWN, fresh=never)
    (one,) = found(drawn, Kind.FRONTIER)
    assert (one.system, one.previous, one.cause) == ("old", "mid", Cause.REVISION)
    assert one.recovered
    assert one.facts == {"scores": -20.0, "fill": -30.0, "whose": "previous"}
    (fell,) = found(drawn, Kind.MOVED)
    assert (fell.cause, fell.move) == (Cause.REVISION, -50.0)
    # One that lost its value leaves the lead to another, whatever a fit did to that.
    gone = facts({"base": 100.0, "old": 150.1})
    (one,) = found(pair(LED, gone, terms=moved("old", fill=0.1), fresh=never), Kind.FRONTIER)
    assert (one.cause, one.recovered) == (Cause.REVISION, True)


@pytest.mark.parametrize(("high", "back"), [(-1.0, True), (3.0, False)])
def test_it_takes_no_lead_back_that_came_and_went_within_the_noise(high: float, back: bool) -> None:
    drawn = pair(
        LED,
        FELL,
        terms=WITHDRAWN,
        fresh=never,
        led=lambda *_names: True,
        compare=lambda *_names: Difference(-5.0, 45.0, 0.9),
        drift=lambda *_names: Difference(-90.0, high, 0.02),
    )
    (one,) = found(drawn, Kind.FRONTIER)
    assert (one.recovered, bool(one.facts.get("returned"))) == (back, not back)


def test_a_fit_or_a_small_revision_takes_no_lead_back() -> None:
    after = facts({"base": 100.0, "old": 150.0, "mid": 149.0})
    before = facts({"base": 100.0, "old": 150.0, "mid": 150.5}, number=1)
    for terms in ({"fill": -1.5}, {"revised_scores": -0.9}):
        drawn = pair(before, after, terms=moved("mid", **terms), fresh=never)
        assert [one.recovered for one in found(drawn, Kind.FRONTIER)] == [False]


def test_it_calls_a_withdrawal_under_a_subdomain_a_revision() -> None:
    series = "capability/math"
    before, after = (
        facts({}, official={**one.official, series: one.official["capability"]})
        for one in (LED, FELL)
    )
    drawn = pair(before, after, terms=WITHDRAWN, fresh=never)
    inner = [one for one in examine(drawn).findings if one.series == series]
    assert [(one.kind, one.cause, one.recovered) for one in inner] == [
        (Kind.FRONTIER, Cause.REVISION, True)
    ]
