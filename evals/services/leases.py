"""Who works on a run: claims, their end, and what happens to a run whose holder is gone."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from evals.models import ImportRun
from evals.sessions import connected, this_session

LEASE = dt.timedelta(minutes=2)
# A holder renews its lease this long after it did so last, if it is alive.
RENEW = LEASE / 3
MOST_ATTEMPTS = 5
PAUSE = dt.timedelta(seconds=30)
LONGEST_ERROR = 2000


class LeaseLost(Exception):
    """Another worker took the run over; what this one did since its last commit is rolled back."""


def waiting(now: dt.datetime) -> QuerySet[ImportRun]:
    """Runs that nobody holds: new ones, those whose pause is over, and those of a dead holder.

    A holder is dead when its lease is over, and at once when its connection has ended.
    """
    over = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    gone = Q(holder_pid__isnull=False, connected=False)
    return ImportRun.objects.alias(connected=connected("evals_importrun")).filter(
        Q(over, state=ImportRun.State.PENDING) | Q(over | gone, state=ImportRun.State.RUNNING)
    )


def claim(run_id: int, *, now: dt.datetime) -> ImportRun | None:
    """Take a run that waits, under a new lease; None where somebody holds or has ended it.

    A run that a merge has locked is held, however long the merge takes.
    """
    with transaction.atomic():
        locked = waiting(now).select_for_update(skip_locked=True, of=("self",))
        run = locked.select_related("source").filter(pk=run_id).first()
        if run is None:
            return None
        if run.attempts >= MOST_ATTEMPTS:
            run.state, run.finished_at = ImportRun.State.FAILED, now
            run.lease = run.lease_until = None
            run.error = (
                f"given up after {MOST_ATTEMPTS} attempts without progress; "
                "each worker that tried it ended"
            )
            run.save()
            return None
        run.state, run.attempts = ImportRun.State.RUNNING, run.attempts + 1
        run.lease, run.lease_until = uuid.uuid4(), now + LEASE
        run.holder_pid, run.holder_since = this_session()
        run.save()
    return run


def held(run: ImportRun) -> QuerySet[ImportRun]:
    """The run's row, as long as the claim that `run` was taken with holds."""
    return ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.RUNNING, lease=run.lease)


def renew(run: ImportRun) -> None:
    """Store the run's progress and hold it for longer; LeaseLost where it is no longer ours.

    There was progress, so this counts as the first attempt since.
    """
    mine = held(run).update(
        records_done=run.records_done,
        rows_staged=run.rows_staged,
        lease_until=timezone.now() + LEASE,
        attempts=1,
    )
    if not mine:
        raise LeaseLost


def fail(run: ImportRun, error: str) -> None:
    """End a run that cannot be imported."""
    held(run).update(
        state=ImportRun.State.FAILED,
        lease=None,
        lease_until=None,
        finished_at=timezone.now(),
        error=error[:LONGEST_ERROR],
    )


def put_back(run: ImportRun, error: str) -> None:
    """Let a run that broke off be tried again: what broke it may pass, so it waits first.

    It waits longer each time, and ends after the last attempt.
    """
    attempts = held(run).values_list("attempts", flat=True).first()
    if attempts is None:
        return
    if attempts >= MOST_ATTEMPTS:
        fail(run, error)
        return
    held(run).update(
        state=ImportRun.State.PENDING,
        lease=None,
        lease_until=timezone.now() + PAUSE * 2**attempts,
        error=error[:LONGEST_ERROR],
    )
