"""Files as they arrive by whatever way: their reader found, or the mapping that explains them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from evals import readers
from evals.models import ImportRun, SavedMapping, WaitingUpload
from evals.readers import table
from evals.records import RejectedRow, ScoreRecord, UnreadableFile
from evals.services.files import create_run

CHECKED_ROWS = 20


class NeedsMapping(UnreadableFile):
    """The file is a table, and nobody has said yet what columns such as its mean."""


def create_run_for(
    path: Path,
    *,
    source: str,
    name: str = "",
    requested_by: User | None = None,
    format_name: str = "",
    dated: dt.date | None = None,
    system: str = "",
    mapping: SavedMapping | None = None,
) -> ImportRun:
    """A run for a file by its own format, or by the mapping that was saved for its header.

    dated, system: the date and the system of results to which the file gives none. Raises
    NeedsMapping for a table whose header nobody explained, UnreadableFile for what no reader knows;
    then nothing is stored.
    """
    options = _left_out(dated, system)
    if mapping is None and format_name in ("", readers.MAPPED):
        mapping = _saved_for(path, unasked=format_name == "")
    if mapping is not None:
        options["mapping"] = mapping.mapping
        format_name = readers.MAPPED
    return create_run(
        path=path,
        source=source,
        name=name,
        requested_by=requested_by,
        format_name=format_name,
        options=options,
    )


def _left_out(dated: dt.date | None, system: str) -> dict[str, Any]:
    """What a run is told of results that lack it."""
    told = {"dated": dated.isoformat() if dated else "", "system": system}
    return {name: said for name, said in told.items() if said}


def told_alike(
    runs: QuerySet[ImportRun], *, dated: dt.date | None, system: str
) -> ImportRun | None:
    """The first of these runs that gave results the same date and system where they had none."""
    asked = {"dated": None, "system": None, **_left_out(dated, system)}
    alike = (
        run
        for run in runs.only("options")
        if all(run.options.get(name) == said for name, said in asked.items())
    )
    return next(alike, None)


def _saved_for(path: Path, *, unasked: bool) -> SavedMapping | None:
    """The mapping saved for a table's header; None where a reader knows the file without one."""
    if unasked and _has_reader(path):
        return None
    if not table.sniff(path):
        if unasked:
            return None
        raise UnreadableFile(
            _("%(name)s: is not a table of several columns.") % {"name": path.name}
        )
    header = table.preview(path, rows=1).header
    found = SavedMapping.objects.filter(header_sha256=header_sha256(header)).first()
    if found is None:
        raise NeedsMapping(
            _("%(name)s: is a table, and nobody has said yet what its columns mean.")
            % {"name": path.name}
        )
    return found


def _has_reader(path: Path) -> bool:
    return any(
        reader.sniff(path) for name, reader in readers.REGISTRY.items() if name != readers.MAPPED
    )


def header_sha256(header: Sequence[str]) -> str:
    """The hash by which a header is found again."""
    return hashlib.sha256(json.dumps(list(header), ensure_ascii=False).encode()).hexdigest()


def keep_waiting(
    path: Path, *, name: str, source: str, by: User, dated: dt.date | None
) -> WaitingUpload:
    """Keep a table until somebody says what its columns mean."""
    upload = WaitingUpload(name=name[-300:], source=source, by=by, dated=dated)
    with path.open("rb") as file:
        upload.file.save(Path(name).name or "table", File(file), save=False)
    upload.save()
    return upload


def tried(
    path: Path, mapping: table.Mapping, *, dated: dt.date | None
) -> list[ScoreRecord | RejectedRow]:
    """The first records that a mapping makes of a table; UnreadableFile where it cannot be used."""
    found: list[ScoreRecord | RejectedRow] = []
    for record in table.read(path, mapping, dated=dated):
        if isinstance(record, ScoreRecord | RejectedRow):
            found.append(record)
        if len(found) >= CHECKED_ROWS:
            break
    return found


def save_mapping(
    *, name: str, header: Sequence[str], mapping: table.Mapping, by: User
) -> SavedMapping:
    """Keep a mapping for tables of this header, in place of the one there was.

    Raises ValidationError where the name is another table's.
    """
    key = header_sha256(header)
    if SavedMapping.objects.filter(name=name).exclude(header_sha256=key).exists():
        raise ValidationError(
            _("The name %(name)s belongs to a table with other columns.") % {"name": name}
        )
    saved, _new = SavedMapping.objects.update_or_create(
        header_sha256=key,
        defaults={
            "name": name,
            "header": list(header),
            "mapping": msgspec.to_builtins(mapping),
            "created_by": by,
        },
    )
    return saved


def import_waiting(upload: WaitingUpload, path: Path, mapping: SavedMapping) -> ImportRun:
    """A run for a table that waited, which then waits no longer."""
    run = create_run_for(
        path,
        source=upload.source,
        name=upload.name,
        requested_by=upload.by,
        dated=upload.dated,
        mapping=mapping,
    )
    give_up(upload)
    return run


def give_up(upload: WaitingUpload) -> None:
    """Forget a table that waited."""
    upload.delete()
    transaction.on_commit(lambda: upload.file.delete(save=False))
