"""Celery's way in: ids in, one service each. A message is only a hint to look at a row."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from alerts import selectors, services
from baskets.models import Release

logger = logging.getLogger(__name__)

HINT_EXPIRES = 60
"""Seconds; the sweep hints again, so a long queue never fills with old hints."""


@shared_task(time_limit=300)
def examine(release_id: int) -> None:
    """Look at one release for events, and hint at the deliveries that follow."""
    services.examine_release(Release.objects.defer("bundle").get(pk=release_id))
    hint_due_deliveries()


@shared_task(time_limit=480)
def deliver(delivery_id: int) -> None:
    """Send one delivery; its time limit lies inside the lease."""
    services.send_delivery(delivery_id)


@shared_task(time_limit=300)
def sweep() -> None:
    """Find what nobody holds: unexamined releases, due deliveries, addresses to forget."""
    for release_id in selectors.unexamined_releases().values_list("pk", flat=True):
        examine.apply_async((release_id,), expires=HINT_EXPIRES)
    hint_due_deliveries()
    services.forget_addresses()


def hint_due_deliveries() -> None:
    """Enqueue a hint for each delivery that is due now."""
    for delivery_id in selectors.due_deliveries():
        hint(delivery_id)


def hint(delivery_id: int) -> None:
    """Tell a worker of a delivery. Where Redis is away nothing is lost: the next sweep finds it."""
    try:
        deliver.apply_async((delivery_id,), expires=HINT_EXPIRES, retry=False)
    except OperationalError:
        logger.warning("Redis does not answer; delivery %s waits for the sweep.", delivery_id)
