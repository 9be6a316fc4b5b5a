"""Feeds that have gone silent, and that are heard again: found by the sweep, not by a release."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from alerts.models import Event
from alerts.rules import Cause, Kind
from alerts.services.telling import tell
from evals.models import Feed, FeedAttempt

MISSED = 3
"""Fetches in a row that may go wrong before a feed is called silent."""

LEAST = dt.timedelta(days=1)


def notice_feeds(*, now: dt.datetime | None = None) -> list[Event]:
    """Store an event for each feed that went silent, or was heard again, since the last call.

    A feed is silent where nothing was fetched from it, not even that nothing is new, for `MISSED`
    of its own intervals, a day at the least. Each silence and each return is told once, however
    many sweeps see it, also at the same time. A feed that was switched off is not silent.
    """
    now = now or timezone.now()
    answered = FeedAttempt.objects.filter(feed=OuterRef("pk")).exclude(
        outcome=FeedAttempt.Outcome.FAILED
    )
    newest = answered.order_by("-id").values("at")[:1]
    feeds = Feed.objects.filter(enabled=True).annotate(
        heard_at=Coalesce(Subquery(newest), "created_at")
    )
    told = dict(
        Event.objects.filter(feed__isnull=False).order_by("id").values_list("feed", "recovered")
    )
    found = []
    for feed in feeds:
        heard_at: dt.datetime = feed.heard_at
        silent = now - heard_at > max(MISSED * dt.timedelta(minutes=feed.every_minutes), LEAST)
        if silent == told.get(feed.pk, True):
            found.append(_store(feed, heard_at, recovered=not silent, now=now))
    return [event for event in found if event is not None]


@transaction.atomic
def _store(feed: Feed, heard_at: dt.datetime, *, recovered: bool, now: dt.datetime) -> Event | None:
    event, created = Event.objects.get_or_create(
        feed=feed,
        kind=Kind.SILENT.value,
        since=heard_at,
        recovered=recovered,
        defaults={"cause": Cause.TIME.value, "on": now.date()},
    )
    if not created:
        return None
    tell(None, [event.pk])
    return event
