"""Webhooks by the Standard Webhooks specification: JSON, signed, with an id that stays."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts import places
from alerts.channels import posting
from alerts.channels.contract import Sender
from alerts.channels.signing import signature_headers
from alerts.models import Delivery
from alerts.told import Part, Told
from alerts.wording import Description


class _Sender(Sender):
    """Posts each message on a connection of its own: receivers are many."""

    def send(self, delivery: Delivery, told: Told) -> None:
        """Post one message. Raises ChannelError."""
        endpoint = delivery.endpoint
        assert endpoint is not None
        body = json.dumps(payload(told), ensure_ascii=False, separators=(",", ":")).encode()
        now = timezone.now()
        headers = signature_headers(
            ident=told.ident,
            timestamp=int(now.timestamp()),
            body=body,
            secrets=endpoint.secrets(now=now),
        )
        posting.post(endpoint.url, body, headers)


class Webhook(posting.PostedChannel):
    """Signed JSON to an address of the web."""

    name = "webhook"
    label = _("webhook")

    def line(self) -> Sender:
        """A line that posts."""
        return _Sender()


def payload(told: Told) -> dict[str, Any]:
    """The message as JSON: `type`, `timestamp` of what happened, and `data`."""
    return {
        "type": f"alerts.{told.kind}",
        "timestamp": told.at.isoformat(),
        "data": {
            "subject": told.subject,
            "language": told.language,
            "site": settings.SITE_URL,
            **({"rule": told.rule} if told.rule else {}),
            **({"reason": told.reason} if told.reason else {}),
            "parts": [_part(part) for part in told.parts],
        },
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "rule": part.rule,
        "release": part.release_number,
        "release_on": part.release_on.isoformat(),
        "release_url": part.release_url,
        "events": [_event(description) for description in part.descriptions],
    }


def _event(description: Description) -> dict[str, Any]:
    event = description.event
    return {
        "id": event.pk,
        "url": places.event_url(event),
        "on": event.on.isoformat(),
        "kind": event.kind,
        "cause": event.cause,
        "recovered": event.recovered,
        "series": event.series,
        "title": description.title,
        "text": list(description.sentences),
        "own": event.own.public_id if event.own else None,
        "system": event.system.slug if event.system else None,
        "eval": event.eval.slug if event.eval else None,
        "before": event.before,
        "after": event.after,
        "low": event.low,
        "high": event.high,
        "move": event.move,
        "move_low": event.move_low,
        "move_high": event.move_high,
        "probability": event.probability,
        "official": event.official,
        "drivers": event.contributions,
    }
