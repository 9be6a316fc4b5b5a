"""Held rows become scores once a person has said what their names mean."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from evals.models import HeldRow, Resolution, Score
from evals.records import ScoreRecord
from evals.selectors.queues import open_held_rows
from evals.services import merging
from evals.services.doubts import Doubts
from evals.services.judgement import content_hash, refusal
from evals.services.misfits import hold_misfits
from evals.services.names import NameBook
from evals.services.restating import carry_over, hold_again
from evals.services.settling import settle_scores
from evals.services.sorting import completed
from evals.services.staging import Sorted, StagedScore, discard, stage
from evals.services.superseding import lock
from evals.services.units import in_unit_of
from evals.signals import scores_changed

AT_A_TIME = 2_000
_REASON = "held row resolved by its names"

Outcome = Resolution.Outcome


@dataclass(frozen=True)
class _Ending:
    """How a held row ends: not used for a reason, or by the score of this content and date."""

    row: int
    outcome: Outcome
    reason: str = ""
    content_hash: str = ""
    observed_on: dt.date | None = None


@transaction.atomic
def resolve_held_rows(by: User | None = None, *, of: Sequence[int] | None = None) -> int:
    """End every held row whose names are known now; the number of scores that came to count.

    of: only the rows that these imports brought. An import has its own resolved when it is merged,
    since a name may have been decided after it was read: one at a time asks, so that either the
    import knows the name or the decision sees the rows.

    A row whose score came in meanwhile under its right name ends by that one, which every import
    with the row then states. A row of a name to be ignored, or with a value that its eval cannot
    take, is not used, and says why. Rows that are still unknown stay held.
    """
    _alone()
    now, batch, book = timezone.now(), uuid.uuid4(), NameBook.load()
    if not (waiting := _known_rows(book, of)):
        return 0
    doubts = Doubts()
    endings: list[_Ending] = []
    for start in range(0, len(waiting), AT_A_TIME):
        ids = waiting[start : start + AT_A_TIME]
        rows = HeldRow.objects.filter(pk__in=ids).order_by("id")
        endings += _staged(rows, batch, book, doubts, now.date())
    if not endings:
        return 0
    hold_misfits([batch])
    new = merging.add_scores(batch, at=now, reason=_REASON)
    merging.add_doubtful_scores(batch, at=now)
    lock()
    scores = _end(endings, now, by)
    hold_again([batch], at=now)
    settled = settle_scores(scores, at=now, accepted=_REASON)
    discard(batch)
    if new or settled.came or settled.went:
        cause = f"{new + settled.came} held scores resolved"
        scores_changed.send(sender=HeldRow, cause=cause)
    return new + settled.came


def _known_rows(book: NameBook, of: Sequence[int] | None) -> list[int]:
    """The ids of the rows that wait for names which nobody needs to ask about any more."""
    rows = open_held_rows().order_by()
    if of is not None:
        rows = rows.filter(import_run__in=of)
    pairs = rows.values_list("system_name", "eval_name").distinct()
    known = [(system, item) for system, item in pairs if book.settles(system, item)]
    if not known:
        return []
    systems, evals = ({pair[place] for pair in known} for place in (0, 1))
    found = rows.filter(system_name__in=systems, eval_name__in=evals)
    return list(found.order_by("id").values_list("pk", flat=True))


def _alone() -> None:
    """Wait for others who resolve, so that no row ends twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('held rows', 0))")


def _staged(
    rows: Iterable[HeldRow], batch: uuid.UUID, book: NameBook, doubts: Doubts, today: dt.date
) -> list[_Ending]:
    """How some of the rows end, those that may be scores staged."""
    endings: list[_Ending] = []
    found = Sorted()
    for row in rows:
        record = msgspec.convert(row.record, ScoreRecord)
        score = _score(row, record, book, doubts, today)
        if isinstance(score, StagedScore):
            found.scores.append(score.row(batch))
            key = content_hash(score.record, score.system, score.eval)
            endings.append(_Ending(row.pk, Outcome.SCORED, "", key, score.record.observed_on))
        elif score:
            endings.append(_Ending(row.pk, Outcome.REJECTED, score))
        elif why := book.ignoring(record):
            endings.append(_Ending(row.pk, Outcome.IGNORED, why))
    stage(found)
    return endings


def _score(
    row: HeldRow, record: ScoreRecord, book: NameBook, doubts: Doubts, today: dt.date
) -> StagedScore | str:
    """The score of a row; or why it cannot be one, empty where its names are still unknown."""
    system, item = book.system(record.system), book.eval(record.eval)
    if system is None or item is None:
        return ""
    record = in_unit_of(completed(record, system.elicitation), item.target)
    if why := refusal(record, item.target, today):
        return why
    hold = doubts.about(record, system.target.slug, item.target)
    return StagedScore(record, system.target, item.target, row.import_run_id, row.pk, hold)


def _end(endings: list[_Ending], at: dt.datetime, by: User | None) -> list[int]:
    """Write down how rows ended; the scores by which they did."""
    scores: set[int] = set()
    for start in range(0, len(endings), AT_A_TIME):
        part = list(_resolutions(endings[start : start + AT_A_TIME], at, by))
        Resolution.objects.bulk_create(part)
        ended = {one.held_row_id: one.score_id for one in part if one.score_id is not None}
        carry_over(ended)
        scores.update(ended.values())
    return sorted(scores)


def _resolutions(endings: list[_Ending], at: dt.datetime, by: User | None) -> Iterator[Resolution]:
    """How each row ended: as its own score, as one with the same content, or not used."""
    hashes = {ending.content_hash for ending in endings}
    found = Score.objects.filter(content_hash__in=hashes)
    known = {(score.content_hash, score.observed_on): score for score in found}
    for ending in endings:
        outcome, score = ending.outcome, None
        if ending.observed_on is not None:
            score = known[ending.content_hash, ending.observed_on]
            outcome = Outcome.SCORED if score.held_row_id == ending.row else Outcome.DUPLICATE
        yield Resolution(
            held_row_id=ending.row,
            outcome=outcome,
            score=score,
            reason=ending.reason,
            at=at,
            by=by,
        )
