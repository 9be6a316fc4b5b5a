"""Numbers and sentences about events."""

from __future__ import annotations

from typing import Any

import pytest

from alerts import plain, wording
from alerts.models import Event
from alerts.numbers import probability
from baskets.models import BasketVersion
from evals.models import Eval, System

SOL, OLD = System(pk=1, name="Sol"), System(pk=2, name="Old")
EXAM = Eval(name="Exam", unit="percent")


def event(kind: str = "frontier", **fields: Any) -> Event:
    known = {"series": "capability", "system": SOL, "previous_system": OLD, "move": 5.0}
    return Event(kind=kind, **{"cause": "new_system", **known, **fields})


@pytest.mark.parametrize(
    ("value", "shown"),
    [(23.14, "23.1"), (0.06, "0.1"), (0.04, "less than 0.1"), (0.0, "0.0"), (-3.25, "−3.3")],
)
def test_it_shows_points_with_one_decimal(value: float, shown: str) -> None:
    assert wording.points(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(2.0, "+2.0"), (-0.5, "−0.5"), (0.0, "+0.0")])
def test_it_shows_contributions_with_their_sign(value: float, shown: str) -> None:
    assert wording.signed(value) == shown


@pytest.mark.parametrize(("share", "shown"), [(0.5, "50%"), (0.994, "99%"), (1.0, "more than 99%")])
def test_it_never_states_certainty(share: float, shown: str) -> None:
    assert probability(share) == shown


TITLES = [
    (event(series="headline", move=1.0), "Sol moved the headline index up 1.0 point"),
    (event(series="balanced", move=2.0), "Sol moved the balanced headline up 2.0 points"),
    (event(series="alignment", move=0.01), "Sol moved the alignment index up less than 0.1 points"),
    (event(series="capability/coding"), "Sol moved the coding index up 5.0 points"),
    (event(cause="weights"), "New weights put Sol first in the capability index"),
    (
        event(cause="imputation"),
        "A new fill of missing scores put Sol first in the capability index",
    ),
    (
        event("moved", move=-2.0, cause="link"),
        "A new link lowered Sol by 2.0 points in the capability index",
    ),
    (
        event("moved", cause="new_score"),
        "New scores raised Sol by 5.0 points in the capability index",
    ),
    (
        event("rank", facts={"rank": 3, "rank_before": 5}),
        "Sol rose from number 5 to 3 in the capability index",
    ),
    (
        event("rank", facts={"rank": 3, "rank_before": None}),
        "Sol enters the capability index as number 3",
    ),
    (
        event("rank", facts={"rank": 3, "rank_before": 5}, cause="weights"),
        "Sol is now number 3 in the capability index, by no score of its own",
    ),
    (
        event("rank", facts={"rank": 9, "rank_before": 9}),
        "Sol passed Old in the capability index and is number 9",
    ),
    (event("baseline", eval=EXAM), "Sol reached the human baseline on Exam"),
    (event("lifecycle", eval=EXAM, facts={"state": "retired"}), "Exam was retired"),
    (event("regression", series="safety"), "Sol scores below Old in safety"),
    (event("gap", series="safety"), "Capability now rises faster than safety"),
    (event("published", version=BasketVersion(number=3)), "Version 3 of the basket is in use"),
    (event("revised"), "Revised scores changed past values of the capability index"),
]


@pytest.mark.parametrize(("one", "title"), TITLES)
def test_it_tells_an_event_in_one_line(one: Event, title: str) -> None:
    assert wording.title(one) == title


def test_it_never_calls_new_weights_progress() -> None:
    for cause in ("weights", "link", "method", "imputation", "revision"):
        for kind in ("frontier", "moved", "rank"):
            one = event(kind, cause=cause, before=1.0, after=6.0, facts={"rank": 1})
            said = wording.describe(one)
            assert "That is no progress of the system." in said.cause
            assert "Sol moved" not in said.title


def test_it_says_how_far_from_people_and_how_sure() -> None:
    one = event("baseline", eval=EXAM, after=84.0, move=4.0, move_low=-0.5, move_high=8.5,
                probability=0.96, facts={"baseline": 80.0})  # fmt: skip
    said = wording.describe(one)
    assert said.standing == "Its best score is 84%, by Sol; people score 80%."
    assert said.noise == (
        "The 95% interval of the distance is −0.50% to +8.50%. "
        "The probability that it is real is 96%."
    )


PART = "The scores themselves moved Old by −22.4 points, and the estimates of missing scores that "
REVISION = "The cause: scores that were revised or withdrawn."


def test_it_says_that_a_lead_was_taken_back_and_what_scores_made_of_it() -> None:
    told = {"scores": -22.4, "fill": -31.0, "whose": "previous"}
    one = event(cause="revision", recovered=True, before=266.5, after=291.7, facts=told)
    assert wording.describe(one).cause == (
        f"{REVISION} That is no progress of the system. That takes back the lead of Old. "
        f"{PART}follow from them by −31.0."
    )


@pytest.mark.parametrize(("after", "rest"), [(4.9, True), (5.06, False)])
def test_it_says_what_other_causes_made_of_a_move(after: float, rest: bool) -> None:
    for kind in ("moved", "revised", "frontier"):
        one = event(kind, cause="new_score", before=0.0, after=after, previous_system=SOL)
        said = "In all its value changed by +4.9 points; the rest has other causes."
        assert (said in wording.describe(one).cause) is rest


@pytest.mark.parametrize("cause", ["new_score", "new_system", "revision", "time", "weights"])
def test_it_gives_the_cause_of_every_lifecycle(cause: str) -> None:
    for state in ("saturating", "retired", "active"):
        one = event("lifecycle", eval=EXAM, cause=cause, facts={"state": state})
        assert "The cause: " in wording.describe(one).cause
    facts = {"state": "active", "before": "saturating"}
    back = event("lifecycle", eval=EXAM, cause="revision", recovered=True, facts=facts)
    assert wording.describe(back).cause == (
        "Its best scores are no longer within their noise of the ceiling: it tells the newest "
        f"systems apart again. {REVISION}"
    )


def test_it_marks_the_share_of_an_eval_that_has_no_score() -> None:
    rows = [{"eval": "x", "name": "Exam", "points": 3.1, "estimated": True}]
    known = {"eval": "y", "name": "Quiz", "points": 2.0}
    said = plain.drivers(wording.describe(event(contributions=[*rows, known])))
    assert said == "What moved it most, in points: Exam (estimated) +3.1; Quiz +2.0"


def test_it_says_what_noise_may_have_done() -> None:
    one = event(before=100.0, after=105.0, low=95.0, high=115.0, move_low=-2.0, move_high=12.0)
    assert wording.describe(one).sentences == (
        "The capability index now stands at 105.0 (95% interval 95.0 to 115.0).",
        "The frontier before was Old at 100.0.",
        "The 95% interval of the difference, −2.0 to +12.0 points, includes zero: it may be noise.",
        "The cause: a system that was not measured before.",
    )
