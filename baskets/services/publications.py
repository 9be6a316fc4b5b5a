"""Publishing what is scheduled when its date has come; by the sweep, and safe to try again."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.audit import because
from baskets.models import Basket, BasketVersion, Publication
from baskets.models.reasons import CHANGED, GIVEN_UP
from baskets.selectors.content import content_sha256
from baskets.services import workflow
from baskets.services.publishing import freeze
from baskets.services.refusals import PublishRefused
from evals.models import Eval

logger = logging.getLogger(__name__)

AGAIN = dt.timedelta(seconds=30)
MOST_ATTEMPTS = 5


def due_publications() -> list[int]:
    """The ids of the publications whose date has come."""
    due = Publication.objects.filter(state=Publication.State.PENDING, due_at__lte=timezone.now())
    return list(due.order_by("due_at", "id").values_list("pk", flat=True))


def publish_due(publication_id: int) -> BasketVersion | None:
    """Publish one scheduled version; None where there was nothing to do or it was refused.

    One transaction: a worker that dies leaves nothing half-done, and two of them never meet.
    """
    try:
        return _publish(publication_id)
    except Exception as error:
        logger.exception("Publication %s broke off", publication_id)
        _try_again(publication_id, error)
        raise


@transaction.atomic
def _publish(publication_id: int) -> BasketVersion | None:
    # The version first, as whoever edits it or sends it back does.
    version = workflow.hold(_version_of(publication_id))
    work = _claimed(publication_id)
    if work is None:
        return None
    # What is approved and what is frozen are the same: nobody gives the basket another base or
    # corrects its evals in between.
    Basket.objects.select_for_update(no_key=True).get(pk=version.basket_id)
    evals = Eval.objects.filter(pk__in=version.weights.values("eval"))
    list(evals.order_by("pk").select_for_update(no_key=True))
    if not workflow.approval_holds(version):
        _end(work, Publication.State.REFUSED, code=CHANGED)
        workflow.to_draft(version, by=None, code=CHANGED)
        return None
    approved = content_sha256(version)
    try:
        with because(version.rationale), transaction.atomic():
            freeze(version, by=workflow.newest_step(version, workflow.State.SCHEDULED).by)
            workflow.record_published(version, before=approved)
    except PublishRefused as refusal:
        logger.warning("Version %s is not published: %s", version.pk, refusal)
        code, facts = refusal.code, refusal.facts
        _end(work, Publication.State.REFUSED, code=code, facts=facts)
        workflow.back_to_approved(workflow.hold(version.pk), code=code, facts=facts)
        return None
    _end(work, Publication.State.DONE)
    return version


def _version_of(publication_id: int) -> int:
    rows = Publication.objects.filter(pk=publication_id)
    return rows.values_list("version_id", flat=True).get()


def _claimed(publication_id: int) -> Publication | None:
    """The row, held until the transaction ends, if it is due and no other worker is at it."""
    rows = Publication.objects.select_for_update(skip_locked=True)
    return rows.filter(
        pk=publication_id, state=Publication.State.PENDING, due_at__lte=timezone.now()
    ).first()


def _end(work: Publication, state: Publication.State, **said: Any) -> None:
    """said: the code and its facts, or the error."""
    Publication.objects.filter(pk=work.pk).update(
        state=state, finished_at=timezone.now(), attempts=F("attempts") + 1, **said
    )


@transaction.atomic
def _try_again(publication_id: int, error: Exception) -> None:
    """After an error that is nobody's decision: later, and after some attempts not at all."""
    version = workflow.hold(_version_of(publication_id))
    work = Publication.objects.select_for_update().get(pk=publication_id)
    if work.state != Publication.State.PENDING:
        return
    if work.attempts + 1 >= MOST_ATTEMPTS:
        _end(work, Publication.State.REFUSED, error=repr(error))
        workflow.back_to_approved(version, code=GIVEN_UP)
        return
    work.attempts += 1
    work.due_at = timezone.now() + AGAIN
    work.error = repr(error)
    work.save(update_fields=["attempts", "due_at", "error"])
