"""Subscriptions: asked for by form, confirmed by mail, ended by one click, then forgotten.

The form is limited in the database and not in the cache: the cache is each process's own, so its
limit would grow with every process and vanish at a restart, while a row is counted by all of them.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from alerts import selectors, tokens
from alerts.models import Delivery, SubscribeRequest, Subscription

REQUESTS_PER_CLIENT = 10
REQUEST_WINDOW = dt.timedelta(hours=1)
CONFIRMATIONS_PER_ADDRESS = 3
CONFIRMATION_WINDOW = dt.timedelta(days=1)
FORGET_AFTER = dt.timedelta(days=7)


class TooManyRequests(Exception):
    """One client used the form more than `REQUESTS_PER_CLIENT` times in `REQUEST_WINDOW`."""


def subscribe(
    *, email: str, series: str, threshold: float, client: str, now: dt.datetime | None = None
) -> Delivery | None:
    """Ask `email` to confirm a subscription; nothing stands before it does.

    An address that already has one is asked in the same way whether it wants this threshold. None
    where the address has been asked `CONFIRMATIONS_PER_ADDRESS` times within a day: the caller
    says the same in every case. `client` is the asking host's network address, kept only as a
    keyed hash. Raises TooManyRequests.
    """
    now = now or timezone.now()
    _count_request(client, now)
    with transaction.atomic():
        asked = Delivery.objects.filter(
            kind=Delivery.Kind.CONFIRM,
            subscription__email__iexact=email,
            created_at__gt=now - CONFIRMATION_WINDOW,
        )
        if asked.count() >= CONFIRMATIONS_PER_ADDRESS:
            return None
        subscription, _created = Subscription.objects.get_or_create(
            email__iexact=email,
            series=series,
            defaults={"email": email, "threshold": threshold, "created_at": now},
        )
        return Delivery.objects.create(
            subscription=subscription,
            kind=Delivery.Kind.CONFIRM,
            threshold=threshold,
            created_at=now,
            due_at=now,
        )


def _count_request(client: str, now: dt.datetime) -> None:
    key = salted_hmac("alerts.client", client, algorithm="sha256").hexdigest()
    recent = SubscribeRequest.objects.filter(client=key, at__gt=now - REQUEST_WINDOW)
    if recent.count() >= REQUESTS_PER_CLIENT:
        raise TooManyRequests
    # Counted again after the row is there: requests that race each other cannot exceed the limit.
    SubscribeRequest.objects.create(client=key, at=now)
    if recent.count() > REQUESTS_PER_CLIENT:
        raise TooManyRequests


def confirm(token: str, *, now: dt.datetime | None = None) -> Subscription:
    """Let the subscription stand with the threshold that the confirmation named.

    A confirmation from before the subscription was ended does not bring it back. Raises
    tokens.TokenExpired or tokens.TokenError.
    """
    with transaction.atomic():
        asked = selectors.asked(token, lock=True)
        subscription = asked.subscription
        if not subscription.active:
            subscription.confirmed_at = now or timezone.now()
        subscription.ended_at = None
        subscription.threshold = asked.threshold or subscription.threshold
        subscription.save(update_fields=["confirmed_at", "ended_at", "threshold"])
    return subscription


def unsubscribe(token: str, *, now: dt.datetime | None = None) -> None:
    """End the subscription; doing it twice, or after it was forgotten, changes nothing.

    Raises tokens.TokenError.
    """
    end_subscriptions(Subscription.objects.filter(pk=tokens.read_unsubscribe_token(token)), now=now)


def end_subscriptions(
    subscriptions: QuerySet[Subscription], *, now: dt.datetime | None = None
) -> int:
    """End those of `subscriptions` that were not ended before; how many that were."""
    return subscriptions.filter(ended_at__isnull=True).update(ended_at=now or timezone.now())


def forget_addresses(*, now: dt.datetime | None = None) -> int:
    """Delete what is no longer needed to reach anyone; the number of addresses forgotten.

    That is: subscriptions that nobody confirmed or that were ended, after `FORGET_AFTER`, and
    counted uses of the form older than `REQUEST_WINDOW`.
    """
    now = now or timezone.now()
    limit = now - FORGET_AFTER
    SubscribeRequest.objects.filter(at__lte=now - REQUEST_WINDOW).delete()
    ended = Subscription.objects.filter(ended_at__lte=limit)
    unanswered = Subscription.objects.filter(confirmed_at__isnull=True, created_at__lte=limit)
    # Someone who asked again lately still holds a link that must work.
    stale = (ended | unanswered).exclude(
        deliveries__kind=Delivery.Kind.CONFIRM, deliveries__created_at__gt=limit
    )
    count = stale.count()
    stale.delete()
    return count
