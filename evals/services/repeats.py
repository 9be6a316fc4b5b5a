"""A whole vector of values that comes twice under two names: rather a copy than a coincidence.

A vector is what one run says of one system. Logs come one file a system, and posts too, so every
run's vectors are kept with a hash, and a new one is compared with those of all runs of its source.
Where results come a few at a time, the vector is all that their source has said of the system so
far; the rows with which it becomes another's are held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from evals.models import ImportRun

LEAST_EVALS = 5
# A run of more rows has its systems whole; a system with more scores is not put together again.
SMALL_RUN = MOST_SCORES = 1_000

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
# Of several runs that are merged together the last one of a system has the vector of all.
_KEEP_PIECES = """
WITH waiting AS MATERIALIZED (
    SELECT r.source_id AS source, t.import_run_id AS run, t.system, t.line
    FROM evals_stagedscore t JOIN evals_importrun r ON r.id = t.import_run_id
    WHERE t.batch = ANY(%(small)s) AND t.hold = ''
), few AS MATERIALIZED (
    SELECT f.source, s.id, f.system, max(f.run) AS run, min(f.line) AS line FROM (
        SELECT source, run, system, min(line) AS line FROM waiting
        GROUP BY source, run, system HAVING count(*) < %(least)s
    ) f JOIN evals_system s ON s.slug = f.system GROUP BY f.source, s.id, f.system
), pair AS (
    SELECT few.*, stated.eval, stated.value FROM few CROSS JOIN LATERAL ({stated}) AS stated
    WHERE (
        SELECT count(*) FROM (
            SELECT FROM evals_score WHERE system_id = few.id LIMIT %(most)s + 1
        ) AS its
    ) <= %(most)s
)
INSERT INTO evals_vector (source_id, import_run_id, system_id, rows, pairs)
SELECT source, run, id, count(*),
    mod(sum(hashfloat8extended(value, hashtextextended(eval, 0))), 9223372036854775807)
FROM pair GROUP BY source, run, id, line
HAVING count(*) >= %(least)s AND min(value) < max(value) ORDER BY run, line, id
RETURNING import_run_id, system_id
"""
# All that a source says of a system, each pair of eval and value once: what waits, and what is
# stored and not rejected.
_STATED = """
    SELECT t.eval, t.value FROM evals_stagedscore t JOIN evals_system s ON s.slug = t.system
    JOIN evals_importrun r ON r.id = t.import_run_id AND r.source_id = {source}
    WHERE t.batch = ANY(%(batches)s) AND t.hold = '' AND s.id = {system}
    UNION
    SELECT e.slug, c.value FROM evals_score c JOIN evals_eval e ON e.id = c.eval_id
    JOIN evals_importrun r ON r.id = c.import_run_id AND r.source_id = {source}
    AND r.withdrawn_at IS NULL
    WHERE c.system_id = {system} AND NOT EXISTS (
        SELECT FROM evals_decision d WHERE d.score_id = c.id AND d.status = 'rejected'
    )
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
_MINE = """
    SELECT t.eval, t.value FROM evals_stagedscore t JOIN evals_system s ON s.slug = t.system
    WHERE t.batch = ANY(%(batches)s) AND t.import_run_id = %(run)s AND s.id = %(system)s
    AND t.hold = ''
"""
_SAME = f"""
WITH mine AS MATERIALIZED ({{mine}}), other AS MATERIALIZED (
    {_STATED.format(source="%(source)s", system="%(of)s")}
)
SELECT count(DISTINCT eval) >= %(least)s AND NOT EXISTS (TABLE mine EXCEPT TABLE other) FROM mine
"""  # noqa: S608
_HOLD = """
UPDATE evals_stagedscore t SET hold = 'repeat: ' || t.system || ' has the same values as '
    || first.slug || ' on all ' || %(rows)s || ' rows of this ' || %(where)s
FROM evals_system first, evals_system own, evals_importrun r
WHERE t.batch = ANY(%(batches)s) AND t.hold = '' AND r.id = t.import_run_id
AND (t.import_run_id = %(run)s OR %(pieces)s AND r.source_id = %(source)s)
AND own.id = %(system)s AND t.system = own.slug AND first.id = %(of)s
"""


@dataclass(frozen=True)
class _Twin:
    """A run's vector of `rows` rows that is the same as that of the system `of` in `first`.

    pieces: whether it is put together of all that the source says.
    """

    run: int
    system: int
    rows: int
    first: int
    of: int
    pieces: bool


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
        pieces = _keep_pieces(runs, batches)
        if not kept and not pieces:
            return 0
        cursor.execute(_TWINS, {"runs": [run.pk for run in runs]})
        twins = [
            _Twin(run, system, rows, first, of, (run, system) in pieces)
            for run, system, rows, first, of in cursor.fetchall()
        ]
    sources = {run.pk: run.source_id for run in runs}
    return sum(_hold(twin, sources[twin.run], batches) for twin in twins)


def _keep_pieces(runs: Sequence[ImportRun], batches: Sequence[UUID]) -> set[tuple[int, int]]:
    """Keep the vectors of systems of which small runs say little; (run, system) of each."""
    small = [run.batch for run in runs if run.rows_staged <= SMALL_RUN]
    if not small:
        return set()
    stated = _STATED.format(source="few.source", system="few.id")
    given: dict[str, Any] = {
        "small": small,
        "batches": list(batches),
        "least": LEAST_EVALS,
        "most": MOST_SCORES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_PIECES.format(stated=stated), given)
        return {(int(run), int(system)) for run, system in cursor.fetchall()}


def _lock(sources: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        for source in sources:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('vectors of ' || %s, 0))", [source]
            )


def _hold(twin: _Twin, source: int, batches: Sequence[UUID]) -> int:
    """Hold a vector that is the same as the other indeed; how many rows."""
    where = "import"
    if twin.first != twin.run:
        where = f"import, as import {twin.first} of this source has them"
    mine = _MINE
    if twin.pieces:
        where, mine = "source", _STATED.format(source="%(source)s", system="%(system)s")
    given: dict[str, Any] = {
        **vars(twin),
        "source": source,
        "batches": list(batches),
        "least": LEAST_EVALS,
        "where": where,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAME.format(mine=mine), given)
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_HOLD, given)
        return int(cursor.rowcount)
