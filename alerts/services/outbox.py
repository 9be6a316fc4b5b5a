"""The outbox: who is to hear of what, stored in the transaction of the events themselves.

Whatever dies after the commit, the rows say what is still to be sent.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils import timezone

from alerts.models import Delivery, Subscription
from baskets.models import Release

Match = tuple[Subscription, Sequence[int]]

DIGEST_HOUR = 7
"""UTC, when digests are due: those of a week on Mondays."""

MARGIN = dt.timedelta(minutes=1)
"""A digest that is due sooner than this may be on its way already; the next one takes the alert."""

PER_INSERT = 1000
_DIGESTS = {
    Subscription.Cadence.DAILY.value: Delivery.Kind.DAILY,
    Subscription.Cadence.WEEKLY.value: Delivery.Kind.WEEKLY,
}


def store_alerts(
    release: Release | None, matches: Sequence[Match], *, now: dt.datetime | None = None
) -> int:
    """Store one alert for each subscription, of the events with the ids beside it.

    `release` is what the events come from, None for events that no release made. An alert is
    stored once: a match that was stored before changes nothing. Returns how many are new. Called
    inside the transaction that stores the events.
    """
    now = now or timezone.now()
    told = [match for match in matches if match[1]]
    occasions = {_occasion(release, ids) for _subscription, ids in told}
    stored = Delivery.objects.filter(kind=Delivery.Kind.ALERT, occasion__in=occasions)
    known = set(stored.values_list("subscription", "occasion"))
    fresh = [
        (subscription, ids)
        for subscription, ids in told
        if (subscription.pk, _occasion(release, ids)) not in known
    ]
    digests = _digests([subscription for subscription, _ids in fresh], now=now)
    rows = [
        _alert(subscription, ids, digests, release=release, now=now) for subscription, ids in fresh
    ]
    Delivery.objects.bulk_create(rows, batch_size=PER_INSERT, ignore_conflicts=True)
    return len(rows)


def _occasion(release: Release | None, event_ids: Sequence[int]) -> str:
    return f"release:{release.pk}" if release else f"event:{event_ids[0]}"


def _alert(
    subscription: Subscription,
    event_ids: Sequence[int],
    digests: dict[tuple[str, int], int],
    *,
    release: Release | None,
    now: dt.datetime,
) -> Delivery:
    digest = digests.get((subscription.cadence, subscription.recipient_id))
    gathered = digest is not None and subscription.channel == "email"
    return Delivery(
        recipient_id=subscription.recipient_id,
        subscription=subscription,
        endpoint_id=subscription.endpoint_id,
        channel=subscription.channel,
        kind=Delivery.Kind.ALERT,
        release=release,
        occasion=_occasion(release, event_ids),
        event_ids=list(event_ids),
        digest_id=digest if gathered else None,
        state=Delivery.State.GATHERED if gathered else Delivery.State.PENDING,
        created_at=now,
        due_at=now,
    )


def _digests(
    subscriptions: Iterable[Subscription], *, now: dt.datetime
) -> dict[tuple[str, int], int]:
    """The digest that takes each recipient's alerts, as {(cadence, recipient): id}; locked."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for subscription in subscriptions:
        if subscription.channel == "email" and subscription.cadence in _DIGESTS:
            wanted[subscription.cadence].add(subscription.recipient_id)
    found: dict[tuple[str, int], int] = {}
    for cadence in sorted(wanted):
        due_at, left = next_digest(cadence, now=now + MARGIN), wanted[cadence]
        while left:
            open_ones = _open_digests(cadence, left, due_at=due_at, now=now)
            found.update({(cadence, recipient): pk for recipient, pk in open_ones.items()})
            left = left - set(open_ones)
            due_at = next_digest(cadence, now=due_at + MARGIN)
    return found


def _open_digests(
    cadence: str, recipients: set[int], *, due_at: dt.datetime, now: dt.datetime
) -> dict[int, int]:
    """The digests due then that nobody has begun to send, made where there are none."""
    kind, period = _DIGESTS[cadence], due_at.date()
    # In one order everywhere, so that two that do this at once cannot wait for each other.
    made = [
        Delivery(recipient_id=pk, kind=kind, period=period, due_at=due_at, created_at=now)
        for pk in sorted(recipients)
    ]
    Delivery.objects.bulk_create(made, batch_size=PER_INSERT, ignore_conflicts=True)
    # Locked until the alerts are stored: whoever sends a digest sees all that was gathered in it.
    rows = Delivery.objects.filter(kind=kind, period=period, recipient__in=recipients, attempts=0)
    rows = rows.filter(state=Delivery.State.PENDING).select_for_update(no_key=True)
    return dict(rows.order_by("recipient").values_list("recipient", "pk"))


def next_digest(cadence: str, *, now: dt.datetime) -> dt.datetime:
    """When the next digest of this cadence is due: at `DIGEST_HOUR`, each day or on Mondays."""
    due_at = now.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    if due_at <= now:
        due_at += dt.timedelta(days=1)
    if cadence == Subscription.Cadence.WEEKLY:
        due_at += dt.timedelta(days=-due_at.weekday() % 7)
    return due_at
