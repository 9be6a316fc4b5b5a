"""Celery's way in: an id in, one service. A message is only a hint to look at a row."""

from __future__ import annotations

import logging
import time

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from evals.models import Feed
from evals.services import feeding, imports, leases, posted, watching, withdrawal
from evals.services.held import resolve_held_rows

# One message for what comes within this time: a worker takes all that waits.
HINT_EVERY = 0.5
logger = logging.getLogger(__name__)

_hinted = {"at": 0.0}


@shared_task(time_limit=12 * 3600)
def run_import(run_id: int) -> None:
    """Import one run, if nobody else holds it; it holds it anew with every part that it stores."""
    imports.run_import(run_id)


@shared_task(time_limit=600)
def merge_postings() -> None:
    """Merge the requests that wait, part by part, until none does."""
    while posted.merge_waiting():
        pass


def hint_postings() -> None:
    """Tell a worker that requests wait, at most twice a second from each process."""
    now = time.monotonic()
    if now - _hinted["at"] < HINT_EVERY:
        return
    _hinted["at"] = now
    try:
        # The last request of a burst may have come with no message of its own: one looks again.
        for countdown in (0.0, HINT_EVERY):
            merge_postings.apply_async(countdown=countdown, expires=60, retry=False)
    except OperationalError:
        logger.warning("Redis does not answer; requests wait for the sweep.")


@shared_task(time_limit=3600)
def change_run(change_id: int) -> None:
    """Withdraw or reinstate one run, if nobody else does."""
    withdrawal.carry_out(change_id)


@shared_task(time_limit=420)
def fetch_feed(feed_id: int) -> None:
    """Ask one feed, if it is due and nobody else asks it."""
    feeding.fetch_feed(feed_id)


@shared_task(time_limit=1800)
def look() -> None:
    """Look at the watched folders and at rows whose names are known, hint at feeds that are due."""
    for feed_id in Feed.objects.filter(feeding.due(timezone.now())).values_list("pk", flat=True):
        fetch_feed.apply_async((feed_id,), expires=300, retry=False)
    # A worker may have died between a merge and this.
    resolve_held_rows()
    watching.look(
        settings.WATCH_FOLDERS, dates=settings.WATCH_DATES, systems=settings.WATCH_SYSTEMS
    )


def sweep() -> None:
    """Hint at every run that waits or whose holder died."""
    waiting = leases.waiting(timezone.now()).exclude(posted.together())
    for run_id in waiting.values_list("pk", flat=True)[:100]:
        run_import.apply_async((run_id,), expires=60, retry=False)
    changes = withdrawal.waiting(timezone.now()).values_list("pk", flat=True)
    for change_id in changes[:100]:
        change_run.apply_async((change_id,), expires=60, retry=False)
    if posted.are_waiting():
        merge_postings.apply_async(expires=60, retry=False)
