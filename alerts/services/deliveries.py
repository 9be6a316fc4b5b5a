"""Deliveries: claimed by one conditional UPDATE, sent, and marked.

A worker that dies between claim and mark leaves a lease behind; when it has run out the delivery is
due again, with the same Message-ID, so that a mail server that already took it can drop the second.
"""

from __future__ import annotations

import datetime as dt
import logging
import random

from django.db.models import F, Q
from django.utils import timezone

from alerts import messages, selectors
from alerts.channels import email
from alerts.models import Delivery

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=10)
"""Longer than any sending: about ten exchanges with the server, each cut off by EMAIL_TIMEOUT."""

MAX_ATTEMPTS = 12
FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(hours=6)


def pause(attempts: int, *, jitter: float) -> dt.timedelta:
    """How long to wait after `attempts` (from 1) failures; twelve of them take about 15 hours.

    `jitter` in [0, 1) spreads it over half to one and a half, so that deliveries which failed
    together do not return together.
    """
    doubled: dt.timedelta = FIRST_PAUSE * 2 ** (attempts - 1)
    return min(doubled, LONGEST_PAUSE) * (0.5 + jitter)


def claim_delivery(delivery_id: int, *, now: dt.datetime | None = None) -> Delivery | None:
    """Take a due delivery for `LEASE`; None where it is not due or someone else has it."""
    now = now or timezone.now()
    lease = now + LEASE
    claimed = selectors.due(Delivery.objects.filter(pk=delivery_id), now=now).update(
        state=Delivery.State.SENDING, lease_until=lease, attempts=F("attempts") + 1
    )
    if not claimed:
        return None
    found = Delivery.objects.filter(pk=delivery_id, lease_until=lease)
    return found.select_related("subscription", "release").first()


def send_delivery(delivery_id: int, *, now: dt.datetime | None = None) -> str | None:
    """Claim, send and mark one delivery; its new state, or None where there was nothing to do."""
    delivery = claim_delivery(delivery_id, now=now)
    if delivery is None:
        return None
    if delivery.kind == Delivery.Kind.ALERT and not delivery.subscription.active:
        return _mark(delivery, Delivery.State.DROPPED)
    if delivery.attempts > MAX_ATTEMPTS:
        return _mark(delivery, Delivery.State.FAILED)
    try:
        email.send(messages.compose(delivery))
    except email.ChannelError as error:
        return _mark_failure(delivery, error, now=now or timezone.now())
    logger.info("Delivery %s was sent.", delivery.pk)
    return _mark(delivery, Delivery.State.SENT, sent_at=now or timezone.now(), error="")


def _mark_failure(delivery: Delivery, error: email.ChannelError, *, now: dt.datetime) -> str:
    logger.warning("Delivery %s, attempt %s: %s", delivery.pk, delivery.attempts, error)
    if error.permanent or delivery.attempts >= MAX_ATTEMPTS:
        return _mark(delivery, Delivery.State.FAILED, error=str(error))
    due_at = now + pause(delivery.attempts, jitter=random.random())  # noqa: S311 - no secret
    return _mark(delivery, Delivery.State.PENDING, due_at=due_at, error=str(error))


def _mark(delivery: Delivery, state: Delivery.State, **fields: object) -> str:
    # Only the holder of the lease may say how it ended.
    held = Delivery.objects.filter(
        pk=delivery.pk, state=Delivery.State.SENDING, lease_until=delivery.lease_until
    )
    held.update(state=state, lease_until=None, **fields)
    return state.value


def retry_delivery(delivery_id: int, *, now: dt.datetime | None = None) -> bool:
    """Make a failed delivery due at once with fresh attempts; whether it was a failed one."""
    failed = Delivery.objects.filter(Q(pk=delivery_id), state=Delivery.State.FAILED)
    changed = failed.update(
        state=Delivery.State.PENDING, due_at=now or timezone.now(), attempts=0, error=""
    )
    return bool(changed)
