"""Forgetting: what is not needed to reach anyone is deleted, and all of a person on a word."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from alerts.models import Delivery, Recipient, SubscribeRequest, Subscription
from alerts.services import circuits
from alerts.services.subscriptions import ASKING, FORGET_AFTER, REQUEST_WINDOW

ENDED = (Delivery.State.SENT, Delivery.State.FAILED, Delivery.State.DROPPED)
KEPT_AT_LEAST = dt.timedelta(days=8)
"""A confirmation must be there as long as its address, whatever the setting says."""

PER_STEP = 1000


def forget_addresses(*, now: dt.datetime | None = None) -> int:
    """Delete what is no longer needed to reach anyone; the number of addresses forgotten.

    That is, after `FORGET_AFTER`: subscriptions that nobody confirmed or that were ended, then
    recipients to whom nothing is left to send; and counted uses of the forms older than
    `REQUEST_WINDOW`.
    """
    now = now or timezone.now()
    limit = now - FORGET_AFTER
    SubscribeRequest.objects.filter(at__lte=now - REQUEST_WINDOW).delete()
    ended = Subscription.objects.filter(ended_at__lte=limit)
    unanswered = Subscription.objects.filter(confirmed_at__isnull=True, created_at__lte=limit)
    # Someone who asked again lately still holds a link that must work.
    lately = {"deliveries__kind": Delivery.Kind.CONFIRM, "deliveries__created_at__gt": limit}
    (ended | unanswered).exclude(**lately).delete()
    lonely = Recipient.objects.filter(
        created_at__lte=limit, subscriptions__isnull=True, endpoints__isnull=True
    )
    asked = Delivery.objects.filter(kind__in=ASKING, created_at__gt=limit).values("recipient")
    stale = Recipient.objects.filter(pk__in=lonely.exclude(pk__in=asked).values("pk"))
    count = stale.count()
    stale.delete()
    circuits.forget_circuits()
    return count


def kept_for() -> dt.timedelta:
    """How long messages are kept."""
    return max(dt.timedelta(days=settings.ALERTS_KEEP_DAYS), KEPT_AT_LEAST)


def forget_messages(*, now: dt.datetime | None = None) -> int:
    """Delete messages that ended long ago, `PER_STEP` at the most, the oldest first; how many.

    What a digest gathered goes with it. None is sent again for that: a release is told of in the
    transaction of its examination, and a feed in that of its event, which both stay.
    """
    limit = (now or timezone.now()) - kept_for()
    ended = Delivery.objects.filter(state__in=ENDED, created_at__lte=limit, digest__isnull=True)
    # One that was sent again lately still counts against its recipient's limit.
    old = ended.filter(Q(sent_at__isnull=True) | Q(sent_at__lte=limit)).order_by("created_at")
    rows = Delivery.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:PER_STEP]))
    count = rows.count()
    rows.delete()
    return count


def forget_recipient(recipient: Recipient) -> None:
    """Delete an address with its rules, endpoints and messages, at once."""
    recipient.delete()


def forget_account(sender: type[User], *, user: User, **rest: Any) -> None:
    """Delete what an account's owner subscribed to, when the account is deleted."""
    own = Q(user=user)
    for address in EmailAddress.objects.filter(user=user, verified=True):
        own |= Q(email__iexact=address.email)
    Recipient.objects.filter(own).delete()
