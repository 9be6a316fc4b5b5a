"""The way of a file: a run is stored, claimed under a lease, read, judged, merged, and reported."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from evals import readers
from evals.models import HeldRow, ImportRun, Rejection, Source
from evals.readers.catalog import NAMES as CATALOG_NAMES
from evals.records import (
    EvalRecord,
    FlagRecord,
    Record,
    RejectedRow,
    ScoreRecord,
    SystemRecord,
    UnreadableFile,
)
from evals.services.declared import declare_eval, declare_flag, declare_system
from evals.services.judgement import held_hash, refusal, unfit
from evals.services.names import NameBook, folded
from evals.services.staging import StagedScore, merge
from evals.signals import scores_changed

logger = logging.getLogger(__name__)

SHIPPED = Path(__file__).resolve().parent.parent / "catalog"
LEASE = dt.timedelta(minutes=10)
MOST_ATTEMPTS = 5
PAUSE = dt.timedelta(seconds=30)
LONGEST_RAW = 2000


class LeaseLost(Exception):
    """Another worker took the run over; what this one did is rolled back."""


@dataclass
class Tally:
    """What one file came to, before it is stored."""

    read: int = 0
    duplicate: int = 0
    staged: list[StagedScore] = field(default_factory=list)
    held: list[HeldRow] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)


def create_shipped_run() -> ImportRun:
    """A run for the catalog that ships with the project."""
    source, _created = Source.objects.get_or_create(
        slug="catalog",
        defaults={"name": "Shipped catalog", "licence": "Apache-2.0, as the project"},
    )
    return ImportRun.objects.create(
        source=source,
        format="catalog",
        name="evals/catalog",
        shipped=True,
        content_sha256=shipped_sha256(),
    )


def shipped_sha256() -> str:
    """One hash over the catalog's files."""
    digest = hashlib.sha256()
    for name in CATALOG_NAMES:
        digest.update((SHIPPED / name).read_bytes())
    return digest.hexdigest()


def create_run(
    *, path: Path, source: str, format_name: str = "", requested_by: User | None = None
) -> ImportRun:
    """Keep a copy of a file, or of a catalog folder as an archive, and a run to import it.

    Raises UnreadableFile where no reader knows the content; then nothing is stored.
    """
    chosen = readers.choose(path, format_name)
    row, _created = Source.objects.get_or_create(slug=source, defaults={"name": source})
    run = ImportRun(source=row, format=chosen, name=path.name, requested_by=requested_by)
    with _as_file(path) as file:
        run.content_sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        with file.open("rb") as handle:
            run.file.save(file.name, File(handle), save=True)
    return run


@contextmanager
def _as_file(path: Path) -> Iterator[Path]:
    """The path itself, or a folder's catalog files in one archive with fixed dates."""
    if path.is_file():
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"{path.resolve().name or 'catalog'}.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in CATALOG_NAMES:
                if (path / name).is_file():
                    archive.writestr(zipfile.ZipInfo(name), (path / name).read_bytes())
        yield target


def waiting(now: dt.datetime) -> Q:
    """Runs that nobody holds: new ones, those whose pause is over, and a dead holder's."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    return free & Q(state__in=[ImportRun.State.PENDING, ImportRun.State.RUNNING])


def claim_run(run_id: int, *, now: dt.datetime) -> ImportRun | None:
    """Take a run that waits or whose holder died; None where somebody holds or has ended it."""
    runs = ImportRun.objects.filter(waiting(now), pk=run_id)
    runs.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=ImportRun.State.FAILED,
        lease_until=None,
        finished_at=now,
        error=f"given up after {MOST_ATTEMPTS} attempts; each worker that tried it ended",
    )
    taken = runs.update(
        state=ImportRun.State.RUNNING, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    return ImportRun.objects.select_related("source").get(pk=run_id) if taken else None


def run_import(run_id: int) -> ImportRun | None:
    """Import a run's file whole or not at all; the run as it ended, None where it was not ours."""
    run = claim_run(run_id, now=timezone.now())
    if run is None:
        return None
    try:
        with _local_path(run) as path, transaction.atomic():
            _import(run, path)
    except LeaseLost:
        return None
    except UnreadableFile as error:
        _end(run, ImportRun.State.FAILED, str(error))
    except Exception as error:
        logger.exception("Import %s broke off", run.pk)
        ended = run.attempts >= MOST_ATTEMPTS
        state = ImportRun.State.FAILED if ended else ImportRun.State.PENDING
        _end(run, state, f"{type(error).__name__}: {error}")
        raise
    run.refresh_from_db()
    return run


@contextmanager
def _local_path(run: ImportRun) -> Iterator[Path]:
    if run.shipped:
        yield SHIPPED
        return
    with tempfile.TemporaryDirectory() as folder:
        # Under its own name, which the reasons state; the storage may have kept it under another.
        path = Path(folder) / (Path(run.name).name or "import")
        with run.file.open("rb") as stored, path.open("wb") as copy:
            for chunk in stored.chunks():
                copy.write(chunk)
        yield path


def _import(run: ImportRun, path: Path) -> None:
    tally = tally_records(run, readers.REGISTRY[run.format or readers.choose(path)].read(path))
    now = timezone.now()
    accepted = merge(tally.staged, recorded_at=now, reason=f"import {run.pk}")
    # A row that is held already, also by a worker that holds it at this moment, is not held twice.
    HeldRow.objects.bulk_create(tally.held, batch_size=1000, ignore_conflicts=True)
    held = HeldRow.objects.filter(import_run=run).count()
    Rejection.objects.bulk_create(
        [
            Rejection(import_run=run, line=r.line, reason=r.reason, raw=r.raw[:LONGEST_RAW])
            for r in tally.rejected
        ],
        batch_size=1000,
    )
    _finish(run, tally, accepted=accepted, held=held)
    if accepted:
        scores_changed.send(sender=ImportRun, cause=f"{accepted} new scores from {run.source.name}")


def _finish(run: ImportRun, tally: Tally, *, accepted: int, held: int) -> None:
    """Store the counts, if the run is still ours: `attempts` tells one holder from the next."""
    rejected = len(tally.rejected)
    mine = ImportRun.objects.filter(
        pk=run.pk, state=ImportRun.State.RUNNING, attempts=run.attempts
    ).update(
        state=ImportRun.State.DONE,
        lease_until=None,
        finished_at=timezone.now(),
        read=tally.read,
        accepted=accepted,
        duplicate=tally.read - accepted - held - rejected,
        held=held,
        rejected=rejected,
        error="",
    )
    if not mine:
        raise LeaseLost


def _end(run: ImportRun, state: str, error: str) -> None:
    now = timezone.now()
    failed = state == ImportRun.State.FAILED
    # A run that is tried again waits first, longer each time: what broke it may pass.
    pause = None if failed else now + PAUSE * 2**run.attempts
    ImportRun.objects.filter(pk=run.pk, attempts=run.attempts).update(
        state=state,
        lease_until=pause,
        finished_at=now if failed else None,
        error=error[:LONGEST_RAW],
    )


def tally_records(run: ImportRun, records: Iterator[Record]) -> Tally:
    """Sort a file's records into staged, held and rejected; declared systems are added at once.

    A declaration counts as a row only where it is rejected.
    """
    tally = Tally()
    book: NameBook | None = None
    today = timezone.now().date()
    for record in records:
        if isinstance(record, ScoreRecord):
            book = book or NameBook.load()
            tally.read += 1
            _sort(run, record, book, today, tally)
            continue
        rejection = _declared(record)
        if rejection is not None:
            tally.read += 1
            tally.rejected.append(rejection)
    return tally


def _declared(record: SystemRecord | EvalRecord | FlagRecord | RejectedRow) -> RejectedRow | None:
    if isinstance(record, SystemRecord):
        return declare_system(record)
    if isinstance(record, EvalRecord):
        return declare_eval(record)
    if isinstance(record, FlagRecord):
        return declare_flag(record)
    return record


def _sort(
    run: ImportRun, record: ScoreRecord, book: NameBook, today: dt.date, tally: Tally
) -> None:
    if why := unfit(record):
        tally.rejected.append(_rejected(run, record, why))
        return
    system = book.systems.get(folded(record.system))
    item = book.evals.get(folded(record.eval))
    if system is None or item is None:
        unknown = [
            f"{kind} {name!r}"
            for kind, name, found in (
                ("system", record.system, system),
                ("eval", record.eval, item),
            )
            if found is None
        ]
        reason = f"line {record.line}: no alias knows {' and '.join(unknown)}"
        tally.held.append(held_row(run, record, reason))
        return
    if why := refusal(record, item, today):
        tally.rejected.append(_rejected(run, record, why))
        return
    tally.staged.append(StagedScore(record, system, item, run.pk))


def _rejected(run: ImportRun, record: ScoreRecord, why: str) -> RejectedRow:
    reason = f"{run.name}, line {record.line}: {why}"
    raw = msgspec.json.encode(record).decode()
    return RejectedRow(line=record.line, reason=reason, raw=raw)


def held_row(run: ImportRun, record: ScoreRecord, reason: str) -> HeldRow:
    """The record kept whole until a person says what its names mean."""
    return HeldRow(
        import_run=run,
        line=record.line,
        system_name=record.system,
        eval_name=record.eval,
        record=msgspec.to_builtins(record),
        reason=reason,
        content_hash=held_hash(record),
    )
