"""The way of a file: a run is claimed, read and staged in parts, merged at once, and reported.

A worker may die anywhere. What it committed stays with the run; who takes the run over goes on
after it. Nothing of a run counts before its merge, which is one transaction.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable
from copy import copy
from functools import partial
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from accounts.roles import ADD_EVALS
from evals import readers
from evals.models import ImportRun
from evals.records import Record, RejectedRow, ScoreRecord, UnreadableFile
from evals.services import leases, merging, staging
from evals.services.abreast import LEAST_ROWS, Abreast, NotAbreast
from evals.services.declared import Declared
from evals.services.doubts import Doubts
from evals.services.files import (
    create_run,
    create_run_from_upload,
    create_shipped_run,
    opened,
    shipped_sha256,
    told,
)
from evals.services.held import resolve_held_rows
from evals.services.leases import LeaseLost
from evals.services.merging import Ahead
from evals.services.misfits import hold_misfits
from evals.services.names import NameBook
from evals.services.repeats import hold_repeated_vectors
from evals.services.restating import hold_again, restate_scores
from evals.services.settling import settle_merged
from evals.services.sorting import Sorter
from evals.services.superseding import lock
from evals.signals import scores_changed

__all__ = [
    "cancel",
    "create_run",
    "create_run_from_upload",
    "create_shipped_run",
    "run_import",
    "shipped_sha256",
    "work_on",
]

logger = logging.getLogger(__name__)

CHUNK = 5_000

Progress = Callable[[ImportRun], None]


def run_import(run_id: int) -> ImportRun | None:
    """Import a run's file; the run as it ended, None where it was not ours or is no longer."""
    run = leases.claim(run_id, now=timezone.now())
    return None if run is None else work_on(run)


def work_on(run: ImportRun, progress: Progress | None = None) -> ImportRun | None:
    """Import the file of a run that was claimed; as `run_import`.

    `progress` is told the run after each part, with its `records_done`.
    """
    try:
        with opened(run) as path:
            _import(run, path, progress)
    except LeaseLost:
        return None
    except UnreadableFile as error:
        with transaction.atomic():
            leases.fail(run, str(error))
            staging.discard(run.batch)
    except Exception as error:
        logger.exception("Import %s broke off", run.pk)
        leases.put_back(run, f"{type(error).__name__}: {error}")
        raise
    run.refresh_from_db()
    if run.state == ImportRun.State.DONE and (run.held or run.declared):
        # Names that it declares may be those of others' rows.
        resolve_held_rows(of=None if run.declared else [run.pk])
    return run


@transaction.atomic
def cancel(run_id: int, *, reason: str) -> bool:
    """End a run that is not merged yet; whether there was anything to end."""
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state not in (ImportRun.State.PENDING, ImportRun.State.RUNNING):
        return False
    run.state, run.finished_at, run.error = ImportRun.State.FAILED, timezone.now(), reason
    run.lease = run.lease_until = None
    run.save()
    staging.discard(run.batch)
    return True


def _import(run: ImportRun, path: Path, progress: Progress | None) -> None:
    """Read what is not staged yet, part by part, and merge it all with the rest."""
    _check_staged(run)
    reader = readers.REGISTRY[run.format or readers.choose(path)]
    run.reader_version = f"{reader.NAME} {reader.VERSION}"
    declared = Declared(goalposts=_may_declare(run))
    sorter = Sorter(
        run,
        NameBook.load(),
        today=timezone.now().date(),
        doubts=None if run.shipped else Doubts(),
    )
    with Abreast(run) as abreast:
        _read(run, reader.read(path, **told(run, reader)), sorter, declared, abreast, progress)
        # On a copy: what it says of its end is not so where the commit fails.
        end = partial(_merge, copy(run), sorter, declared)
        if not abreast.finish(end, place=sorter.place):
            _merge(run, sorter, declared)


def _read(
    run: ImportRun,
    records: Iterable[Record],
    sorter: Sorter,
    declared: Declared,
    abreast: Abreast,
    progress: Progress | None,
) -> None:
    """Sort all records, and stage those that are not staged yet; the rest waits in the sorter.

    A run is merged abreast where it is read from its start, since a worker after many that died
    would store the same rows for nothing once more, and where it declares no names: its scores
    cannot be stored before them.
    """
    count, done, whole = run.records_done, run.records_done, run.records_done == 0
    due = time.monotonic() + leases.RENEW.total_seconds()
    for count, record in enumerate(records, 1):
        # What is declared is stored with the merge: also when it was read before.
        if count > done or not isinstance(record, ScoreRecord | RejectedRow):
            _sort(record, sorter, declared)
            if whole and declared.unread:
                whole = False
                abreast.drop("it declares names")
        if count - run.records_done >= CHUNK or time.monotonic() >= due:
            _commit(run, sorter, max(count, run.records_done))
            due = time.monotonic() + leases.RENEW.total_seconds()
            if whole and run.rows_staged >= LEAST_ROWS:
                abreast.follow(sorter.place)
            if progress is not None:
                progress(run)
    if whole and run.rows_staged >= LEAST_ROWS:
        _commit(run, sorter, count)
        abreast.follow(sorter.place)
    run.records_done = max(count, done)


def _sort(record: Record, sorter: Sorter, declared: Declared) -> None:
    if isinstance(record, ScoreRecord):
        if declared.unread:
            sorter.learn(declared.book())
        sorter.take(record)
    elif isinstance(record, RejectedRow):
        sorter.reject(record)
    else:
        declared.add(record)


def _may_declare(run: ImportRun) -> bool:
    """Whether the run may add evals and flags: one of the terminal or of a watched folder may."""
    return run.requested_by is None or run.requested_by.has_perm(ADD_EVALS)


def _check_staged(run: ImportRun) -> None:
    """Begin again where the server lost what waited, as it does when it crashes."""
    if run.records_done and staging.count_staged(run.batch) != run.rows_staged:
        logger.warning("Import %s: the staged rows are gone, reading from the start", run.pk)
        run.records_done = run.rows_staged = 0
        with transaction.atomic():
            staging.discard(run.batch)
            leases.renew(run)


def _commit(run: ImportRun, sorter: Sorter, count: int) -> None:
    """Stage what was sorted, with the run's progress, and hold the run for longer."""
    run.records_done = count
    run.rows_staged += len(sorter.sorted)
    with transaction.atomic():
        staging.forgetful()
        staging.stage(sorter.take_sorted())
        leases.renew(run)


def _merge(run: ImportRun, sorter: Sorter, declared: Declared, ahead: Ahead | None = None) -> None:
    """Store everything of the run and its counts, or nothing; ask for a release where due.

    ahead: what this transaction has stored already.
    """
    now = timezone.now()
    with transaction.atomic():
        # Held until the commit, so that nobody claims the run while it is merged.
        if not leases.held(run).select_for_update().exists():
            raise LeaseLost
        merging.prepare()
        for rejection in declared.store(run.source):
            sorter.reject(rejection)
        run.declared = declared.stored
        run.rows_staged += len(sorter.sorted)
        staging.stage(sorter.take_sorted())
        doubted = 0 if run.shipped else hold_repeated_vectors(run) + hold_misfits([run.batch])
        if ahead is None:
            run.accepted = merging.add_scores(run.batch, at=now, reason=f"import {run.pk}")
        elif doubted:
            raise NotAbreast(f"{doubted} of its scores are in doubt for all that it says")
        else:
            run.accepted = ahead.new
        _store(run, now)


def _store(run: ImportRun, now: dt.datetime) -> None:
    batch = run.batch
    run.held = merging.add_doubtful_scores(batch, at=now)
    merging.wait_for_others()
    lock()
    run.held += merging.add_held_rows(batch, run=run.pk, at=now)
    run.rejected = merging.add_rejections(batch, run=run.pk)
    run.read = run.rows_staged
    again = run.read > run.accepted + run.held + run.rejected
    held = 0
    if again:
        restate_scores([batch])
        held = hold_again([batch], at=now)[run.pk]
    run.held += held
    settled = settle_merged(run, at=now, again=again, held=held > 0)
    run.accepted += settled.again[run.pk]
    run.duplicate = run.read - run.accepted - run.held - run.rejected
    staging.discard(batch)
    run.state, run.finished_at, run.error = ImportRun.State.DONE, now, ""
    run.lease = run.lease_until = run.holder_pid = run.holder_since = None
    run.save()
    if run.accepted:
        scores_changed.send(
            sender=ImportRun, cause=f"{run.accepted} new scores from {run.source.name}"
        )
