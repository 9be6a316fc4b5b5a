"""Mail that came back: which delivery it was about, and whether its address is to be given up.

The mail names the delivery by a mark that only this site can write: in the address that it was sent
back to, or in the Message-ID of what is returned with it. Whoever sends a mail of their own making
cannot silence anybody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import Message
from enum import StrEnum

from django.utils import timezone

from alerts import tokens
from alerts.channels.contract import printable
from alerts.channels.email import Email, without_addresses
from alerts.models import Delivery
from alerts.services import receivers

TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Original-Recipient")
LARGEST = 10 << 20
FULL = "5.2.2"
"""A full mailbox may be emptied, so it counts as no bounce."""


class Outcome(StrEnum):
    """What became of a mail that came back."""

    UNKNOWN = "unknown"
    PASSING = "passing"
    COUNTED = "counted"
    DISABLED = "disabled"


def take_bounce(raw: bytes, *, now: dt.datetime | None = None) -> Outcome:
    """Read one mail that came back, and note it with its recipient.

    unknown: no genuine mark in it, or its delivery was forgotten. passing: no final failure.
    counted: final, and there may be more. disabled: nothing is sent there any more.
    """
    now = now or timezone.now()
    parsed = message_from_bytes(raw[:LARGEST], policy=policy.compat32)
    pk = _delivery_named_in(parsed)
    # The mark of a message to a webhook is known to its receiver, which is nobody's mail server.
    mailed = Delivery.objects.filter(channel=Email.name)
    delivery = mailed.filter(pk=pk).first() if pk else None
    if delivery is None:
        return Outcome.UNKNOWN
    status, reason = _failure(parsed)
    if not status.startswith("5.") or status == FULL:
        return Outcome.PASSING
    text = printable(without_addresses(f"{status} {reason}".strip()))[:300]
    Delivery.objects.filter(pk=delivery.pk).update(error=text)
    given_up = receivers.note_bounce(delivery.recipient_id, text, now=now)
    return Outcome.DISABLED if given_up else Outcome.COUNTED


def _delivery_named_in(mail: Message) -> int | None:
    """By the address it came to; else by what was returned with it."""
    for name in TO:
        for value in mail.get_all(name, []):
            found = tokens.marked_delivery(str(value))
            if found is not None:
                return found
    for part in _returned(mail):
        found = tokens.marked_delivery(str(part.get("Message-ID", "")))
        if found is not None:
            return found
    return None


def _returned(mail: Message) -> Iterator[Message]:
    """The mail that is returned, whole or as its headers alone."""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822" and isinstance(part.get_payload(), list):
            yield from (one for one in part.get_payload() if isinstance(one, Message))
        elif kind == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            yield message_from_bytes(content if isinstance(content, bytes) else b"")


def _failure(mail: Message) -> tuple[str, str]:
    """The status of a failed recipient (RFC 3464) and what its server said; empty without one."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if isinstance(block, Message) and str(block.get("Action", "")).lower() == "failed":
                said = str(block.get("Diagnostic-Code", "")).partition(";")[2]
                return str(block.get("Status", "")).strip(), " ".join(said.split())
    return "", ""
