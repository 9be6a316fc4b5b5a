"""Rules on readers' own baskets that were deleted or hidden: they end, and say so once."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from alerts.models import Delivery, Subscription
from baskets.selectors.own import visible

PER_STEP = 500


@transaction.atomic
def end_orphans(*, now: dt.datetime | None = None) -> int:
    """End rules whose own basket is not there or not shown any more; how many, `PER_STEP` at most.

    Whoever had confirmed one is told, by the same way, or by mail where nothing is sent that way.
    """
    now = now or timezone.now()
    shown = visible().filter(public_id=OuterRef("rule__own_id"))
    lost = Subscription.objects.filter(ended_at__isnull=True, rule__own_id__isnull=False)
    lost = lost.exclude(Exists(shown)).order_by("pk")
    rows = list(lost.select_for_update(skip_locked=True, of=("self",))[:PER_STEP])
    Subscription.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=now)
    Delivery.objects.bulk_create(
        Delivery(
            recipient_id=row.recipient_id,
            subscription=row,
            endpoint_id=row.endpoint_id,
            channel="email" if row.channel == "site" else row.channel,
            kind=Delivery.Kind.ENDED,
            created_at=now,
            due_at=now,
        )
        for row in rows
        if row.confirmed_at is not None
    )
    return len(rows)
