"""What a delivery has to say: its events in the recipient's language, with links."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from alerts import archive, lasting, plain, rule_words, selectors, tokens, wording
from alerts.models import Delivery, Endpoint, Recipient, Rule, Subscription
from alerts.rules import Terms
from alerts.told import Asked, Part, Told
from alerts.wording import Description
from baskets.models import Release
from baskets.selectors import releases

KEPT = 256


class Teller:
    """Puts deliveries into words; what many are told is described once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, tuple[int, ...]], tuple[Description, ...]] = {}
        self._revised: dict[tuple[int, ...], frozenset[int]] = {}

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
        parts = tuple(self._parts(wanted, digest=delivery.period is not None))
        ids = [alert.subscription_id for alert in wanted if alert.subscription_id is not None]
        if not parts:
            return None
        return Told(
            ident=tokens.delivery_mark(delivery.pk),
            kind=delivery.kind,
            subject=_subject(parts),
            language=delivery.recipient.language,
            at=delivery.created_at,
            parts=parts,
            end_token=tokens.unsubscribe_token(list(dict.fromkeys(ids))),
        )

    def _parts(self, alerts: Sequence[Delivery], *, digest: bool) -> Iterator[Part]:
        """Each event once, with all the rules that ask for it, those of one release together."""
        places: dict[tuple[object, ...], dict[int, list[Delivery]]] = {}
        for alert in alerts:
            events = places.setdefault(_place(alert), {})
            for pk in alert.event_ids:
                events.setdefault(pk, []).append(alert)
        for events in places.values():
            groups: dict[frozenset[int | None], list[int]] = {}
            for pk, asking in events.items():
                groups.setdefault(frozenset(one.subscription_id for one in asking), []).append(pk)
            for ids in groups.values():
                yield self._part(events[ids[0]], ids, digest=digest)

    def _part(self, alerts: Sequence[Delivery], ids: Sequence[int], *, digest: bool) -> Part:
        """What these alerts, all of one occasion, say alike."""
        asking = {one.subscription.pk: one.subscription for one in alerts if one.subscription}
        release, path = alerts[0].release, _path(alerts[0])
        descriptions = self._described(ids)
        return Part(
            asked=tuple(
                Asked(rule_words.in_words(one.rule), tokens.unsubscribe_token([pk]))
                for pk, one in asking.items()
            ),
            release_number=release.number if release else None,
            release_on=release.vintage_on if release else alerts[0].created_at.date(),
            release_url=settings.SITE_URL + path if path else "",
            descriptions=descriptions,
            # What is told at once has had no time to be taken back.
            revised_away=self._revised_away(descriptions) if digest else frozenset(),
        )

    def _revised_away(self, descriptions: tuple[Description, ...]) -> frozenset[int]:
        key = tuple(one.event.pk for one in descriptions)
        if key not in self._revised:
            if len(self._revised) >= KEPT:
                self._revised.clear()
            self._revised[key] = lasting.revised_away([one.event for one in descriptions])
        return self._revised[key]

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


def _subject(parts: Sequence[Part]) -> str:
    """The first event in one line; what was taken back comes last."""
    said = [(one.event.pk in part.revised_away, one.title)
            for part in parts for one in part.descriptions]  # fmt: skip
    return plain.headline([title for _gone, title in sorted(said, key=lambda row: row[0])])


def _place(alert: Delivery) -> tuple[object, ...]:
    """What alerts of one occasion have in common."""
    on = alert.created_at.date() if alert.release is None else None
    return alert.release_id, on, _path(alert)


def _path(alert: Delivery) -> str:
    assert alert.subscription is not None
    return _release_path(alert.subscription.rule, alert.release) if alert.release else ""


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
