"""Which scores count: those whose newest decision accepts them.

Nearly all do, and most have one decision only. So the scores that do not count are looked up, by an
index over the few decisions that say something else, and left out; nobody asks a million times
which decision is the newest.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from evals.models import Decision, Score

MOST_VALUES = 500


def counting(taken: Q | None = None) -> QuerySet[Score]:
    """The scores that count, in no order; `taken` says which decisions are taken into account.

    A score is decided on when it is stored: where nothing else is known of one, it is accepted.
    """
    refused = _refusals(taken).filter(score=OuterRef("pk"))
    return Score.objects.order_by().filter(~Exists(refused))


def not_counting() -> QuerySet[Score]:
    """The other scores: few, and found without looking at those that count."""
    return Score.objects.order_by().filter(pk__in=_refusals().values("score"))


def _refusals(taken: Q | None = None) -> QuerySet[Decision]:
    """The decisions that are their score's newest and do not accept it."""
    known = Decision.objects.order_by().filter(taken or Q())
    later = known.filter(score=OuterRef("score"), pk__gt=OuterRef("pk"))
    return known.filter(~Exists(later), ~Q(status=Decision.Status.ACCEPTED))


def dated_values(item: str) -> list[tuple[dt.date, float]]:
    """(release date of the system, value) of scores that count on an eval, not more than enough."""
    found = counting().filter(eval__slug=item)
    return list(found.values_list("system__released_on", "value")[:MOST_VALUES])
