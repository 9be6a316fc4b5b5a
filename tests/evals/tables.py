"""Small files as an importer brings them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from evals.readers import catalog
from evals.records import Record, RejectedRow, ScoreRecord, UnreadableFile

HEADER = "system,eval,value,uncertainty,n_items,elicitation,reported_by,observed_on,source_url,note"
SYSTEMS = "slug,name,developer,generation,released_on,aliases"
EVALS = "slug,name,domain,subdomain,unit,scale,direction,lower,upper,floor,ceiling,released_on"


def score(
    value: object = "50",
    *,
    system: str = "gpt-4o",
    eval: str = "gpqa-diamond",
    uncertainty: str = "",
    n_items: str = "",
    reported_by: str = "third_party",
    observed_on: str = "2026-03-01",
    note: str = "",
) -> str:
    """One line of observations."""
    facts = (reported_by, observed_on, "https://example.org/report", note)
    return ",".join([system, eval, str(value), uncertainty, n_items, "pass@1", *facts])


def write(path: Path, lines: Iterable[str], *, header: str = HEADER) -> Path:
    """A file of a header and lines."""
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def read_scores(path: Path) -> list[ScoreRecord]:
    """The file's records, all of which must be scores."""
    records = list(catalog.read(path))
    assert all(isinstance(record, ScoreRecord) for record in records), records
    return [record for record in records if isinstance(record, ScoreRecord)]


def only_rejection(path: Path) -> RejectedRow:
    """The one record of a file with one bad row."""
    (record,) = catalog.read(path)
    assert isinstance(record, RejectedRow), record
    return record


def lines_of(records: Iterable[Record]) -> list[int]:
    """The line each record says it stands on."""
    return [record.line for record in records]


def read_or_complaint(path: Path) -> tuple[list[Record], str]:
    """(the records, "") or ([], why the file cannot be used); any other error is let through."""
    try:
        return list(catalog.read(path)), ""
    except UnreadableFile as error:
        return [], str(error)
