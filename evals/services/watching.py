"""Watched folders: a file that stood still between two looks is imported once for its content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from django.db import transaction
from django.utils import timezone

from evals import readers
from evals.models import ImportRun, WatchedFile
from evals.records import UnreadableFile
from evals.services.arrivals import create_run_for, told_alike
from evals.services.files import sha256_of
from evals.services.folders import Found, claimed_in, found_below

MOST_FILES = 10_000
LONGEST_PATH = 1000


@dataclass(frozen=True)
class _Seen:
    """A file, or a folder that one reader takes as a whole, as it lies there now."""

    path: Path
    size: int
    changed_ns: int
    format: str = ""
    why: str = ""


@dataclass(frozen=True)
class _Sender:
    """Whose files a folder holds, and what their results lack."""

    source: str
    dated: dt.date | None
    system: str


def look(
    folders: Mapping[str, Path],
    *,
    dates: Mapping[str, dt.date] = MappingProxyType({}),
    systems: Mapping[str, str] = MappingProxyType({}),
) -> list[ImportRun]:
    """Look at every watched folder, by source, and import what stood still; the runs.

    dates, systems: by source, of results to which a file gives none.
    """
    made: list[ImportRun] = []
    for source, folder in folders.items():
        sender = _Sender(source, dates.get(source), systems.get(source, ""))
        made += _look(sender, folder)
    return made


def _look(sender: _Sender, folder: Path) -> list[ImportRun]:
    known = {row.path: row for row in WatchedFile.objects.filter(folder=str(folder))}
    made = []
    named: set[str] = set()
    for seen in _under(folder):
        name = seen.path.relative_to(folder).as_posix()
        # One folder may be a log of two formats.
        name = f"{name} ({seen.format})" if name in named else name
        named.add(name)
        row = known.get(name)
        if row is None or (row.size, row.changed_ns) != (seen.size, seen.changed_ns):
            _note(folder, name, seen)
        elif not row.settled:
            made.append(_settle(row, seen, sender))
    return [run for run in made if run is not None]


def _note(folder: Path, name: str, seen: _Seen) -> None:
    """Remember what it is like, to see at the next look whether it stood still."""
    WatchedFile.objects.update_or_create(
        folder=str(folder),
        path=name,
        defaults={
            "size": seen.size,
            "changed_ns": seen.changed_ns,
            "settled": bool(seen.why),
            "reason": seen.why,
            "seen_at": timezone.now(),
        },
    )


@transaction.atomic
def _settle(row: WatchedFile, seen: _Seen, sender: _Sender) -> ImportRun | None:
    """Import a file that stood still, unless its content was; one look at a time does."""
    locked = WatchedFile.objects.select_for_update(skip_locked=True)
    mine = locked.filter(pk=row.pk, settled=False).first()
    if mine is None:
        return None
    made = None
    mine.reason = ""
    try:
        mine.content_sha256 = sha256_of(seen.path) if seen.path.is_file() else ""
        if before := _imported(mine, sender):
            mine.import_run = before
            mine.reason = "the same content was imported before"
        else:
            made = mine.import_run = create_run_for(
                seen.path,
                source=sender.source,
                format_name=seen.format,
                dated=sender.dated,
                system=sender.system,
            )
    except (UnreadableFile, OSError) as error:
        mine.reason = str(error)
    mine.settled, mine.seen_at = True, timezone.now()
    mine.save()
    return made


def _imported(row: WatchedFile, sender: _Sender) -> ImportRun | None:
    """The run that imported the same content from this source, told the same."""
    if not row.content_sha256:
        return None
    found = ImportRun.objects.filter(source__slug=sender.source, content_sha256=row.content_sha256)
    found = found.exclude(state=ImportRun.State.FAILED)
    return told_alike(found, dated=sender.dated, system=sender.system)


def _under(folder: Path) -> Iterator[_Seen]:
    """Files under a folder, and folders that a reader takes as one log; nothing hidden."""
    found = (_seen(one) for one in found_below(folder, itself=False))
    for count, seen in enumerate(filter(None, found), start=1):
        if count > MOST_FILES or len(str(seen.path)) > LONGEST_PATH:
            return
        yield seen


def _seen(found: Found) -> _Seen | None:
    """What lies there now; None where it is empty, or gone meanwhile."""
    try:
        if found.path.is_dir() and not found.why:
            return _whole(found)
        stat = found.path.stat(follow_symlinks=False)
    except OSError:
        return None
    if not stat.st_size and not found.why:
        return None
    return _Seen(found.path, stat.st_size, stat.st_mtime_ns, found.format, found.why)


def _whole(found: Found) -> _Seen:
    """A folder that is one log: the size of its files and the newest change among them."""
    names = claimed_in(found.path, readers.REGISTRY[found.format])
    inside = [(found.path / name).stat() for name in names]
    newest = max((one.st_mtime_ns for one in inside), default=0)
    return _Seen(found.path, sum(one.st_size for one in inside), newest, found.format)
