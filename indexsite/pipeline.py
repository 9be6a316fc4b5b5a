"""What follows what: new scores and published versions ask for a release, a release for alerts.

Each request is a row, written in the transaction of its cause. The Celery message that follows the
commit is only a hint: where Redis is away nothing is lost, the next sweep finds the row.
"""

from __future__ import annotations

import datetime as dt
import logging
from functools import partial
from typing import Any

from celery import Task
from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_save
from django.utils import timezone
from kombu.exceptions import OperationalError

from alerts import tasks as alert_tasks
from baskets import tasks as basket_tasks
from baskets.models import BasketVersion, OwnBasket, OwnRelease, Publication, Recompute, Release
from baskets.services import own_releases, publishing, recomputes
from baskets.signals import version_published
from evals import tasks as eval_tasks
from evals.models import ImportRun, RunChange
from evals.services import withdrawal
from evals.signals import scores_changed

logger = logging.getLogger(__name__)


def connect() -> None:
    """Connect every receiver, once."""
    scores_changed.connect(_release_after_scores, dispatch_uid="release_after_scores")
    version_published.connect(_release_after_publishing, dispatch_uid="release_after_publishing")
    post_save.connect(_import_hint, sender=ImportRun, dispatch_uid="import_hint")
    post_save.connect(_publication_hint, sender=Publication, dispatch_uid="publication_hint")
    post_save.connect(_change_hint, sender=RunChange, dispatch_uid="change_hint")
    post_save.connect(_release_hint, sender=Recompute, dispatch_uid="release_hint")
    post_save.connect(_alert_hint, sender=Release, dispatch_uid="alert_hint")
    post_save.connect(_own_after_release, sender=Release, dispatch_uid="own_after_release")
    post_save.connect(_own_hint, sender=OwnBasket, dispatch_uid="own_hint")
    post_save.connect(_own_alert_hint, sender=OwnRelease, dispatch_uid="own_alert_hint")


def hint(task: Task[Any, Any], *arguments: int, countdown: float = 0.0) -> None:
    """Send a task's message after the commit; a lost or refused one does no harm."""
    transaction.on_commit(partial(_send, task, arguments, countdown))


def _send(task: Task[Any, Any], arguments: tuple[int, ...], countdown: float) -> None:
    try:
        task.apply_async(arguments, countdown=countdown, expires=countdown + 60, retry=False)
    except OperationalError:
        logger.warning("Redis does not answer; %s waits for the sweep.", task.name)


def _release_after_scores(*, cause: str, **kwargs: Any) -> None:
    for basket in publishing.baskets():
        recomputes.request_release(basket, cause=cause)


def _release_after_publishing(*, version: BasketVersion, **kwargs: Any) -> None:
    due_at = max(
        recomputes.next_due(timezone.now(), settings.RELEASE_POLICY),
        publishing.effective_at(version),
    )
    cause = f"Basket version {version.number} published"
    recomputes.request_release(version.basket, cause=cause, due_at=due_at)


def _import_hint(*, instance: ImportRun, created: bool, **kwargs: Any) -> None:
    if created:
        hint(eval_tasks.run_import, instance.pk)


def _publication_hint(*, instance: Publication, created: bool, **kwargs: Any) -> None:
    if created and instance.due_at <= timezone.now():
        hint(basket_tasks.publish_due, instance.pk)


def _change_hint(*, instance: RunChange, created: bool, **kwargs: Any) -> None:
    if created and not withdrawal.is_small(instance.import_run):
        hint(eval_tasks.change_run, instance.pk)


def _release_hint(*, instance: Recompute, created: bool, **kwargs: Any) -> None:
    if not created:
        return
    wait = recomputes.starts_at(instance) - timezone.now()
    if wait <= dt.timedelta(minutes=1):
        # Not a moment too early: who finds nothing to do does not come again.
        countdown = max(0.0, wait.total_seconds()) + 0.05
        hint(basket_tasks.run_due, instance.basket_id, countdown=countdown)


def _alert_hint(*, instance: Release, created: bool, **kwargs: Any) -> None:
    if created and not instance.reconstructed:
        hint(alert_tasks.examine, instance.pk)


def _own_after_release(*, instance: Release, created: bool, **kwargs: Any) -> None:
    if created:
        # After the commit: no reader's basket may hold up the release, or take it back. What is
        # lost here is found by the sweep.
        transaction.on_commit(partial(own_releases.ask_for_release, instance), robust=True)
        hint(basket_tasks.run_own)


def _own_hint(*, instance: OwnBasket, created: bool, **kwargs: Any) -> None:
    if created:
        hint(basket_tasks.run_own)


def _own_alert_hint(*, instance: OwnRelease, created: bool, **kwargs: Any) -> None:
    if created and not instance.reconstructed:
        hint(alert_tasks.examine_own, instance.pk)
