"""Corrections: a later word of the same source about the same result takes the earlier one's place.

Two scores of one system on one eval are about the same result where they carry the same identity of
the source's own, or the same elicitation, date and address and not two different identities. A file
that states the earlier score again, beside the later one, corrects nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection

from evals.models import Decision, ImportRun, Score

_NEWEST = (
    "(SELECT d.status FROM evals_decision d WHERE d.score_id = pair.{0}_id"
    " ORDER BY d.id DESC LIMIT 1)"
)
_SAME_KEY = (
    "old.system_id = new.system_id AND old.eval_id = new.eval_id"
    " AND old.observed_on = new.observed_on"
    " AND hashtext(old.elicitation) = hashtext(new.elicitation)"
    " AND hashtext(old.source_url) = hashtext(new.source_url)"
    " AND old.elicitation = new.elicitation"
    " AND old.source_url = new.source_url"
    " AND (old.external_id = new.external_id OR old.external_id = '' OR new.external_id = '')"
)
_SAME_IDENTITY = (
    "old.external_id <> '' AND new.external_id <> '' AND old.external_id = new.external_id"
    # Files number their rows from 1, and one identity may span the evals of a log.
    " AND old.system_id = new.system_id AND old.eval_id = new.eval_id"
)
# One side is given and the other looked up by its index, row for row (OFFSET 0 keeps it so): the
# statistics know nothing yet of rows that were stored a moment ago, so the order is said here.
_PAIR = """
SELECT old.id AS old_id, new.id AS new_id, old.value AS was, new.value AS is,
    old.content_hash AS old_hash, new.import_run_id AS run_id
FROM (SELECT * FROM evals_score {given} WHERE {which} OFFSET 0) AS {given}
CROSS JOIN LATERAL (
    SELECT * FROM evals_score {found} WHERE {same} AND old.import_run_id < new.import_run_id
    {found_where} OFFSET 0
) AS {found}
JOIN evals_importrun old_run ON old_run.id = old.import_run_id AND old_run.source_id = %(source)s
JOIN evals_importrun new_run ON new_run.id = new.import_run_id AND new_run.source_id = %(source)s
"""
# The new scores of several runs, found by what waits of them, and of each result only the last one:
# a thousand requests about one result are compared once, not each with each.
_STAGED = """new.id IN (
    SELECT DISTINCT ON (
        s.system_id, s.eval_id, s.observed_on, s.elicitation, s.source_url, s.external_id
    ) s.id FROM evals_stagedscore t JOIN evals_score s
    ON s.content_hash = t.content_hash AND s.observed_on = t.observed_on
    AND s.import_run_id = t.import_run_id
    WHERE t.batch = ANY(%(batches)s) AND t.hold = ''
    ORDER BY s.system_id, s.eval_id, s.observed_on, s.elicitation, s.source_url, s.external_id,
    s.import_run_id DESC, s.id DESC
)"""
_SUPERSEDE = """
WITH pair AS MATERIALIZED ({pairs})
INSERT INTO evals_decision (score_id, at, status, reason, in_favour_of_id)
SELECT DISTINCT ON (old_id) old_id, %(at)s, %(status)s,
    'the source says ' || "is" || ' now, not ' || was || ' (score ' || new_id || ')', new_id
FROM pair WHERE {old_status} = 'accepted' AND {new_status} = 'accepted'
AND NOT EXISTS (
    SELECT FROM evals_stagedscore t
    WHERE t.batch = ANY(%(batches)s) AND t.import_run_id = pair.run_id
    AND t.content_hash = pair.old_hash
)
ORDER BY old_id, new_id DESC
"""
KINDS = (_SAME_KEY, _SAME_IDENTITY)


def supersede_by_run(run: ImportRun, *, at: dt.datetime) -> int:
    """Let the run's new scores supersede what they correct; how many. Needs the merge's staging."""
    earlier = ImportRun.objects.filter(source=run.source_id, pk__lt=run.pk, accepted__gt=0)
    counts = dict(earlier.values_list("pk", "accepted"))
    if not counts:
        return 0
    given: dict[str, Any] = {
        "source": run.source_id,
        "batches": [run.batch],
        "at": at,
        "run": run.pk,
    }
    if sum(counts.values()) >= run.accepted:
        return _supersede("new", "new.import_run_id = %(run)s", **given)
    which, of_the_run = "old.import_run_id = ANY(%(earlier)s)", "AND new.import_run_id = %(run)s"
    return _supersede("old", which, found_where=of_the_run, earlier=list(counts), **given)


def supersede_by_runs(runs: Sequence[ImportRun], *, at: dt.datetime, identified: bool) -> int:
    """The same for several runs of one source that are merged together.

    identified: whether any of their scores carries an identity of the source's own.
    """
    return _supersede(
        "new",
        _STAGED,
        source=runs[0].source_id,
        batches=[run.batch for run in runs],
        at=at,
        kinds=KINDS if identified else KINDS[:1],
    )


def supersede_by_score(score: Score, *, at: dt.datetime) -> int:
    """The same for one score that came to count later than its run: it corrects or is corrected."""
    run = score.import_run
    given: dict[str, Any] = {"source": run.source_id, "batches": [run.batch], "score": score.pk}
    return sum(_supersede(g, f"{g}.id = %(score)s", at=at, **given) for g in ("new", "old"))


def _supersede(
    given: str,
    which: str,
    *,
    kinds: Sequence[str] = KINDS,
    found_where: str = "",
    **values: Any,
) -> int:
    found = "old" if given == "new" else "new"
    pairs = " UNION ".join(
        _PAIR.format(given=given, which=which, found=found, found_where=found_where, same=same)
        for same in kinds
    )
    statement = _SUPERSEDE.format(
        pairs=pairs, old_status=_NEWEST.format("old"), new_status=_NEWEST.format("new")
    )
    values["status"] = Decision.Status.SUPERSEDED
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
