"""Which score counts: the one rule, and the writing down of what it says.

An import states the scores of its rows; of two imports with the same row, the second states the
first one's score again. Imports are ordered by their numbers, whenever they were merged, and one
that is withdrawn states nothing. Two scores of one system on one eval are about the same result
where they carry the same identity of the source's own, or the same elicitation, date and address
and not two different identities.

For a source, a score counts for as long as it is the source's last word: it does not where an
import of the source later than all those that state the score states another one about the same
result, unless some import of the source states both, which therefore stand side by side. A score is

- accepted, where it counts for a source that states it;
- superseded, where every source that states it has said something else since;
- withdrawn, where no import states it any more.

Scores that are held in doubt or were rejected count for nothing and take nobody's place.

The rule asks only what is stated, so the order in which imports were merged, withdrawn and
reinstated leaves no trace in what counts. `settle` asks it about the scores that it may concern
and adds a decision where the newest one says something else.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts.models import User

_SAME_KEY = (
    "{a}.system_id = {b}.system_id AND {a}.eval_id = {b}.eval_id"
    " AND {a}.observed_on = {b}.observed_on"
    " AND hashtext({a}.elicitation) = hashtext({b}.elicitation)"
    " AND hashtext({a}.source_url) = hashtext({b}.source_url)"
    " AND {a}.elicitation = {b}.elicitation"
    " AND {a}.source_url = {b}.source_url"
    " AND ({a}.external_id = {b}.external_id OR {a}.external_id = '' OR {b}.external_id = '')"
)
_SAME_IDENTITY = (
    "{a}.external_id <> '' AND {b}.external_id <> '' AND {a}.external_id = {b}.external_id"
    # Files number their rows from 1, and one identity may span the evals of a log.
    " AND {a}.system_id = {b}.system_id AND {a}.eval_id = {b}.eval_id"
)
# What makes two scores speak of the same result, each with its own index.
KINDS = (_SAME_KEY, _SAME_IDENTITY)

NEWEST = (
    "(SELECT d.status FROM evals_decision d WHERE d.score_id = {score} ORDER BY d.id DESC LIMIT 1)"
)
# The imports that state a score and are not withdrawn.
_STATED = (
    "(SELECT {score}.import_run_id AS run_id UNION ALL SELECT x.import_run_id"
    " FROM evals_restatement x WHERE x.score_id = {score}.id) AS {run}_id"
    " JOIN evals_importrun {run} ON {run}.id = {run}_id.run_id AND {run}.withdrawn_at IS NULL"
)
_ABOUT_THE_SAME = " UNION ALL ".join(
    f"SELECT * FROM (SELECT id, import_run_id FROM evals_score t WHERE"  # noqa: S608
    f" {kind.format(a='s', b='t')} AND t.id <> s.id OFFSET 0) t"
    for kind in KINDS
)
# Those that may stand in a score's place, likeliest first: what stood there before or is said to,
# then all about the same result, beginning with the one that was stated last.
_LIKELY = (
    "SELECT t.id, t.import_run_id FROM unnest(ARRAY[newest.in_favour_of_id, one.hint])"
    " WITH ORDINALITY AS likely (id, place) JOIN evals_score t ON t.id = likely.id"
    " ORDER BY likely.place OFFSET 0"
)
_ALL = f"""
SELECT id, import_run_id FROM (
    SELECT t.id, t.import_run_id, greatest(t.import_run_id, (
        SELECT max(x.import_run_id) FROM evals_restatement x WHERE x.score_id = t.id
    )) AS run FROM ({_ABOUT_THE_SAME}) AS t OFFSET 0
) AS t WHERE t.run > word.run ORDER BY t.run DESC, t.id DESC OFFSET 0
"""  # noqa: S608
# The first of them that does, for the source of `word`. They are tried one after another.
_INSTEAD = f"""
SELECT t.id, last.run FROM ({{candidates}}) AS t CROSS JOIN LATERAL (
    SELECT max(r.id) AS run FROM {_STATED.format(score="t", run="r")} AND r.source_id = word.source
) AS last
WHERE last.run > word.run AND {NEWEST.format(score="t.id")} NOT IN ('held', 'rejected')
AND NOT EXISTS (
    SELECT FROM {_STATED.format(score="s", run="r")} AND r.source_id = word.source
    WHERE r.id = t.import_run_id OR EXISTS (
        SELECT FROM evals_restatement x WHERE x.score_id = t.id AND x.import_run_id = r.id
    )
)
"""  # noqa: S608
_FIRST_INSTEAD = " UNION ALL ".join(
    f"({_INSTEAD.format(candidates=candidates)})" for candidates in (_LIKELY, _ALL)
)
# Row for row by index (OFFSET 0 keeps it so): the statistics know nothing yet of rows that were
# stored a moment ago.
_SETTLE = f"""
WITH asked AS MATERIALIZED ({{asked}}), said AS MATERIALIZED (
    SELECT s.id, s.value, newest.status AS was, newest.in_favour_of_id AS had, rule.instead,
        CASE WHEN rule.counts THEN 'accepted' WHEN rule.counts IS NULL THEN 'withdrawn'
        ELSE 'superseded' END AS now
    FROM (SELECT id, max(hint) AS hint FROM asked GROUP BY id) AS one
    CROSS JOIN LATERAL (SELECT * FROM evals_score WHERE id = one.id OFFSET 0) AS s
    CROSS JOIN LATERAL (
        SELECT d.status, d.in_favour_of_id FROM evals_decision d WHERE d.score_id = s.id
        ORDER BY d.id DESC LIMIT 1
    ) AS newest
    CROSS JOIN LATERAL (
        SELECT bool_or(other.id IS NULL) AS counts,
            (array_agg(other.id ORDER BY other.id = newest.in_favour_of_id DESC NULLS LAST,
                other.run DESC, other.id DESC))[1] AS instead
        FROM (
            SELECT r.source_id AS source, max(r.id) AS run
            FROM {_STATED.format(score="s", run="r")} GROUP BY r.source_id OFFSET 0
        ) AS word LEFT JOIN LATERAL ({_FIRST_INSTEAD} LIMIT 1) AS other ON true
    ) AS rule
    WHERE newest.status NOT IN ('held', 'rejected')
), changed AS MATERIALIZED (
    SELECT said.*, (
        SELECT max(x.import_run_id) FROM evals_restatement x
        WHERE x.score_id = said.id AND x.import_run_id = ANY(%(again_by)s)
    ) AS again FROM said
    WHERE now <> was OR (now = 'superseded' AND instead IS DISTINCT FROM had)
), written AS (
    INSERT INTO evals_decision (score_id, at, status, reason, by_id, in_favour_of_id)
    SELECT changed.id, %(at)s, now, CASE now
        WHEN 'accepted' THEN coalesce('import ' || again || ' states it again', %(accepted)s)
        WHEN 'withdrawn' THEN %(withdrawn)s
        ELSE 'the source says ' || t.value || ' now, not ' || changed.value
            || ' (score ' || t.id || ')' END,
    CASE WHEN now <> 'superseded' THEN %(by)s::bigint END,
    CASE WHEN now = 'superseded' THEN instead END
    FROM changed LEFT JOIN evals_score t ON t.id = instead ORDER BY changed.id
)
SELECT was, now, again, count(*) FROM changed GROUP BY was, now, again
"""  # noqa: S608


@dataclass(frozen=True)
class Settled:
    """How many scores count now that did not, or no longer do.

    again: by import, the scores that count again since it states them.
    """

    came: int = 0
    went: int = 0
    again: Counter[int] = field(default_factory=Counter)


def lock() -> None:
    """Wait until no other transaction settles what counts, and keep others waiting until the end.

    It is taken after the rows of a merge are stored, which wait for each other by their hashes,
    and before it is asked what they change: of two merges the second sees all of the first. One
    lock for all sources, since several may state one score.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('what counts', 0))")


def settle(
    asked: str,
    *,
    at: dt.datetime,
    accepted: str = "",
    withdrawn: str = "",
    by: User | None = None,
    again_by: Sequence[int] = (),
    **values: Any,
) -> Settled:
    """Decide by the rule on the scores that the statement `asked` gives. Needs the lock.

    asked: rows of a score's `id` and a `hint`, the one that likely stands in its place, or NULL.

    accepted, withdrawn: the reasons that are written down; a score that counts since
    one of the imports `again_by` states it again counts by that.
    """
    values |= {"at": at, "accepted": accepted, "withdrawn": withdrawn, "again_by": list(again_by)}
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE.format(asked=asked), {**values, "by": by.pk if by is not None else None}
        )
        moves = cursor.fetchall()
    again: Counter[int] = Counter()
    for _was, now, run, count in moves:
        if now == "accepted" and run is not None:
            again[run] += count
    return Settled(
        came=sum(count for _was, now, _run, count in moves if now == "accepted"),
        went=sum(count for was, now, _run, count in moves if was == "accepted" != now),
        again=again,
    )
