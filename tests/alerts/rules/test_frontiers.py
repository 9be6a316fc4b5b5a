"""A new frontier, what made it, and what is none."""

from __future__ import annotations

import pytest

from alerts.rules import Cause, Difference, Kind, Outcome, examine
from tests.alerts.rules.cases import APART, facts, found, moved, pair

OLD = facts({"base": 100.0, "old": 150.0}, number=1)


def test_it_tells_of_a_system_that_leads_by_how_far_it_does() -> None:
    drawn = pair(OLD, facts({"base": 100.0, "old": 148.0, "sol": 160.0}))
    (one,) = found(drawn, Kind.FRONTIER)
    # Against the former leader as this release measures it: 148, and not the 150 of before.
    assert (one.system, one.previous, one.before, one.move) == ("sol", "old", 148.0, 12.0)
    assert (one.move_low, one.move_high, one.probability) == (APART.low, APART.high, APART.above)
    assert (one.cause, one.coverage) == (Cause.NEW_SYSTEM, 0.9)


def test_it_tells_of_a_leader_that_rises_further() -> None:
    terms = moved("old", new_scores=6.0, weights=1.0)
    drawn = pair(OLD, facts({"base": 100.0, "old": 157.0}), terms=terms)
    (one,) = found(drawn, Kind.FRONTIER)
    # Only what the new scores made of it is its move.
    assert (one.before, one.after, one.move, one.cause) == (150.0, 157.0, 6.0, Cause.NEW_SCORE)


def test_it_tells_of_a_system_that_enters_with_a_new_version() -> None:
    after = facts({"base": 90.0, "old": 120.0, "sol": 130.0}, versions=(1, 2))
    drawn = pair(OLD, after)
    (one,) = found(drawn, Kind.FRONTIER)
    assert (one.cause, one.move) == (Cause.NEW_SYSTEM, 10.0)
    assert examine(drawn).outcome == Outcome.MOVED
    assert [f.version for f in found(drawn, Kind.PUBLISHED)] == [2]


@pytest.mark.parametrize(
    ("term", "cause"),
    [("weights", "weights"), ("link", "link"), ("fill", "imputation"), ("method", "method")],
)
def test_it_calls_no_change_of_the_yardstick_progress(term: str, cause: str) -> None:
    before = facts({"base": 100.0, "old": 150.0, "sol": 140.0}, number=1)
    after = facts({"base": 100.0, "old": 150.0, "sol": 160.0}, versions=(1, 2))
    terms = moved("sol", **{term: 20.0})
    drawn = pair(before, after, terms=terms, fresh=lambda *_names: False)
    assert [one.cause for one in found(drawn, Kind.FRONTIER)] == [cause]
    rose = facts({"base": 100.0, "old": 170.0})
    drawn = pair(OLD, rose, terms=moved("old", **{term: 20.0}))
    assert not found(drawn, Kind.FRONTIER)
    assert examine(pair(before, after, fresh=lambda *_n: False)).outcome == Outcome.REMEASURED


def test_it_calls_a_lead_without_own_scores_a_revision() -> None:
    before = facts({"base": 100.0, "old": 150.0, "sol": 140.0}, number=1)
    after = facts({"base": 100.0, "old": 130.0, "sol": 140.0})
    terms = moved("old", revised_scores=-20.0)
    drawn = pair(before, after, terms=terms, fresh=lambda *_names: False)
    assert [one.cause for one in found(drawn, Kind.FRONTIER)] == [Cause.REVISION]
    gone = facts({"base": 100.0, "sol": 140.0})
    drawn = pair(before, gone, fresh=lambda *_names: False)
    assert [one.cause for one in found(drawn, Kind.FRONTIER)] == [Cause.REVISION]


def test_it_calls_a_new_leader_below_the_old_frontier_a_revision() -> None:
    drawn = pair(OLD, facts({"base": 100.0, "old": 120.0, "sol": 130.0}))
    assert [one.cause for one in found(drawn, Kind.FRONTIER)] == [Cause.REVISION]


def test_it_says_nothing_of_a_first_or_an_unchanged_release() -> None:
    assert not found(pair(None, OLD), Kind.FRONTIER)
    assert examine(pair(OLD, facts({"base": 100.0, "old": 150.0}))).outcome == Outcome.QUIET
    provisional = facts({"base": 100.0, "old": 150.0}, known=frozenset({"base", "old", "sol"}))
    assert not examine(pair(OLD, provisional)).findings


@pytest.mark.parametrize(
    ("before", "after", "told"), [(False, False, True), (True, False, False), (True, True, False)]
)
def test_it_never_tells_of_reconstructed_history(before: bool, after: bool, told: bool) -> None:
    old = facts({"base": 100.0, "old": 150.0}, number=1, reconstructed=before)
    new = facts({"base": 100.0, "old": 150.0, "sol": 160.0}, reconstructed=after)
    verdict = examine(pair(old, new))
    assert verdict.told is told and found(pair(old, new), Kind.FRONTIER)


@pytest.mark.parametrize(
    ("led", "low", "returned"), [(True, -2.0, True), (True, 1.0, False), (False, -2.0, False)]
)
def test_it_notes_a_lead_that_is_back_within_its_noise(
    led: bool, low: float, returned: bool
) -> None:
    after = facts({"base": 100.0, "old": 150.0, "sol": 151.0})
    before = facts({"base": 100.0, "old": 150.0, "sol": 149.0}, number=1)
    drawn = pair(
        before,
        after,
        terms=moved("sol", new_scores=2.0),
        compare=lambda *_names: Difference(low, 4.0, 0.7),
        led=lambda system, against, _series: led and (system, against) == ("sol", "old"),
    )
    findings = [*found(drawn, Kind.FRONTIER), *found(drawn, Kind.RANK)]
    assert [bool(one.facts.get("returned")) for one in findings] == [returned, returned]
