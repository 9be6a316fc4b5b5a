"""How much one recipient is sent within an hour: a flood is spread, and nothing of it is lost."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from django.db.models import Count

from alerts.models import Delivery

WINDOW = dt.timedelta(hours=1)
PAUSE = dt.timedelta(minutes=10)
MOST = {"email": 20, "webhook": 600, "slack": 60, "discord": 60}
"""Messages about events within `WINDOW`, by channel; what is over waits for `PAUSE`."""


def over_limit(batch: Sequence[Delivery], *, now: dt.datetime) -> set[int]:
    """The ids of those in the batch that would be too many for their recipients now."""
    limited = [delivery for delivery in batch if delivery.for_events and delivery.channel in MOST]
    if not limited:
        return set()
    recent = Delivery.objects.filter(
        recipient__in={delivery.recipient_id for delivery in limited},
        channel__in={delivery.channel for delivery in limited},
        sent_at__gt=now - WINDOW,
        kind__in=[Delivery.Kind.ALERT, Delivery.Kind.DAILY, Delivery.Kind.WEEKLY],
        digest__isnull=True,
    )
    rows = recent.order_by().values("recipient", "channel").annotate(n=Count("pk"))
    counts = Counter({(row["recipient"], row["channel"]): row["n"] for row in rows})
    over = set()
    for delivery in limited:
        key = (delivery.recipient_id, delivery.channel)
        counts[key] += 1
        if counts[key] > MOST[delivery.channel]:
            over.add(delivery.pk)
    return over
