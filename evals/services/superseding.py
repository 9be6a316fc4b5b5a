"""Corrections: a later word of the same source about the same result takes the earlier one's place.

Two scores are about the same result where they carry the same identity of the source's own, or the
same system, eval, elicitation, date and address and not two different identities. A file that
states the earlier score again, beside the later one, corrects nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection

from evals.models import Decision, ImportRun, Score

_NEWEST = (
    "(SELECT d.status FROM evals_decision d WHERE d.score_id = {0}.id ORDER BY d.id DESC LIMIT 1)"
)
_SAME_KEY = (
    "old.system_id = new.system_id AND old.eval_id = new.eval_id"
    " AND old.observed_on = new.observed_on AND old.elicitation = new.elicitation"
    " AND old.source_url = new.source_url"
    " AND (old.external_id = new.external_id OR old.external_id = '' OR new.external_id = '')"
)
_SAME_IDENTITY = "new.external_id <> '' AND old.external_id = new.external_id"
_PAIR = """
SELECT old.id AS old_id, new.id AS new_id, old.value AS was, new.value AS is
FROM evals_score new JOIN evals_score old ON {same}
JOIN evals_importrun run ON run.id = old.import_run_id
WHERE {which} AND run.source_id = %(source)s AND run.id < new.import_run_id
AND EXISTS (
    SELECT FROM evals_importrun r WHERE r.id = new.import_run_id AND r.source_id = run.source_id
)
AND {new_status} = 'accepted' AND {old_status} = 'accepted'
AND NOT EXISTS (
    SELECT FROM evals_stagedscore t
    WHERE t.batch = ANY(%(batches)s) AND t.import_run_id = new.import_run_id
    AND t.content_hash = old.content_hash
)
"""
# The new scores of several runs, found by what waits of them: their table has no index by run.
_STAGED = """new.id IN (
    SELECT s.id FROM evals_stagedscore t JOIN evals_score s
    ON s.content_hash = t.content_hash AND s.observed_on = t.observed_on
    AND s.import_run_id = t.import_run_id
    WHERE t.batch = ANY(%(batches)s)
)"""
_SUPERSEDE = """
INSERT INTO evals_decision (score_id, at, status, reason, in_favour_of_id)
SELECT DISTINCT ON (old_id) old_id, %(at)s, %(status)s,
    'the source says ' || "is" || ' now, not ' || was || ' (score ' || new_id || ')', new_id
FROM ({pairs}) AS pair ORDER BY old_id, new_id DESC
"""


def supersede_by_run(run: ImportRun, *, at: dt.datetime) -> int:
    """Let the run's new scores supersede what they correct; how many. Needs the merge's staging."""
    earlier = Score.objects.filter(import_run__source=run.source_id).exclude(import_run=run.pk)
    if not earlier.exists():
        return 0
    return _supersede(
        "new.import_run_id = %(run)s",
        source=run.source_id,
        batches=[run.batch],
        at=at,
        run=run.pk,
    )


def supersede_by_runs(runs: Sequence[ImportRun], *, at: dt.datetime, identified: bool) -> int:
    """The same for several runs of one source that are merged together.

    identified: whether any of their scores carries an identity of the source's own.
    """
    return _supersede(
        _STAGED,
        source=runs[0].source_id,
        batches=[run.batch for run in runs],
        at=at,
        kinds=(_SAME_KEY, _SAME_IDENTITY) if identified else (_SAME_KEY,),
    )


def supersede_by_score(score: Score, *, at: dt.datetime) -> int:
    """The same for one score that came to count later than its run: it corrects or is corrected."""
    which = ("new.id = %(score)s", "old.id = %(score)s")
    run = score.import_run
    given: dict[str, Any] = {"source": run.source_id, "batches": [run.batch], "score": score.pk}
    return sum(_supersede(w, at=at, **given) for w in which)


def _supersede(
    which: str, *, kinds: Sequence[str] = (_SAME_KEY, _SAME_IDENTITY), **given: Any
) -> int:
    status = {"new_status": _NEWEST.format("new"), "old_status": _NEWEST.format("old")}
    pairs = " UNION ".join(_PAIR.format(same=same, which=which, **status) for same in kinds)
    given["status"] = Decision.Status.SUPERSEDED
    with connection.cursor() as cursor:
        cursor.execute(_SUPERSEDE.format(pairs=pairs), given)
        return int(cursor.rowcount)
