"""Celery's way in: ids in, one service each. A message is only a hint to look at rows."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from alerts import selectors, services
from alerts.services.feeds import notice_feeds
from baskets.models import Release

logger = logging.getLogger(__name__)

HINT_EXPIRES = 60
"""Seconds; the sweep hints again, so a long queue never fills with old hints."""

PER_SWEEP = 100
"""Releases that one sweep hints at: after an upgrade there may be thousands to look at again."""

DRAIN_SECONDS = 20.0
"""After so long a sender makes room for other work, and asks for another turn."""

PER_HINT, MOST_HINTS = 200, 4


@shared_task(time_limit=300)
def examine(release_id: int) -> None:
    """Look at one release for events, and hint at the deliveries that follow."""
    services.examine_release(Release.objects.defer("bundle").get(pk=release_id))
    hint_due_deliveries()


@shared_task(time_limit=300)
def examine_own(own_release_id: int) -> None:
    """Look at one release of a reader's own basket, if somebody's rule waits for it."""
    stored = selectors.unexamined_own_releases().filter(pk=own_release_id).first()
    if stored is not None:
        services.examine_own_release(stored)
        hint_due_deliveries()


@shared_task(time_limit=480)
def deliver(channel: str) -> None:
    """Send what is due on a channel; the time limit lies inside the lease."""
    services.send_due(channel, seconds=DRAIN_SECONDS)
    if channel in selectors.due_channels():
        hint(channel)


@shared_task(time_limit=300)
def sweep() -> None:
    """Find what nobody holds: unexamined releases, due deliveries, what is to end or to go."""
    for release_id in selectors.unexamined_releases().values_list("pk", flat=True)[:PER_SWEEP]:
        examine.apply_async((release_id,), expires=HINT_EXPIRES)
    for own_id in selectors.unexamined_own_releases().values_list("pk", flat=True)[:PER_SWEEP]:
        examine_own.apply_async((own_id,), expires=HINT_EXPIRES)
    services.end_orphans()
    notice_feeds()
    hint_due_deliveries()
    services.forget_addresses()
    services.forget_messages()


def hint_due_deliveries() -> None:
    """Enqueue hints for the channels on which something is due, more where there is much."""
    for channel, count in selectors.due_channels().items():
        for _turn in range(min(-(-count // PER_HINT), MOST_HINTS)):
            hint(channel)


def hint(channel: str) -> None:
    """Tell a worker of a channel. Where Redis is away nothing is lost: the next sweep finds it."""
    try:
        deliver.apply_async((channel,), expires=HINT_EXPIRES, retry=False)
    except OperationalError:
        logger.warning("Redis does not answer; channel %s waits for the sweep.", channel)
