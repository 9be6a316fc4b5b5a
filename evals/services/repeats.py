"""A whole vector of values that comes twice under two names: rather a copy than a coincidence.

A vector is what one run says of one system. Logs come one file a system, and posts too, so every
run's vectors are kept with a hash, and a new one is compared with those of all runs of its source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from evals.models import ImportRun

LEAST_EVALS = 5

# Two vectors are the same where their pairs of eval and value are. The sum of the pairs' hashes,
# taken modulo 2^63 - 1, finds them without sorting; then they are compared pair by pair. A vector
# of one value throughout says nothing: several systems may have none or all of an eval's points.
_KEEP = """
INSERT INTO evals_vector (source_id, import_run_id, system_id, rows, pairs)
SELECT r.source_id, t.run, s.id, t.n, t.pairs FROM (
    SELECT import_run_id AS run, system, count(*) AS n, min(line) AS line,
        mod(sum(hashfloat8extended(value, hashtextextended(eval, 0))), 9223372036854775807) AS pairs
    FROM evals_stagedscore WHERE batch = ANY(%(batches)s) AND hold = ''
    GROUP BY import_run_id, system HAVING count(*) >= %(least)s AND min(value) < max(value)
) t JOIN evals_importrun r ON r.id = t.run JOIN evals_system s ON s.slug = t.system
ORDER BY t.run, t.line, t.system
"""
# The one that came first stands. Of one that several repeat, the oldest is named.
_TWINS = """
SELECT DISTINCT ON (later.id) later.import_run_id, later.system_id, later.rows,
    first.import_run_id, first.system_id
FROM evals_vector later
JOIN evals_vector first USING (source_id, rows, pairs)
JOIN evals_importrun run ON run.id = first.import_run_id AND run.withdrawn_at IS NULL
WHERE later.import_run_id = ANY(%(runs)s) AND first.id < later.id
AND first.system_id <> later.system_id
ORDER BY later.id, first.id
"""
# What is staged, or stored from this source and not rejected, of the first one's system.
_SAME = """
WITH mine AS MATERIALIZED (
    SELECT t.eval, t.value FROM evals_stagedscore t JOIN evals_system s ON s.slug = t.system
    WHERE t.batch = ANY(%(batches)s) AND t.import_run_id = %(run)s AND s.id = %(system)s
    AND t.hold = ''
), other AS MATERIALIZED (
    SELECT t.eval, t.value FROM evals_stagedscore t JOIN evals_system s ON s.slug = t.system
    WHERE t.batch = ANY(%(batches)s) AND t.import_run_id = %(first)s AND s.id = %(of)s
    UNION
    SELECT e.slug, c.value FROM evals_score c
    JOIN evals_eval e ON e.id = c.eval_id AND e.slug IN (SELECT eval FROM mine)
    JOIN evals_importrun r ON r.id = c.import_run_id AND r.source_id = %(source)s
    AND r.withdrawn_at IS NULL
    WHERE c.system_id = %(of)s AND NOT EXISTS (
        SELECT FROM evals_decision d WHERE d.score_id = c.id AND d.status = 'rejected'
    )
)
SELECT count(DISTINCT eval) >= %(least)s AND NOT EXISTS (TABLE mine EXCEPT TABLE other) FROM mine
"""
_HOLD = """
UPDATE evals_stagedscore t SET hold = 'repeat: ' || t.system || ' has the same values as '
    || first.slug || ' on all ' || %(rows)s || ' rows of this import' || %(where)s
FROM evals_system first, evals_system own
WHERE t.batch = ANY(%(batches)s) AND t.import_run_id = %(run)s AND t.hold = ''
AND own.id = %(system)s AND t.system = own.slug AND first.id = %(of)s
"""


@dataclass(frozen=True)
class _Twin:
    """A run's vector of `rows` rows that is the same as that of the system `of` in `first`."""

    run: int
    system: int
    rows: int
    first: int
    of: int


def hold_repeated_vectors(*runs: ImportRun) -> int:
    """Hold the staged scores of every system that repeats another's vector; how many.

    The other may stand in the same run, in one merged with it, or in any earlier run of its source
    that is not withdrawn. The one that came later is held, with both names. Needs a transaction;
    merges of one source wait here for each other.
    """
    batches = [run.batch for run in runs]
    _lock(sorted({run.source_id for run in runs}))
    with connection.cursor() as cursor:
        # Nothing is known yet of what was staged a moment ago, so a million rows would be sorted on
        # disk to be grouped, for fear of as many groups. A run has few systems for its rows.
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(_KEEP, {"batches": batches, "least": LEAST_EVALS})
        kept = cursor.rowcount
        cursor.execute("SET LOCAL enable_sort = on")
        if not kept:
            return 0
        cursor.execute(_TWINS, {"runs": [run.pk for run in runs]})
        twins = [_Twin(*row) for row in cursor.fetchall()]
    sources = {run.pk: run.source_id for run in runs}
    return sum(_hold(twin, sources[twin.run], batches) for twin in twins)


def _lock(sources: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        for source in sources:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('vectors of ' || %s, 0))", [source]
            )


def _hold(twin: _Twin, source: int, batches: Sequence[UUID]) -> int:
    """Hold a vector that is the same as the other indeed; how many rows."""
    where = "" if twin.first == twin.run else f", as import {twin.first} of this source has them"
    given: dict[str, Any] = {
        **vars(twin),
        "source": source,
        "batches": list(batches),
        "least": LEAST_EVALS,
        "where": where,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAME, given)
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_HOLD, given)
        return int(cursor.rowcount)
