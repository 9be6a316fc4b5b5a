"""What became of scores, against a look at every decision about each of them."""

from __future__ import annotations

import datetime as dt

import pytest

from baskets.models import Release
from baskets.selectors.decided import Fates
from baskets.selectors.known import EVERYTHING, Known
from evals.models import Decision, Score
from tests.evals.test_counting import START, every_history

pytestmark = pytest.mark.usefixtures("names")


def by_hand(score: Score, until: dt.datetime | None) -> tuple[str | None, str]:
    """The status and reason by the newest decision up to a time."""
    decisions = Decision.objects.filter(score=score)
    if until is not None:
        decisions = decisions.filter(at__lte=until)
    newest = decisions.order_by("-pk").first()
    return (newest.status, newest.reason) if newest else (None, "")


@pytest.mark.parametrize("days", range(4))
def test_it_says_the_status_now_and_when_the_release_was_made(days: int) -> None:
    histories = every_history()
    release = Release(created_at=START + dt.timedelta(days=days))
    fates = Fates(Score.objects.all(), release, EVERYTHING)
    for score in histories:
        fate, (status, reason) = fates.of(score.pk, late=False), by_hand(score, None)
        assert fate.status == status
        assert fate.then == by_hand(score, release.created_at)[0]
        # Why it was accepted is said of those alone about which there was more to decide.
        assert fate.reason == (reason if set(histories[score]) != {"accepted"} else "")


def test_it_says_what_was_known_on_a_day_and_nothing_without_a_release() -> None:
    histories = every_history()
    known = Known(START.date() + dt.timedelta(days=1))
    fates = Fates(Score.objects.all(), None, known)
    end = dt.datetime.combine(START.date() + dt.timedelta(days=2), dt.time(), dt.UTC)
    for score in histories:
        fate = fates.of(score.pk, late=False)
        assert fate.status == by_hand(score, end - dt.timedelta(microseconds=1))[0]
        assert fate.then is None


def test_a_score_that_came_after_the_release_had_no_status_then() -> None:
    score = next(s for s, history in every_history().items() if history == ("accepted",))
    release = Release(created_at=START - dt.timedelta(days=1))
    fate = Fates(Score.objects.all(), release, EVERYTHING).of(score.pk, late=True)
    assert (fate.status, fate.then) == ("accepted", None)
