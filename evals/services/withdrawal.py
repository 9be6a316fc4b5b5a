"""Taking an import back: its scores stop to count and nothing is deleted, so it can come again.

A large import takes its time, so the wish is a row of work that a worker carries out; that of a
small one is carried out at once.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from accounts.models import User
from evals.models import ImportRun, RunChange
from evals.services import merging
from evals.services.settling import settle_reinstated, settle_withdrawn
from evals.signals import scores_changed

logger = logging.getLogger(__name__)

# Rows of an import that nobody has to wait for.
SMALL = 5_000
# The change itself locks its row, however long it takes; the lease only covers the way there.
LEASE = dt.timedelta(seconds=30)
PAUSE = dt.timedelta(seconds=30)
MOST_ATTEMPTS = 5
LONGEST_ERROR = 2000

State = RunChange.State


class NotPossible(Exception):
    """The state of things does not allow it; the text says why."""


def is_small(run: ImportRun) -> bool:
    """Whether a change of a run is carried out where it is asked for."""
    return run.read <= SMALL


def change_run(run: ImportRun, kind: RunChange.Kind, *, reason: str, by: User | None) -> RunChange:
    """Keep the wish to withdraw or reinstate a run, and carry it out where the run is small.

    NotPossible where the run is not done, is so already, or is being changed; it waits for no other
    change to end.
    """
    busy = _("The import is being withdrawn or reinstated.")
    withdrawn = kind == RunChange.Kind.REINSTATE
    _check(ImportRun.objects.get(pk=run.pk), withdrawn=withdrawn)
    if RunChange.objects.filter(import_run=run, state__in=RunChange.OPEN).exists():
        raise NotPossible(busy)
    try:
        with transaction.atomic():
            # Not against those who only point at the run, such as scores that are stored.
            locked = ImportRun.objects.select_for_update(nowait=True, no_key=True)
            _check(locked.get(pk=run.pk), withdrawn=withdrawn)
            change = RunChange.objects.create(import_run=run, kind=kind, reason=reason, by=by)
    except IntegrityError:
        raise NotPossible(busy) from None
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise NotPossible(busy) from None
    if is_small(run):
        carry_out(change.pk)
        change.refresh_from_db()
    return change


def waiting(now: dt.datetime) -> QuerySet[RunChange]:
    """Changes that nobody holds: new ones, those whose pause is over, those of a dead holder."""
    over = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    return RunChange.objects.filter(over, state__in=RunChange.OPEN)


def carry_out(change_id: int) -> bool:
    """Carry a change out, unless somebody else does or did; whether this one did.

    What breaks off leaves everything as it was and is tried again later, each time after a longer
    pause, and given up after the last attempt.
    """
    change = _claim(change_id, timezone.now())
    if change is None:
        return False
    try:
        with transaction.atomic():
            mine = RunChange.objects.select_for_update().filter(
                pk=change.pk, state=State.RUNNING, lease=change.lease
            )
            if not mine.exists():
                return False
            merging.prepare()
            change.scores = _changed(change)
            _end(change, State.DONE)
    except NotPossible as error:
        _end(change, State.FAILED, str(error))
    except Exception as error:
        logger.exception("The change %s of import %s broke off", change.pk, change.import_run_id)
        _put_back(change, f"{type(error).__name__}: {error}")
        raise
    return True


@transaction.atomic
def _claim(change_id: int, now: dt.datetime) -> RunChange | None:
    """Take a change that waits, under a new lease; one that is being carried out is locked."""
    locked = waiting(now).select_for_update(skip_locked=True, of=("self",))
    change = locked.select_related("import_run", "by").filter(pk=change_id).first()
    if change is None:
        return None
    if change.attempts >= MOST_ATTEMPTS:
        _end(change, State.FAILED, change.error or "each worker that tried it ended")
        return None
    change.state, change.attempts = State.RUNNING, change.attempts + 1
    change.lease, change.lease_until = uuid.uuid4(), now + LEASE
    change.save()
    return change


def _changed(change: RunChange) -> int:
    do = withdraw_run if change.kind == RunChange.Kind.WITHDRAW else reinstate_run
    return do(change.import_run, reason=change.reason, by=change.by)


def _end(change: RunChange, state: RunChange.State, error: str = "") -> None:
    change.state, change.finished_at, change.error = state, timezone.now(), error[:LONGEST_ERROR]
    change.lease = change.lease_until = None
    change.save()


def _put_back(change: RunChange, error: str) -> None:
    RunChange.objects.filter(pk=change.pk, state=State.RUNNING, lease=change.lease).update(
        state=State.PENDING,
        lease=None,
        lease_until=timezone.now() + PAUSE * 2**change.attempts,
        error=error[:LONGEST_ERROR],
    )


@transaction.atomic
def withdraw_run(run: ImportRun, *, reason: str, by: User | None) -> int:
    """Withdraw what a finished run states; how many scores count no longer. Asks for a release.

    A score that another import states counts on, and what only this run's scores had superseded
    counts again. NotPossible where the run is not done or is withdrawn already.
    """
    run = _locked(run, withdrawn=False)
    now = timezone.now()
    ImportRun.objects.filter(pk=run.pk).update(withdrawn_at=now)
    behind = _("import %(run)s, which superseded it, was withdrawn") % {"run": run.pk}
    settled = settle_withdrawn(run, at=now, withdrawn=reason, accepted=behind, by=by)
    if settled.came or settled.went:
        scores_changed.send(sender=ImportRun, cause=f"import {run.pk} withdrawn: {reason}")
    return settled.went


@transaction.atomic
def reinstate_run(run: ImportRun, *, reason: str, by: User | None) -> int:
    """Let a run state its scores again; how many count that did not. Asks for a release."""
    run = _locked(run, withdrawn=True)
    ImportRun.objects.filter(pk=run.pk).update(withdrawn_at=None)
    settled = settle_reinstated(run, at=timezone.now(), accepted=reason, by=by)
    if settled.came or settled.went:
        scores_changed.send(sender=ImportRun, cause=f"import {run.pk} reinstated: {reason}")
    return settled.came


def _locked(run: ImportRun, *, withdrawn: bool) -> ImportRun:
    """The run as it is now, held until the end of the transaction."""
    found = ImportRun.objects.select_for_update().get(pk=run.pk)
    _check(found, withdrawn=withdrawn)
    return found


def _check(found: ImportRun, *, withdrawn: bool) -> None:
    """NotPossible unless the run is done, and withdrawn or not."""
    if found.state != ImportRun.State.DONE:
        raise NotPossible(_("Only a finished import can be withdrawn."))
    if (found.withdrawn_at is not None) != withdrawn:
        raise NotPossible(
            _("The import is not withdrawn.") if withdrawn else _("The import is withdrawn.")
        )
