"""The mails: a delivery in, a complete message out."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from alerts import selectors, tokens, wording
from alerts.channels.email import Message
from alerts.models import Delivery
from alerts.tokens import CONFIRM_FOR


def compose(delivery: Delivery) -> Message:
    """The delivery's message, in the site's language."""
    with translation.override(settings.LANGUAGE_CODE):
        if delivery.kind == Delivery.Kind.CONFIRM:
            return _confirmation(delivery)
        return _alert(delivery)


def message_id(delivery: Delivery) -> str:
    """The same for every attempt at one delivery, and for no other delivery of this site."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{delivery.kind}.{delivery.pk}.{delivery.created_at:%Y%m%d%H%M%S%f}@{host}>"


def _alert(delivery: Delivery) -> Message:
    event = selectors.event_of(delivery)
    unsubscribe = _link("alerts:unsubscribe", tokens.unsubscribe_token(delivery.subscription_id))
    context = {
        "description": wording.describe(event),
        "threshold": wording.points(delivery.subscription.threshold),
        "series": wording.label(event.series),
        "system_url": _link("baskets:system", event.system.slug),
        "release_url": _link("baskets:release", event.release.number),
        "release": event.release,
        "unsubscribe_url": unsubscribe,
    }
    headers = {
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return _message(delivery, "alert", wording.title(event), context, headers)


def _confirmation(delivery: Delivery) -> Message:
    subscription = delivery.subscription
    series = wording.label(subscription.series)
    context = {
        "series": series,
        "threshold": wording.points(delivery.threshold or subscription.threshold),
        "confirm_url": _link("alerts:confirm", tokens.confirm_token(delivery.pk)),
        "days": CONFIRM_FOR.days,
    }
    subject = gettext("Confirm: mail when the %(series)s moves") % {"series": series}
    return _message(delivery, "confirm", subject, context, {})


def _message(
    delivery: Delivery,
    template: str,
    subject: str,
    context: dict[str, object],
    headers: dict[str, str],
) -> Message:
    context = {**context, "subject": subject, "site_url": settings.SITE_URL}
    return Message(
        to=delivery.subscription.email,
        subject=subject,
        text=render_to_string(f"mail/{template}.txt", context),
        html=render_to_string(f"mail/{template}.html", context),
        message_id=message_id(delivery),
        headers={"Auto-Submitted": "auto-generated", **headers},
    )


def _link(name: str, argument: object) -> str:
    return settings.SITE_URL + reverse(name, args=[argument])
