"""Receivers that take nothing any more: addresses whose mail comes back, endpoints that are gone.

A mailbox that does not exist is not written to again. Any other final refusal may be about one
message, so it takes `BOUNCES` of them. Whoever confirms the address anew begins afresh.
"""

from __future__ import annotations

import datetime as dt
import re

from django.db import transaction
from django.db.models import F

from alerts.models import Delivery, Endpoint, Recipient

BOUNCES = 3
NO_MAILBOX = re.compile(r"\b5\.1\.(?:1|2|3|6|10)\b")


def note_gone(delivery: Delivery, reason: str, *, now: dt.datetime) -> None:
    """The receiver of a delivery refused it for good."""
    if delivery.endpoint_id is None:
        note_bounce(delivery.recipient_id, reason, now=now)
        return
    gone = Endpoint.objects.filter(pk=delivery.endpoint_id, disabled_at__isnull=True)
    gone.update(disabled_at=now, disabled_reason=reason[:300])


@transaction.atomic
def note_bounce(recipient_id: int, reason: str, *, now: dt.datetime) -> bool:
    """Count mail that came back for good; whether the address is written to no more.

    `reason` holds no address.
    """
    recipients = Recipient.objects.filter(pk=recipient_id, bounced_at__isnull=True)
    recipients.update(bounces=F("bounces") + 1, bounce=reason[:300])
    if not NO_MAILBOX.search(reason):
        recipients = recipients.filter(bounces__gte=BOUNCES)
    return bool(recipients.update(bounced_at=now))


def welcome_back(recipient: Recipient) -> None:
    """The owner of an address has answered from it: mail arrives there."""
    Recipient.objects.filter(pk=recipient.pk).update(bounces=0, bounced_at=None, bounce="")
