"""Subscriptions: asked for by form, confirmed by mail, ended by one click, then forgotten.

The form is limited in the database and not in the cache: the cache is each process's own, so its
limit would grow with every process and vanish at a restart, while a row is counted by all of them.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from alerts import selectors, tokens
from alerts.models import Delivery, Endpoint, Recipient, SubscribeRequest, Subscription
from alerts.rules import Terms
from alerts.services import receivers
from alerts.services.rules import change_terms, set_rule
from baskets.models import Basket, OwnBasket

REQUESTS_PER_CLIENT = 10
REQUEST_WINDOW = dt.timedelta(hours=1)
ASKED_PER_ADDRESS = 3
ASKED_WINDOW = dt.timedelta(days=1)
FORGET_AFTER = dt.timedelta(days=7)
MOST_STANDING = 50
"""Rules of one recipient."""

ASKING = (Delivery.Kind.CONFIRM, Delivery.Kind.MANAGE)


class TooManyRequests(Exception):
    """One client used the forms more than `REQUESTS_PER_CLIENT` times in `REQUEST_WINDOW`."""


class TooManyRules(Exception):
    """A recipient has `MOST_STANDING` rules already."""


def subscribe(
    *,
    email: str,
    terms: Terms,
    basket: Basket,
    client: str,
    own: OwnBasket | None = None,
    cadence: str = Subscription.Cadence.IMMEDIATE,
    language: str = "en",
    now: dt.datetime | None = None,
) -> Delivery | None:
    """Ask `email` to confirm a subscription; nothing stands before it does.

    An address that already has some is asked in the same way whether it wants this one too. None
    where the address has been asked `ASKED_PER_ADDRESS` times within a day, or has enough: the
    caller says the same in every case. `client` is the asking host's network address, kept only as
    a keyed hash. Raises TooManyRequests.
    """
    now = now or timezone.now()
    count_request(client, now=now)
    with transaction.atomic():
        recipient = _recipient(email, language=language, now=now)
        if _asked_enough(recipient, Delivery.Kind.CONFIRM, now=now) or _has_enough(recipient):
            return None
        subscription = Subscription.objects.create(
            recipient=recipient, cadence=cadence, created_at=now
        )
        set_rule(subscription, terms=terms, basket=basket, own=own)
        return _ask(recipient, Delivery.Kind.CONFIRM, subscription=subscription, now=now)


def add_rule(
    recipient: Recipient,
    *,
    terms: Terms,
    basket: Basket,
    own: OwnBasket | None = None,
    cadence: str = Subscription.Cadence.IMMEDIATE,
    channel: str = "email",
    endpoint: Endpoint | None = None,
    now: dt.datetime | None = None,
) -> Subscription:
    """A subscription that stands at once, for someone who has shown that the address is theirs.

    The same rule by the same way takes the place of an earlier one. Raises TooManyRules.
    """
    now = now or timezone.now()
    with transaction.atomic():
        if _has_enough(recipient):
            raise TooManyRules
        subscription = Subscription.objects.create(
            recipient=recipient,
            channel=endpoint.kind if endpoint else channel,
            endpoint=endpoint,
            cadence=cadence if endpoint is None and channel == "email" else "immediate",
            created_at=now,
            confirmed_at=now,
        )
        set_rule(subscription, terms=terms, basket=basket, own=own)
        _replace_same(subscription, now=now)
    return subscription


def change_rule(
    subscription: Subscription,
    *,
    terms: Terms,
    cadence: str = Subscription.Cadence.IMMEDIATE,
    channel: str = "email",
    endpoint: Endpoint | None = None,
    now: dt.datetime | None = None,
) -> None:
    """Let a standing subscription ask for something else, or by another way, from now on.

    What waits to be sent by the old way is sent. Another one that asked for the same ends.
    """
    with transaction.atomic():
        subscription.channel = endpoint.kind if endpoint else channel
        subscription.endpoint = endpoint
        by_mail = endpoint is None and channel == "email"
        subscription.cadence = cadence if by_mail else Subscription.Cadence.IMMEDIATE.value
        subscription.save(update_fields=["channel", "endpoint", "cadence"])
        change_terms(subscription.rule, terms)
        _replace_same(subscription, now=now or timezone.now())


def ask_to_manage(*, email: str, client: str, now: dt.datetime | None = None) -> Delivery | None:
    """Send a link to manage to `email` if anything is known of it; the caller says the same always.

    Raises TooManyRequests.
    """
    now = now or timezone.now()
    count_request(client, now=now)
    with transaction.atomic():
        recipient = Recipient.objects.at(email).first()
        if recipient is None or _asked_enough(recipient, Delivery.Kind.MANAGE, now=now):
            return None
        return _ask(recipient, Delivery.Kind.MANAGE, now=now)


def recipient_of(user: User, *, email: str, language: str) -> Recipient:
    """The recipient at an account's confirmed address, tied to the account; made if need be."""
    with transaction.atomic():
        recipient = _recipient(email, language=language, now=timezone.now())
        if recipient.user_id != user.pk:
            recipient.user = user
            recipient.save(update_fields=["user"])
    return recipient


def speak(recipient: Recipient, *, language: str) -> None:
    """Write to somebody in another language from now on, also what waits to be sent."""
    recipient.language = language
    recipient.save(update_fields=["language"])


def _recipient(email: str, *, language: str, now: dt.datetime) -> Recipient:
    """Whoever has the address; locked, so that counts of what they were asked hold."""
    recipient, _created = Recipient.objects.get_or_create(
        email__iexact=email,
        defaults={"email": email, "language": language, "created_at": now},
    )
    return Recipient.objects.select_for_update(no_key=True).get(pk=recipient.pk)


def _asked_enough(recipient: Recipient, kind: Delivery.Kind, *, now: dt.datetime) -> bool:
    # Each kind by itself: whoever asks for confirmations keeps nobody from their link to manage.
    asked = recipient.deliveries.filter(kind=kind, created_at__gt=now - ASKED_WINDOW)
    return asked.count() >= ASKED_PER_ADDRESS


def _has_enough(recipient: Recipient) -> bool:
    return recipient.subscriptions.standing().count() >= MOST_STANDING


def _ask(
    recipient: Recipient,
    kind: Delivery.Kind,
    *,
    now: dt.datetime,
    subscription: Subscription | None = None,
) -> Delivery:
    return Delivery.objects.create(
        recipient=recipient, subscription=subscription, kind=kind, created_at=now, due_at=now
    )


def count_request(client: str, *, now: dt.datetime, most: int = REQUESTS_PER_CLIENT) -> None:
    """Count one use of a form; up to `most` within `REQUEST_WINDOW`. Raises TooManyRequests."""
    key = salted_hmac("alerts.client", client, algorithm="sha256").hexdigest()
    recent = SubscribeRequest.objects.filter(client=key, at__gt=now - REQUEST_WINDOW)
    if recent.count() >= most:
        raise TooManyRequests
    # Counted again after the row is there: requests that race each other cannot exceed the limit.
    SubscribeRequest.objects.create(client=key, at=now)
    if recent.count() > most:
        raise TooManyRequests


def confirm(token: str, *, now: dt.datetime | None = None) -> Subscription:
    """Let the subscription stand; it takes the place of the same rule by the same way.

    A confirmation from before the subscription was ended does not bring it back. Mail arrives at
    the address, so an earlier bounce counts no more. Raises tokens.TokenExpired or TokenError.
    """
    now = now or timezone.now()
    with transaction.atomic():
        asked = selectors.asked(token, lock=True)
        subscription = asked.subscription
        assert subscription is not None
        if not subscription.standing:
            subscription.confirmed_at, subscription.ended_at = now, None
            subscription.save(update_fields=["confirmed_at", "ended_at"])
        receivers.welcome_back(asked.recipient)
        _replace_same(subscription, now=now)
    return subscription


def _replace_same(subscription: Subscription, *, now: dt.datetime) -> None:
    """End what would tell the same by the same way; what that had to tell is this one's to tell."""
    same = (
        Subscription.objects.standing()
        .filter(
            recipient=subscription.recipient_id,
            channel=subscription.channel,
            endpoint=subscription.endpoint_id,
            rule__terms=subscription.rule.terms,
            rule__basket=subscription.rule.basket_id,
        )
        .filter(Q(("rule__own", subscription.rule.own_id)))
    )
    # Locked against new alerts: what is being stored for the old one is there before it ends.
    locked = same.exclude(pk=subscription.pk).select_for_update(of=("self",))
    for replaced in locked:
        _take_over(subscription, replaced)
    end_subscriptions(same.exclude(pk=subscription.pk), now=now)


def _take_over(subscription: Subscription, replaced: Subscription) -> None:
    """Let alerts of one subscription be another's: those that wait are told."""
    alerts = Delivery.objects.filter(subscription=replaced, kind=Delivery.Kind.ALERT)
    told = subscription.deliveries.filter(kind=Delivery.Kind.ALERT)
    # Both may have an alert of one release where they asked for different things of it.
    other = Concat("occasion", Value(" "), Cast("pk", CharField()))
    alerts.filter(occasion__in=list(told.values_list("occasion", flat=True))).update(occasion=other)
    alerts.update(subscription=subscription)


def unsubscribe(token: str, *, now: dt.datetime | None = None) -> None:
    """End the subscriptions; doing it twice, or after they were forgotten, changes nothing.

    Raises tokens.TokenExpired or tokens.TokenError.
    """
    ids = tokens.read_unsubscribe_token(token)
    end_subscriptions(Subscription.objects.filter(pk__in=ids), now=now)


def end_subscriptions(
    subscriptions: QuerySet[Subscription], *, now: dt.datetime | None = None
) -> int:
    """End those of `subscriptions` that were not ended before; how many that were."""
    return subscriptions.filter(ended_at__isnull=True).update(ended_at=now or timezone.now())


def mute_subscriptions(subscriptions: QuerySet[Subscription], *, until: dt.datetime | None) -> int:
    """Make nothing for them until then; None lets them speak again. How many there were."""
    return subscriptions.filter(ended_at__isnull=True).update(muted_until=until)
