"""What the alerts room reads: releases as facts for the rules, and rows of work."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from alerts import archive, rules, tokens
from alerts.models import (
    Circuit,
    Delivery,
    Endpoint,
    Event,
    Examination,
    Recipient,
    Subscription,
)
from baskets.models import Basket, OwnRelease, Release
from baskets.selectors import releases
from evals.sessions import connected


def unexamined_releases() -> QuerySet[Release]:
    """Releases that nobody looked at under these rules yet, oldest first, bundles deferred."""
    examined = Examination.objects.filter(edition=rules.EDITION)
    missing = Release.objects.exclude(pk__in=examined.values("release"))
    return missing.defer("bundle", "summary").order_by("basket", "number")


def unexamined_own_releases() -> QuerySet[OwnRelease]:
    """Releases of readers' own baskets that a standing rule waited for, in the order of making."""
    asking = Subscription.objects.standing().filter(
        rule__own=OuterRef("own__public_id"), confirmed_at__lte=OuterRef("created_at")
    )
    found = OwnRelease.objects.filter(
        Exists(asking), reconstructed=False, own__hidden_at=None, examination__isnull=True
    )
    return found.select_related("own", "release__basket").defer("release__bundle").order_by("pk")


def due(deliveries: QuerySet[Delivery], *, now: dt.datetime) -> QuerySet[Delivery]:
    """Those that nobody holds and whose time has come, also after a holder's death.

    A holder is dead when its lease is over, and at once when its connection has ended.
    """
    waiting = Q(state=Delivery.State.PENDING, due_at__lte=now)
    over = Q(lease_until__lte=now) | Q(holder_pid__isnull=False, connected=False)
    abandoned = Q(over, state=Delivery.State.SENDING)
    return deliveries.alias(connected=connected("alerts_delivery")).filter(waiting | abandoned)


def sendable(deliveries: QuerySet[Delivery], *, now: dt.datetime) -> QuerySet[Delivery]:
    """Those that are due and do not wait behind an open circuit."""
    names = set(Circuit.objects.filter(open_until__gt=now).values_list("name", flat=True))
    prefix = Circuit.ENDPOINT
    closed = [int(name.removeprefix(prefix)) for name in names if name.startswith(prefix)]
    found = due(deliveries, now=now)
    if closed:
        # Not `exclude`: it would have to think of deliveries without an endpoint.
        found = found.filter(Q(endpoint__isnull=True) | ~Q(endpoint__in=closed))
    return found.exclude(channel="email") if Circuit.MAIL in names else found


def due_channels(*, now: dt.datetime | None = None) -> dict[str, int]:
    """How many deliveries are due now, by channel."""
    found = sendable(Delivery.objects.all(), now=now or timezone.now()).order_by()
    return dict(found.values_list("channel").annotate(n=Count("pk")))


def with_receivers(deliveries: QuerySet[Delivery]) -> list[Delivery]:
    """Deliveries with all that sending asks for, those that waited longest first."""
    known = deliveries.select_related(
        *("recipient", "endpoint", "release", "subscription", "subscription__endpoint"),
        *("subscription__rule__basket", "subscription__rule__own", "subscription__recipient"),
    )
    return list(known.defer("release__bundle").order_by("due_at", "pk"))


def gathered(digest: Delivery) -> list[Delivery]:
    """The alerts that a digest tells of, oldest first."""
    return with_receivers(Delivery.objects.filter(digest=digest, state=Delivery.State.GATHERED))


def asked(token: str, *, lock: bool = False) -> Delivery:
    """The confirmation that a token answers, its subscription locked if the caller will change it.

    Raises tokens.TokenExpired or tokens.TokenError; also where the subscription was ended after
    the question was asked, so that an old link cannot bring it back.
    """
    delivery_id = tokens.read_confirm_token(token)
    deliveries = Delivery.objects.filter(
        kind=Delivery.Kind.CONFIRM, subscription__isnull=False, subscription__rule__isnull=False
    )
    if lock:
        deliveries = deliveries.select_for_update(of=("subscription",))
    known = deliveries.select_related("subscription__rule__basket", "recipient")
    delivery = known.filter(pk=delivery_id).first()
    if delivery is None or delivery.subscription is None:
        raise tokens.TokenError
    ended_at = delivery.subscription.ended_at
    if ended_at is not None and ended_at >= delivery.created_at:
        raise tokens.TokenError
    return delivery


def past_events(*, limit: int) -> list[Event]:
    """The newest events with the names a page shows."""
    return list(archive.with_names(Event.objects.all())[:limit])


def official_basket() -> Basket | None:
    """The basket that rules are about unless they name another one."""
    return Basket.objects.filter(slug=releases.OFFICIAL_BASKET).first()


def recipient(recipient_id: int) -> Recipient | None:
    """A recipient by id."""
    return Recipient.objects.filter(pk=recipient_id).first()


def log_of(endpoint: Endpoint, *, limit: int) -> list[Delivery]:
    """The newest messages to an endpoint."""
    return list(endpoint.deliveries.select_related("release").defer("release__bundle")[:limit])


@dataclass(frozen=True)
class Reached:
    """An event that somebody was told of: when first, and by which channels."""

    event: Event
    at: dt.datetime | None
    channels: tuple[str, ...]


def told_to(recipient: Recipient, *, limit: int) -> list[Reached]:
    """What a recipient was told of by the newest alerts, each event once, newest first."""
    alerts = recipient.deliveries.filter(kind=Delivery.Kind.ALERT, state=Delivery.State.SENT)
    rows = list(alerts.values_list("event_ids", "sent_at", "channel")[:limit])
    found: dict[int, dict[str, dt.datetime | None]] = {}
    for ids, at, channel in rows:
        for pk in ids:
            # The newest come first, so that the last one that is met was told first.
            ways = found.setdefault(pk, {})
            ways.pop(channel, None)
            ways[channel] = at
    known = archive.by_id(found)
    return [
        Reached(known[pk], list(ways.values())[-1], tuple(ways)[::-1])
        for pk, ways in found.items()
        if pk in known
    ]
