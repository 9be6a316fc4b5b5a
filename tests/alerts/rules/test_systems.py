"""Values that moved and ranks that changed."""

from __future__ import annotations

from alerts.rules import Cause, Kind
from tests.alerts.rules.cases import facts, found, moved, pair

BEFORE = facts({"base": 100.0, "old": 150.0, "mid": 140.0}, number=1)


def test_it_takes_the_part_of_the_largest_cause_for_the_move() -> None:
    after = facts({"base": 100.0, "old": 150.0, "mid": 144.0})
    terms = moved("mid", new_scores=1.5, weights=2.5)
    (one,) = found(pair(BEFORE, after, terms=terms), Kind.MOVED)
    assert (one.cause, one.move, one.after) == (Cause.WEIGHTS, 2.5, 144.0)
    # Weights are no measurement: there is nothing to be sure of.
    assert one.probability is None


def test_it_leaves_out_moves_of_less_than_a_point() -> None:
    after = facts({"base": 100.0, "old": 150.0, "mid": 140.9})
    assert not found(pair(BEFORE, after, terms=moved("mid", new_scores=0.9)), Kind.MOVED)


def test_it_leaves_out_what_a_refit_does_below_the_first_ten() -> None:
    many = {f"s{n}": 200.0 - n for n in range(12)}
    before, after = facts(many, number=1), facts({**many, "s11": 187.0})
    for kind, events in (("fill", 0), ("revised_scores", 1)):
        drawn = pair(before, after, terms=moved("s11", **{kind: -2.0}))
        assert len(found(drawn, Kind.MOVED)) == events


def test_it_tells_who_passed_whom() -> None:
    after = facts({"base": 100.0, "old": 150.0, "mid": 155.0})
    drawn = pair(BEFORE, after, terms=moved("mid", new_scores=15.0))
    (one,) = found(drawn, Kind.RANK)
    assert (one.system, one.previous, one.move) == ("mid", "old", 5.0)
    assert one.facts == {"rank_before": 2, "rank": 1}


def test_it_takes_nobody_for_risen_because_another_fell() -> None:
    after = facts({"base": 100.0, "old": 140.0, "mid": 140.2})
    terms = moved("mid", new_scores=0.2) | moved("old", new_scores=-10.0)
    (one,) = found(pair(BEFORE, after, terms=terms), Kind.RANK)
    assert (one.system, one.previous, one.cause) == ("mid", "old", Cause.REVISION)


def test_it_takes_nobody_for_fallen_whom_a_newcomer_pushed_down() -> None:
    after = facts({"base": 100.0, "old": 150.0, "sol": 145.0, "mid": 140.0})
    ranks = found(pair(BEFORE, after), Kind.RANK)
    assert [(one.system, one.facts["rank"], one.previous) for one in ranks] == [("sol", 2, "mid")]
    assert ranks[0].cause == Cause.NEW_SYSTEM and ranks[0].facts["rank_before"] is None
