"""What a delivery has to say: its events in the recipient's language, with links."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from alerts import archive, plain, rule_words, selectors, tokens, wording
from alerts.models import Delivery, Endpoint, Recipient, Rule, Subscription
from alerts.rules import Terms
from alerts.told import Part, Told
from alerts.wording import Description
from baskets.models import Release
from baskets.selectors import releases

KEPT = 256


class Teller:
    """Puts deliveries into words; what many are told is described once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, tuple[int, ...]], tuple[Description, ...]] = {}

    def told(self, delivery: Delivery, *, now: dt.datetime) -> Told | None:
        """What a delivery says; None where nobody wants to hear it any more."""
        with translation.override(delivery.recipient.language):
            if delivery.kind == Delivery.Kind.CONFIRM:
                return _confirmation(delivery)
            if delivery.kind == Delivery.Kind.MANAGE:
                return _way_in(delivery)
            if delivery.kind == Delivery.Kind.ENDED:
                return _ended(delivery)
            if delivery.kind == Delivery.Kind.TEST:
                return _plain(delivery, subject=gettext("Test message of the AGI Index"))
            return self._alert(delivery, now=now)

    def _alert(self, delivery: Delivery, *, now: dt.datetime) -> Told | None:
        alerts = [delivery] if delivery.period is None else selectors.gathered(delivery)
        wanted = [alert for alert in alerts if _wanted(alert.subscription, now=now)]
        parts = tuple(self._part(alert) for alert in wanted)
        ids = [alert.subscription_id for alert in wanted if alert.subscription_id is not None]
        if not parts:
            return None
        return Told(
            ident=tokens.delivery_mark(delivery.pk),
            kind=delivery.kind,
            subject=plain.headline([one.title for part in parts for one in part.descriptions]),
            language=delivery.recipient.language,
            at=delivery.created_at,
            parts=parts,
            end_token=tokens.unsubscribe_token(list(dict.fromkeys(ids))),
        )

    def _part(self, alert: Delivery) -> Part:
        assert alert.subscription is not None
        release, rule = alert.release, alert.subscription.rule
        path = _release_path(rule, release) if release else ""
        return Part(
            rule=rule_words.in_words(rule),
            release_number=release.number if release else None,
            release_on=release.vintage_on if release else alert.created_at.date(),
            release_url=settings.SITE_URL + path if path else "",
            descriptions=self._described(alert.event_ids),
            end_token=tokens.unsubscribe_token([alert.subscription.pk]),
        )

    def _described(self, ids: Sequence[int]) -> tuple[Description, ...]:
        key = (translation.get_language() or "", tuple(ids))
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = described(ids)
        return self._kept[key]


def described(ids: Sequence[int]) -> tuple[Description, ...]:
    """Events in words, in this order."""
    events = archive.by_id(ids)
    return tuple(wording.describe(events[pk]) for pk in ids if pk in events)


def _wanted(subscription: Subscription | None, *, now: dt.datetime) -> bool:
    if subscription is None or not subscription.standing:
        return False
    if subscription.rule.own_id is not None and subscription.rule.own_basket is None:
        return False
    if subscription.muted_until is not None and subscription.muted_until > now:
        return False
    return _reachable(subscription.channel, subscription.endpoint, subscription.recipient)


def _reachable(channel: str, endpoint: Endpoint | None, recipient: Recipient) -> bool:
    if endpoint is not None:
        return endpoint.disabled_at is None
    return channel != "email" or recipient.bounced_at is None


def _release_path(rule: Rule, release: Release) -> str:
    """The page of a release, or of what an own basket makes of it; empty where there is none."""
    own = rule.own_basket
    if own is not None:
        return reverse("baskets:own-basket", args=[own.public_id]) + f"?release={release.number}"
    # Releases of other baskets have no page that everybody may read; the event has its own.
    public = rule.own_id is None and rule.basket.slug == releases.OFFICIAL_BASKET
    return reverse("baskets:release", args=[release.number]) if public else ""


def _ended(delivery: Delivery) -> Told | None:
    way = delivery.channel, delivery.endpoint, delivery.recipient
    if delivery.subscription is None or not _reachable(*way):
        return None
    return _plain(
        delivery,
        subject=gettext("A rule of yours for alerts of the AGI Index has ended"),
        rule=rule_words.terms_in_words(Terms.from_json(delivery.subscription.rule.terms)),
        reason=gettext(
            "It was about a reader's own basket that was deleted, or is not shown any more. "
            "Nothing more comes from it; your other rules go on."
        ),
    )


def _confirmation(delivery: Delivery) -> Told | None:
    subscription = delivery.subscription
    if subscription is None:
        return None
    token = tokens.confirm_token(delivery.pk)
    return _plain(
        delivery,
        subject=gettext("Confirm your subscription to alerts of the AGI Index"),
        link=_link("alerts:confirm", token),
        # Whoever asks chooses the address, and may have chosen the name of the basket.
        rule=rule_words.in_words(subscription.rule, named=False),
    )


def _way_in(delivery: Delivery) -> Told:
    return _plain(
        delivery,
        subject=gettext("Your alerts of the AGI Index"),
        link=_link("alerts:manage", tokens.manage_token(delivery.recipient_id)),
    )


def _plain(
    delivery: Delivery, *, subject: str, link: str = "", rule: str = "", reason: str = ""
) -> Told:
    return Told(
        ident=tokens.delivery_mark(delivery.pk),
        kind=delivery.kind,
        subject=subject,
        language=delivery.recipient.language,
        at=delivery.created_at,
        link=link,
        rule=rule,
        reason=reason,
    )


def _link(name: str, token: str) -> str:
    return str(settings.SITE_URL) + reverse(name, args=[token])
