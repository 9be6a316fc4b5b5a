"""Celery's way in: an id in, one service. A message is only a hint to look at a row."""

from __future__ import annotations

from celery import shared_task

from baskets.services import own_releases, publications, recomputes


@shared_task(time_limit=570)
def run_due(basket_id: int) -> None:
    """Answer a basket's due requests with one release.

    The limit lies inside the lease, so two workers are never at one basket; a replay that takes
    longer goes on where it stopped.
    """
    if recomputes.run_due(basket_id) is None:
        return
    # A hint for what came meanwhile may have met this release, and does not come again.
    if (seconds := recomputes.next_in(basket_id)) is not None:
        run_due.apply_async((basket_id,), countdown=seconds, expires=seconds + 60, retry=False)


@shared_task(time_limit=300)
def publish_due(publication_id: int) -> None:
    """Publish a scheduled version whose effective date has come."""
    publications.publish_due(publication_id)


@shared_task(time_limit=240)
def run_own() -> None:
    """Make releases of readers' own baskets for some seconds; what is left follows.

    The limit lies inside the lease. It begins nothing while a release of a parent is due.
    """
    if own_releases.run_due() and own_releases.is_due():
        run_own.apply_async(expires=60, retry=False)


def sweep() -> None:
    """Hint at every version to publish, and every basket with a due request that nobody holds."""
    for publication_id in publications.due_publications():
        publish_due.apply_async((publication_id,), expires=60, retry=False)
    for basket_id in recomputes.due_baskets():
        run_due.apply_async((basket_id,), expires=60, retry=False)
    own_releases.ask_for_lacking()
    if own_releases.is_due():
        run_own.apply_async(expires=10, retry=False)
