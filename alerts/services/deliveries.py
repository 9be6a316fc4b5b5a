"""Deliveries: claimed under a lease, sent on one open line, and marked one by one.

A sender that dies between claim and mark leaves a row whose holder is no longer connected, or whose
lease runs out; it is due again then, with the same id, so that a receiver that already took the
message can drop the second.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from alerts import selectors
from alerts.channels import CHANNELS
from alerts.models import Delivery
from alerts.services.sending import Round
from evals.sessions import this_session

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=10)
"""Longer than any sending; a sender gives back what it has not begun by half of it."""

BATCH = 50
REDELIVERABLE = (Delivery.State.SENT, Delivery.State.FAILED, Delivery.State.DROPPED)


def claim_deliveries(
    due: QuerySet[Delivery], *, now: dt.datetime, most: int = BATCH
) -> list[Delivery]:
    """Take up to `most` of these that are due, for `LEASE`, those that waited longest first.

    Rows that somebody else takes at this moment are passed over. What a dead holder had not begun
    to send was no attempt.
    """
    pid, since = this_session()
    holding = {"lease_until": now + LEASE, "holder_pid": pid, "holder_since": since}
    with transaction.atomic():
        free = selectors.sendable(due, now=now)
        locked = free.select_for_update(skip_locked=True, no_key=True, of=("self",))
        found = locked.order_by("due_at", "pk").values_list("pk", "state", "holder_pid", "channel")
        rows = list(found[:most])
        ids = [row[0] for row in rows]
        Delivery.objects.filter(pk__in=ids).update(state=Delivery.State.SENDING, **holding)
        counted = set(ids) - _not_begun(rows)
        Delivery.objects.filter(pk__in=counted).update(attempts=F("attempts") + 1)
    return selectors.with_receivers(Delivery.objects.filter(pk__in=ids)) if ids else []


def _not_begun(rows: Sequence[tuple[int, str, int | None, str]]) -> set[int]:
    """Those of dead holders' rows that they had claimed, and counted, but not come to.

    A holder sends in the order of the rows, as many side by side as its channel allows.
    """
    seen: Counter[tuple[int | None, str]] = Counter()
    found = set()
    for pk, state, holder, channel in rows:
        if state == Delivery.State.SENDING:
            seen[holder, channel] += 1
            if seen[holder, channel] > CHANNELS[channel].side_by_side:
                found.add(pk)
    return found


def send_due(channel: str, *, seconds: float) -> int:
    """Send what is due on a channel until nothing is, or for so long; how many were sent."""
    until, sent = time.monotonic() + seconds, 0
    waiting = Delivery.objects.filter(channel=channel)
    with CHANNELS[channel].opened() as sender:
        line = Round(CHANNELS[channel], sender)
        while time.monotonic() < until:
            batch = claim_deliveries(waiting, now=timezone.now())
            if not batch:
                break
            states = line.send(batch)
            sent += states.count(Delivery.State.SENT)
    return sent


def send_delivery(delivery_id: int, *, now: dt.datetime | None = None) -> str | None:
    """Claim, send and mark one delivery; its new state, or None where there was nothing to do."""
    batch = claim_deliveries(Delivery.objects.filter(pk=delivery_id), now=now or timezone.now())
    if not batch:
        return None
    channel = CHANNELS[batch[0].channel]
    with channel.opened() as sender:
        return Round(channel, sender).send(batch, now=now)[0]


def redeliver(deliveries: QuerySet[Delivery], *, now: dt.datetime | None = None) -> list[Delivery]:
    """Make deliveries that have ended due at once, with their old ids and fresh attempts.

    Those that wait, are being sent or were gathered in a digest are left alone.
    """
    ended = deliveries.filter(state__in=REDELIVERABLE, digest__isnull=True)
    with transaction.atomic():
        found = list(ended.select_for_update(of=("self",)))
        # A digest says what it gathered, which ended with it.
        gathered = Delivery.objects.filter(digest__in=[delivery.pk for delivery in found])
        gathered.update(state=Delivery.State.GATHERED, sent_at=None)
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in found]).update(
            state=Delivery.State.PENDING, due_at=now or timezone.now(), attempts=0, error=""
        )
    return found
