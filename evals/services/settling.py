"""What an event may change of what counts: a merge, a withdrawal, a verdict.

Each function finds the scores that the event may concern and has them settled by the rule of
`evals.services.superseding`, whose lock it takes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from evals.models import ImportRun
from evals.services.superseding import KINDS, NEWEST, Settled, lock, settle

_STATED_BY = (
    "SELECT * FROM evals_score WHERE import_run_id = ANY(%({runs})s) UNION ALL"
    " SELECT again.* FROM evals_restatement x CROSS JOIN LATERAL"
    " (SELECT * FROM evals_score WHERE id = x.score_id OFFSET 0) AS again"
    " WHERE x.import_run_id = ANY(%({runs})s)"
)
_BY_RUNS = _STATED_BY.format(runs="runs")
# What several small runs state, found by what waits of them, and of each result only the last word:
# a thousand requests about one result are compared once, not each with each.
_STAGED = """
SELECT DISTINCT ON (
    s.system_id, s.eval_id, s.observed_on, s.elicitation, s.source_url, s.external_id
) s.* FROM evals_stagedscore t JOIN evals_score s
ON s.content_hash = t.content_hash AND s.observed_on = t.observed_on
WHERE t.batch = ANY(%(batches)s)
ORDER BY s.system_id, s.eval_id, s.observed_on, s.elicitation, s.source_url, s.external_id,
t.import_run_id DESC, s.id DESC
"""
_STATED_BY_THEM = (
    " AND (c.import_run_id = ANY(%(runs)s) OR EXISTS (SELECT FROM evals_restatement x"
    " WHERE x.score_id = c.id AND x.import_run_id = ANY(%(runs)s)))"
)
# A changed score `c` and another one `o` about the same result that a source of the change states.
# One side is given and the other looked up by its index, row for row (OFFSET 0 keeps it so).
_PAIR = """
SELECT c.id AS c_id, o.id AS o_id FROM (SELECT * FROM ({rows}) AS rows OFFSET 0) AS {given}
CROSS JOIN LATERAL (
    SELECT * FROM evals_score {found} WHERE {same} AND c.id <> o.id {found_where} OFFSET 0
) AS {found}
WHERE EXISTS (
    SELECT FROM evals_importrun r WHERE r.id = o.import_run_id AND r.source_id = ANY(%(sources)s)
) OR EXISTS (
    SELECT FROM evals_restatement x JOIN evals_importrun r ON r.id = x.import_run_id
    WHERE x.score_id = o.id AND r.source_id = ANY(%(sources)s)
)
"""
# A word that is added takes from others, and nothing from its own score but where it is late.
_ADDED = f"""
SELECT id, hint FROM (
    WITH pair AS MATERIALIZED ({{pairs}})
    SELECT o_id AS id, c_id AS hint FROM pair WHERE {NEWEST.format(score="o_id")} = 'accepted'
    UNION ALL SELECT c_id, NULL FROM pair WHERE %(late)s
) AS paired
"""  # noqa: S608
_AGAIN = f"""
UNION ALL SELECT x.score_id, NULL FROM evals_restatement x WHERE x.import_run_id = ANY(%(runs)s)
AND {NEWEST.format(score="x.score_id")} <> 'accepted'
UNION ALL SELECT d.score_id, NULL FROM evals_decision d WHERE d.in_favour_of_id IN (
    SELECT score_id FROM evals_restatement WHERE import_run_id = ANY(%(runs)s)
)
"""  # noqa: S608
# A decision names one score that stands in the place, and that may be so for one source of several
# only: what stands there for another is not written down.
_SHARED = f"""
UNION ALL SELECT x.score_id, NULL FROM evals_restatement x
JOIN evals_importrun its ON its.id = x.import_run_id
JOIN evals_score s ON s.id = x.score_id
JOIN evals_importrun own ON own.id = s.import_run_id
WHERE its.source_id <> own.source_id AND {NEWEST.format(score="x.score_id")} = 'superseded'
"""  # noqa: S608
# What was superseded in favour of a score that is stated no more is looked at again.
_TAKEN_AWAY = f"""
SELECT id, NULL::bigint AS hint FROM ({_BY_RUNS}) AS own
UNION ALL SELECT d.score_id, NULL FROM evals_decision d
WHERE d.in_favour_of_id IN (SELECT id FROM ({_BY_RUNS}) AS own)
"""  # noqa: S608


def settle_merged(run: ImportRun, *, at: dt.datetime, again: bool, held: bool = False) -> Settled:
    """Settle what a run changes that was merged a moment ago.

    again: whether any of its rows was there before; held: whether one is held for that now.
    """
    lock()
    done = ImportRun.objects.filter(source=run.source_id, state=ImportRun.State.DONE)
    others = done.exclude(pk=run.pk).exclude(read=F("rejected"))
    said = others.aggregate(rows=Coalesce(Sum(F("read") - F("rejected")), 0))["rows"]
    if not said and not again:
        return Settled()
    given: dict[str, Any] = {"runs": [run.pk], "again_by": [run.pk], "sources": [run.source_id]}
    if said < run.read:
        given["others"] = list(others.values_list("pk", flat=True))
        pairs = _pairs("o", _STATED_BY.format(runs="others"), found_where=_STATED_BY_THEM)
    else:
        pairs = _pairs("c", _BY_RUNS)
    asked = _ADDED.format(pairs=pairs) + (_AGAIN if again else "") + (_SHARED if held else "")
    return settle(asked, at=at, late=others.filter(pk__gt=run.pk).exists(), **given)


def settle_merged_together(
    runs: Sequence[ImportRun], *, at: dt.datetime, identified: bool, held: bool = False
) -> Settled:
    """The same for several small runs of one source whose rows are staged still.

    identified: whether any of their scores carries an identity of the source's own.
    """
    lock()
    pairs = _pairs("c", _STAGED, kinds=KINDS if identified else KINDS[:1])
    ids = [run.pk for run in runs]
    return settle(
        _ADDED.format(pairs=pairs) + _AGAIN + (_SHARED if held else ""),
        at=at,
        again_by=ids,
        runs=ids,
        batches=[run.batch for run in runs],
        sources=[runs[0].source_id],
        late=True,
    )


def settle_withdrawn(
    run: ImportRun, *, at: dt.datetime, withdrawn: str, accepted: str, by: User | None
) -> Settled:
    """Settle what a run stated, which is withdrawn now, and what counts again for that."""
    lock()
    return settle(
        _TAKEN_AWAY + _SHARED, at=at, withdrawn=withdrawn, accepted=accepted, by=by, runs=[run.pk]
    )


def settle_reinstated(
    run: ImportRun, *, at: dt.datetime, accepted: str, by: User | None
) -> Settled:
    """Settle what a run states, which is no longer withdrawn, and what that takes from others."""
    lock()
    own = f"SELECT id, NULL::bigint AS hint FROM ({_BY_RUNS}) AS own UNION ALL "  # noqa: S608
    asked = own + _ADDED.format(pairs=_pairs("c", _BY_RUNS))
    given: dict[str, Any] = {"runs": [run.pk], "sources": [run.source_id], "late": False}
    return settle(asked, at=at, accepted=accepted, by=by, **given)


def settle_scores(scores: Sequence[int], *, at: dt.datetime, accepted: str = "") -> Settled:
    """Settle scores that came to be stated or to count in another way than by an import."""
    lock()
    own = "SELECT * FROM evals_score WHERE id = ANY(%(scores)s)"
    asked = (
        "SELECT unnest(%(scores)s::bigint[]) AS id, NULL::bigint AS hint UNION ALL "  # noqa: S608
        + _ADDED.format(pairs=_pairs("c", own))
        + " UNION ALL SELECT d.score_id, NULL FROM evals_decision d"
        + " WHERE d.in_favour_of_id = ANY(%(scores)s)"
        + _SHARED
    )
    stating = Q(scores__in=scores) | Q(restatements__score__in=scores)
    sources = ImportRun.objects.filter(stating).values_list("source_id", flat=True).distinct()
    given: dict[str, Any] = {"scores": list(scores), "sources": list(sources.order_by())}
    return settle(asked, at=at, accepted=accepted, late=False, **given)


def _pairs(given: str, rows: str, *, kinds: Sequence[str] = KINDS, found_where: str = "") -> str:
    found = "o" if given == "c" else "c"
    return " UNION ".join(
        _PAIR.format(
            given=given,
            rows=rows,
            found=found,
            same=same.format(a="c", b="o"),
            found_where=found_where,
        )
        for same in kinds
    )
