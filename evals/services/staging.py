"""Rows on their way in: sorted by what becomes of them and copied to tables where they wait.

What waits is named by its run's batch, counts for nothing, and is gone with the merge.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import connection

from evals.models import Eval, System
from evals.records import ScoreRecord
from evals.services.judgement import content_hash

# Name and type of each column. Values go over in binary form: half the time of text. Batches and
# days come in that form, as `bytea`, which goes over as it is: they are few, and the rows are many.
SCORE_COLUMNS = (
    ("batch", "bytea"),
    ("import_run_id", "int8"),
    ("line", "int4"),
    ("held_row_id", "int8"),
    ("system", "text"),
    ("eval", "text"),
    ("value", "float8"),
    ("stderr", "float8"),
    ("low", "float8"),
    ("high", "float8"),
    ("uncertainty", "text"),
    ("n_items", "int4"),
    ("n_items_text", "text"),
    ("elicitation", "text"),
    ("reported_by", "text"),
    ("observed_on", "bytea"),
    ("source_url", "text"),
    ("note", "text"),
    ("external_id", "text"),
    ("content_hash", "text"),
    ("hold", "text"),
    # Its place among the scores of its batch, in the order in which they were read.
    ("place", "int4"),
)
ROW_COLUMNS = (
    ("batch", "uuid"),
    ("kind", "text"),
    ("line", "int4"),
    ("system_name", "text"),
    ("eval_name", "text"),
    ("raw", "text"),
    ("reason", "text"),
    ("content_hash", "text"),
)
HELD, REJECTED = "held", "rejected"

Row = tuple[object, ...]

_EPOCH = dt.date(2000, 1, 1).toordinal()


@lru_cache(maxsize=4096)
def packed(day: dt.date) -> bytes:
    """A day in the database's binary form: how many days after the first one of 2000."""
    return (day.toordinal() - _EPOCH).to_bytes(4, signed=True)


def unpacked(day: bytes) -> dt.date:
    """The day of which `packed` made this."""
    return dt.date.fromordinal(_EPOCH + int.from_bytes(day, signed=True))


@dataclass
class Sorted:
    """Rows of both staging tables, in the order of their columns."""

    scores: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.scores) + len(self.rows)


@dataclass(frozen=True)
class StagedScore:
    """A record whose names are matched and whose value was judged good."""

    record: ScoreRecord
    system: System
    eval: Eval
    import_run_id: int
    held_row_id: int | None = None
    hold: str = ""

    def row(self, batch: uuid.UUID) -> Row:
        """The values of `SCORE_COLUMNS`."""
        r = self.record
        return (
            batch.bytes,
            self.import_run_id,
            r.line,
            self.held_row_id,
            self.system.slug,
            self.eval.slug,
            r.value,
            r.stderr,
            r.low,
            r.high,
            r.uncertainty,
            r.n_items,
            r.n_items_text,
            r.elicitation,
            r.reported_by,
            packed(r.observed_on),
            r.source_url,
            r.note,
            r.external_id,
            content_hash(r, self.system, self.eval),
            self.hold,
            0,
        )


def forgetful() -> None:
    """Let the commit of this transaction not wait for the disk.

    For parts on their way in: a crash of the server empties what waits, so there is nothing to
    save, and progress that outlives it is found out by the count.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def stage(rows: Sorted) -> None:
    """Copy rows to where they wait."""
    _copy("evals_stagedscore", SCORE_COLUMNS, rows.scores)
    _copy("evals_stagedrow", ROW_COLUMNS, rows.rows)


def _copy(table: str, columns: Sequence[tuple[str, str]], rows: Iterable[Row]) -> None:
    if not rows:
        return
    names = ", ".join(name for name, _type in columns)
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types([kind for _name, kind in columns])
        write = copy.write_row
        for row in rows:
            write(row)


def count_staged(batch: uuid.UUID) -> int:
    """How many rows of a batch wait: fewer than its run says after a crash of the server."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM evals_stagedscore WHERE batch = %s)"
            " + (SELECT count(*) FROM evals_stagedrow WHERE batch = %s)",
            [batch, batch],
        )
        return int(cursor.fetchone()[0])


def discard(*batches: uuid.UUID) -> None:
    """Take away what of these batches waits."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM evals_stagedscore WHERE batch = ANY(%s)", [list(batches)])
        cursor.execute("DELETE FROM evals_stagedrow WHERE batch = ANY(%s)", [list(batches)])
