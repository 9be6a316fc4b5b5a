"""A whole vector of values that comes twice under two names: rather a copy than a coincidence."""

from __future__ import annotations

from typing import Any

from django.db import connection

from evals.models import ImportRun

LEAST_EVALS = 5

# Two systems have the same vector where their pairs of eval and value are the same. The sum of the
# pairs' hashes finds them without sorting; then they are compared pair by pair. A vector of one
# value throughout says nothing: several systems may have none or all of an eval's points.
_REPEATED = """
WITH vector AS (
    SELECT system, count(*) AS n, min(line) AS line,
           sum(hashfloat8extended(value, hashtextextended(eval, 0))) AS pairs
    FROM evals_stagedscore WHERE batch = %(batch)s AND hold = ''
    GROUP BY system HAVING count(*) >= %(least)s AND min(value) < max(value)
), twin AS (
    SELECT DISTINCT ON (later.system) later.system, first.system AS of, later.n
    FROM vector first JOIN vector later USING (n, pairs)
    WHERE (first.line, first.system) < (later.line, later.system)
    ORDER BY later.system, first.line
)
SELECT system, of FROM twin WHERE (
    SELECT count(DISTINCT eval) FROM evals_stagedscore a
    WHERE a.batch = %(batch)s AND a.system = twin.system AND a.hold = ''
) >= %(least)s AND NOT EXISTS (
    SELECT eval, value FROM evals_stagedscore a
    WHERE a.batch = %(batch)s AND a.system = twin.system AND a.hold = ''
    EXCEPT ALL
    SELECT eval, value FROM evals_stagedscore b
    WHERE b.batch = %(batch)s AND b.system = twin.of AND b.hold = ''
)
"""

_HOLD = """
UPDATE evals_stagedscore t SET hold =
    'repeat: ' || t.system || ' has the same values as ' || twin.of || ' on all '
    || (SELECT count(*) FROM evals_stagedscore a
        WHERE a.batch = t.batch AND a.system = t.system AND a.hold = '') || ' rows of this import'
FROM unnest(%(systems)s::text[], %(of)s::text[]) AS twin (system, of)
WHERE t.batch = %(batch)s AND t.system = twin.system AND t.hold = ''
"""


def hold_repeated_vectors(run: ImportRun) -> int:
    """Hold the staged scores of every system that repeats another one's vector; how many.

    A vector is what the run says of a system, over at least `LEAST_EVALS` evals; the later of two
    in the file is held. Needs a transaction.
    """
    given: dict[str, Any] = {"batch": run.batch, "least": LEAST_EVALS}
    with connection.cursor() as cursor:
        cursor.execute(_REPEATED, given)
        twins = cursor.fetchall()
        if not twins:
            return 0
        systems, of = (list(names) for names in zip(*twins, strict=True))
        cursor.execute(_HOLD, {**given, "systems": systems, "of": of})
        return int(cursor.rowcount)
