"""Baselines, lifecycles and revised values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from alerts.rules import Best, Cause, Kind
from tests.alerts.rules.cases import facts, found, moved, pair

VALUES = {"base": 100.0, "old": 150.0}
BELOW = Best("old", "capability", 70.0, 75.0, -5.0, probability=0.99)
ABOVE = Best("sol", "capability", 80.0, 75.0, 5.0, 1.0, 9.0, 0.99)


def test_it_tells_when_people_are_reached_and_when_that_is_taken_back() -> None:
    before, after = facts(VALUES, best={"x": BELOW}), facts(VALUES, best={"x": ABOVE})
    (one,) = found(pair(before, after), Kind.BASELINE)
    assert (one.eval, one.system, one.move, one.cause) == ("x", "sol", 5.0, Cause.NEW_SYSTEM)
    (back,) = found(pair(after, before), Kind.BASELINE)
    assert back.recovered and back.cause == Cause.REVISION
    # Another baseline is another question, and not an answer of the systems.
    moved_bar = facts(VALUES, best={"x": replace(ABOVE, baseline=60.0)})
    assert not found(pair(before, moved_bar), Kind.BASELINE)


def test_it_stays_reached_until_the_best_score_lies_clearly_below() -> None:
    noise = replace(BELOW, over=-1.0, low=-4.0, high=2.0)
    reached, wavering = facts(VALUES, best={"x": ABOVE}), facts(VALUES, best={"x": noise})
    below = facts(VALUES, best={"x": replace(BELOW, low=-9.0, high=-1.0)})
    assert not found(pair(reached, wavering), Kind.BASELINE)
    for state, told in ((1.0, (0, 1)), (-1.0, (1, 0))):
        known = {"earlier": lambda _kind, _key, state=state: [state]}
        ends = (reached, below)
        drawn = [found(pair(wavering, end, **known), Kind.BASELINE) for end in ends]
        assert tuple(map(len, drawn)) == told


def test_a_provisional_system_crosses_nothing_and_hides_nothing() -> None:
    early = replace(ABOVE, official=False)
    before, after = facts(VALUES, best={"x": BELOW}), facts(VALUES, best={"x": early})
    assert not found(pair(before, after), Kind.BASELINE)
    official = facts(VALUES, best={"x": ABOVE})
    (one,) = found(pair(after, official), Kind.BASELINE)
    assert not one.recovered and one.system == "sol"
    # It overtook one that had crossed already, which is no fall below the baseline.
    assert not found(pair(official, after), Kind.BASELINE)


def test_what_was_reached_is_not_told_again_when_a_higher_score_changes() -> None:
    told: dict[str, Any] = {"earlier": lambda _kind, _key: [1.0]}
    known = {"known": frozenset({*VALUES, "mid", "sol"})}
    over = facts(VALUES, best={"x": replace(ABOVE, system="mid")}, **known)
    hidden = facts(VALUES, best={"x": replace(ABOVE, value=90.0, official=False)}, **known)
    official = facts(VALUES, best={"x": replace(ABOVE, value=90.0)}, **known)
    # A provisional score rises above it; then it is official, or it is withdrawn.
    steps = ((over, hidden), (hidden, official), (hidden, over))
    assert not any(found(pair(*step, **told), Kind.BASELINE) for step in steps)
    # It had not been told of while the provisional one hid it: then it is no new score of its own.
    for fresh, cause in ((True, Cause.NEW_SCORE), (False, Cause.REVISION)):
        step = pair(hidden, over, fresh=lambda *_names, fresh=fresh: fresh)
        assert [one.cause for one in found(step, Kind.BASELINE)] == [cause]


def test_a_corrected_score_crosses_by_revision() -> None:
    over = replace(BELOW, value=80.0, over=5.0)
    before, after = facts(VALUES, best={"x": BELOW}), facts(VALUES, best={"x": over})
    (one,) = found(pair(before, after, renewed=lambda *_names: False), Kind.BASELINE)
    assert one.cause == Cause.REVISION
    (one,) = found(pair(before, after, renewed=lambda *_names: True), Kind.BASELINE)
    assert one.cause == Cause.NEW_SCORE


def test_it_tells_of_evals_that_fill_up_or_leave() -> None:
    before = facts(VALUES, lifecycles={"x": "active", "y": "saturating", "z": "experimental"})
    after = facts(VALUES, lifecycles={"x": "saturating", "y": "retired", "z": "active"})
    told = found(pair(before, after), Kind.LIFECYCLE)
    assert {one.eval: one.facts["state"] for one in told} == {"x": "saturating", "y": "retired"}
    (back, gone) = found(pair(after, before), Kind.LIFECYCLE)
    assert back.recovered and not gone.recovered
    for came, cause in ((True, "new_score"), (False, "revision"), (None, "time")):
        told = found(pair(after, before, came=lambda _eval, came=came: came), Kind.LIFECYCLE)
        assert [one.cause for one in told] == [cause, "weights"]


def test_it_counts_past_values_that_revised_scores_changed() -> None:
    after = facts({"base": 100.0, "old": 147.0})
    terms = moved("old", revised_scores=-3.0) | moved("base", revised_scores=0.04)
    (one,) = found(pair(facts(VALUES), after, terms=terms), Kind.REVISED)
    assert (one.system, one.move, one.facts) == ("old", -3.0, {"count": 1})
    assert not found(pair(facts(VALUES), after, terms=moved("old", fill=-3.0)), Kind.REVISED)
    # A better score measured since revises nothing; what was withdrawn takes its fill along.
    assert not found(
        pair(facts(VALUES), after, terms=terms, renewed=lambda *_n: True), Kind.REVISED
    )
    drawn = pair(facts(VALUES), after, terms=moved("old", revised_scores=-1.0, fill=-2.0))
    assert [one.move for one in found(drawn, Kind.REVISED)] == [-3.0]
