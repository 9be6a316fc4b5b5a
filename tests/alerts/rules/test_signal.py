"""What a rule makes of events."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from alerts.rules import Kind, Level, Terms, Told, history, matches, message, revised_away
from tests.alerts.rules.cases import DAY, event

ALL = frozenset(Kind)
TAKEN = {"cause": "revision", "recovered": True, "move": 0.2, "move_low": -3.0,
         "probability": 0.6, "rival": "lab"}  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "changed", "heard"),
    [
        ({}, {}, True),
        ({}, {"official": False}, False),
        ({}, {"returned": True}, False),
        ({}, {"move": 0.5}, False),
        ({"minimum": 5.5}, {}, False),
        ({"series": frozenset({"safety"})}, {}, False),
        (
            {"series": frozenset({"safety"}), "kinds": ALL},
            {"series": "", "kind": "published"},
            True,
        ),
        (
            {"series": frozenset({"capability"}), "kinds": ALL},
            {"kind": "gap", "series": "safety"},
            True,
        ),
        (
            {"series": frozenset({"alignment"}), "kinds": ALL},
            {"kind": "gap", "series": "safety"},
            False,
        ),
        ({"systems": frozenset({"sol"})}, {}, True),
        ({"systems": frozenset({"old"})}, {}, False),
        ({"developers": frozenset({"maker"})}, {}, True),
        ({"developers": frozenset({"maker"})}, {"system": "", "developer": ""}, False),
        ({"evals": frozenset({"x"}), "kinds": ALL}, {"kind": "baseline", "eval": "y"}, False),
        ({}, {"cause": "weights"}, False),
        ({"causes": frozenset({"weights"})}, {"cause": "weights"}, True),
        ({"causes": frozenset({"weights"})}, {}, False),
        ({"kinds": ALL}, {"kind": "gap", "cause": "weights"}, True),
        ({"significant": True}, {}, True),
        ({"significant": True}, {"move_low": -1.0}, False),
        ({"significant": True}, {"move_low": None}, False),
        ({"significant": True, "kinds": ALL}, {"kind": "published", "move_low": None}, True),
        ({"probability": 0.95}, {}, True),
        ({"probability": 0.95}, {"probability": 0.9}, False),
        ({"probability": 0.95}, {"probability": None}, False),
        ({"coverage": 0.95}, {}, False),
        ({"levels": frozenset({"recovered"}), "kinds": ALL}, {}, False),
        # A lead that was taken back from Old is told to all who may have been told of it.
        ({}, TAKEN, True),
        ({"significant": True, "probability": 0.99, "minimum": 9.0}, TAKEN, True),
        ({"significant": True}, {**TAKEN, "series": "capability/math"}, False),
        ({"systems": frozenset({"old"})}, TAKEN, True),
        ({"systems": frozenset({"mid"})}, TAKEN, False),
        ({"developers": frozenset({"lab"})}, TAKEN, True),
        ({"causes": frozenset({"new_score"})}, TAKEN, True),
        ({"causes": frozenset({"weights"})}, TAKEN, False),
        ({"levels": frozenset({"alert"})}, TAKEN, False),
        ({}, {**TAKEN, "recovered": False}, False),
    ],
)
def test_it_asks_every_term(asked: dict[str, Any], changed: dict[str, Any], heard: bool) -> None:
    assert matches(Terms(**asked), event(**changed)) is heard


def test_it_says_how_grave_a_release_was_in_one_message() -> None:
    terms = Terms(kinds=ALL, minimum=1.0, alert_from=4.0)
    warning = message(terms, [event(move=2.0)])
    assert warning and warning.level == Level.WARN
    both = message(terms, [event(move=2.0), event(id=2, series="safety", move=4.0)])
    assert both and both.level == Level.ALERT and len(both.events) == 2
    back = message(terms, [event(kind="gap", recovered=True)])
    assert back and back.level == Level.RECOVERED


def test_it_tells_a_new_frontier_once() -> None:
    others = [event(id=2, kind="moved"), event(id=3, kind="rank"), event(id=4, kind="rank",
              series="safety")]  # fmt: skip
    said = message(Terms(kinds=ALL), [event(), *others])
    assert said and [one.id for one in said.events] == [1, 4]


def test_it_stays_silent_within_a_cooldown_unless_it_grows_graver() -> None:
    terms = Terms(minimum=1.0, alert_from=4.0, cooldown=10)
    late, soon = DAY - dt.timedelta(days=10), DAY - dt.timedelta(days=9)
    assert message(terms, [event()], told=Told(late, Level.ALERT))
    assert message(terms, [event()], told=Told(soon, Level.ALERT)) is None
    assert message(terms, [event()], told=Told(soon, Level.WARN))
    days = [event(id=n, place=n, on=DAY + dt.timedelta(days=6 * n)) for n in range(4)]
    assert [said.place for said in history(terms, days)] == [0, 2]


@pytest.mark.parametrize(
    ("values", "gone"),
    [({"sol": 9.0, "old": 8.0}, False), ({"sol": 7.0, "old": 8.0}, True), ({"old": 8.0}, True)],
)
def test_it_knows_a_lead_that_did_not_last(values: dict[str, float], gone: bool) -> None:
    assert revised_away(event(), [], {"capability": values}) is gone


def test_it_knows_moves_and_states_that_revisions_took_back() -> None:
    rose = event(kind="moved", move=6.0)
    fell = event(place=3, kind="moved", cause="revision", move=-3.0)
    assert revised_away(rose, [fell], {})
    assert not revised_away(rose, [event(place=3, kind="moved", move=-6.0)], {})
    crossed = event(kind="baseline", eval="x")
    back = event(place=3, kind="baseline", eval="x", cause="revision", recovered=True)
    assert revised_away(crossed, [back], {})
    turned = event(kind="gap", system="", place=2)
    later = event(kind="gap", system="", place=3, recovered=True)
    assert not revised_away(turned, [later], {})
