"""Scores into the database: staged by COPY, merged in one statement, nothing twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from evals.models import Decision, Eval, System
from evals.records import ScoreRecord
from evals.services.judgement import content_hash

COLUMNS = (
    "system_id",
    "eval_id",
    "value",
    "stderr",
    "low",
    "high",
    "uncertainty",
    "n_items",
    "n_items_text",
    "elicitation",
    "reported_by",
    "observed_on",
    "recorded_at",
    "source_url",
    "note",
    "external_id",
    "import_run_id",
    "line",
    "held_row_id",
    "content_hash",
)


@dataclass(frozen=True)
class StagedScore:
    """A record whose names are matched and whose value was judged good."""

    record: ScoreRecord
    system: System
    eval: Eval
    import_run_id: int
    held_row_id: int | None = None

    def row(self, recorded_at: dt.datetime) -> tuple[object, ...]:
        """The values of `COLUMNS`."""
        r = self.record
        return (
            self.system.pk,
            self.eval.pk,
            r.value,
            r.stderr,
            r.low,
            r.high,
            r.uncertainty,
            r.n_items,
            r.n_items_text,
            r.elicitation,
            r.reported_by,
            r.observed_on,
            recorded_at,
            r.source_url,
            r.note,
            r.external_id,
            self.import_run_id,
            r.line,
            self.held_row_id,
            content_hash(r, self.system, self.eval),
        )


def merge(staged: Sequence[StagedScore], *, recorded_at: dt.datetime, reason: str) -> int:
    """Store what is new, accepted with `reason`; the number of new scores. Needs a transaction.

    A score whose content is already stored is left as it is, so the same rows twice, or from two
    workers at once, are stored once.
    """
    if not staged:
        return 0
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE staged_score (LIKE evals_score INCLUDING DEFAULTS) "
            "ON COMMIT DROP"
        )
        cursor.execute("ALTER TABLE staged_score DROP COLUMN id")
        with cursor.cursor.copy(f"COPY staged_score ({names}) FROM STDIN") as copy:
            for score in staged:
                copy.write_row(score.row(recorded_at))
        cursor.execute(
            f"WITH new AS (INSERT INTO evals_score ({names}) SELECT {names} FROM staged_score "  # noqa: S608
            "ORDER BY line ON CONFLICT (content_hash, observed_on) DO NOTHING RETURNING id) "
            "INSERT INTO evals_decision (score_id, at, status, reason, by_id) "
            "SELECT id, %s, %s, %s, NULL FROM new ORDER BY id",
            [recorded_at, Decision.Status.ACCEPTED, reason],
        )
        new = int(cursor.rowcount)
        cursor.execute("DROP TABLE staged_score")
    return new
