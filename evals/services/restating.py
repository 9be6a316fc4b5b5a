"""Rows that are stored already: who else states them, so that none goes with its first import."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import connection

from evals.selectors.queues import OPEN_ROW
from evals.services.superseding import NEWEST

_SCORES = """
INSERT INTO evals_restatement (score_id, import_run_id, line)
SELECT DISTINCT ON (s.id, t.import_run_id) s.id, t.import_run_id, t.line
FROM evals_stagedscore t JOIN evals_score s
ON s.content_hash = t.content_hash AND s.observed_on = t.observed_on
AND s.import_run_id <> t.import_run_id
WHERE t.batch = ANY(%(batches)s) ORDER BY s.id, t.import_run_id, t.line
ON CONFLICT (score_id, import_run_id) DO NOTHING
"""
_DOUBTFUL = f"""
WITH doubtful AS (
    SELECT DISTINCT ON (s.id) s.id, t.import_run_id AS run, t.hold
    FROM evals_stagedscore t JOIN evals_score s
    ON s.content_hash = t.content_hash AND s.observed_on = t.observed_on
    WHERE t.batch = ANY(%(batches)s) AND t.hold <> ''
    AND {NEWEST.format(score="s.id")} IN ('superseded', 'withdrawn')
    AND NOT EXISTS (
        SELECT FROM evals_stagedscore u WHERE u.batch = ANY(%(batches)s) AND u.hold = ''
        AND u.content_hash = t.content_hash AND u.observed_on = t.observed_on
    )
    ORDER BY s.id, t.import_run_id DESC, t.line
), held AS (
    INSERT INTO evals_decision (score_id, at, status, reason)
    SELECT id, %(at)s, 'held', hold FROM doubtful ORDER BY id
)
SELECT run, count(*) FROM doubtful GROUP BY run
"""  # noqa: S608
_HELD = f"""
INSERT INTO evals_heldrestatement (held_row_id, import_run_id, line)
SELECT DISTINCT ON (h.id) h.id, %(run)s::bigint, t.line
FROM evals_stagedrow t JOIN evals_heldrow h ON h.content_hash = t.content_hash
WHERE t.batch = %(batch)s AND t.kind = 'held' AND h.import_run_id <> %(run)s AND {OPEN_ROW}
ORDER BY h.id, t.line ON CONFLICT (held_row_id, import_run_id) DO NOTHING
"""  # noqa: S608

_CARRY_OVER = """
INSERT INTO evals_restatement (score_id, import_run_id, line)
SELECT DISTINCT ON (e.score_id, x.run) e.score_id, x.run, x.line
FROM unnest(%(rows)s::bigint[], %(scores)s::bigint[]) AS e (row, score_id)
JOIN evals_score s ON s.id = e.score_id
JOIN LATERAL (
    SELECT h.import_run_id AS run, h.line FROM evals_heldrow h WHERE h.id = e.row
    UNION ALL SELECT x.import_run_id, x.line
    FROM evals_heldrestatement x WHERE x.held_row_id = e.row
) AS x ON x.run <> s.import_run_id
ORDER BY e.score_id, x.run, x.line ON CONFLICT (score_id, import_run_id) DO NOTHING
"""


def restate_scores(batches: Sequence[uuid.UUID]) -> int:
    """Note which stored scores the waiting rows of batches state again; how many did not so far."""
    with connection.cursor() as cursor:
        cursor.execute(_SCORES, {"batches": list(batches)})
        return int(cursor.rowcount)


def hold_again(batches: Sequence[uuid.UUID], *, at: dt.datetime) -> Counter[int]:
    """Hold stored scores that did not count and that come again in doubt; how many, by import."""
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTFUL, {"batches": list(batches), "at": at})
        return Counter(dict(cursor.fetchall()))


def restate_held_rows(batch: uuid.UUID, *, run: int) -> None:
    """Note which rows that wait already a batch's rows of unknown names state again."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"batch": batch, "run": run})


def carry_over(scores: Mapping[int, int]) -> None:
    """Let every import that states a held row state the score that the row became; by their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_CARRY_OVER, {"rows": list(scores), "scores": list(scores.values())})
