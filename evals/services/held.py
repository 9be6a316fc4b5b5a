"""Held rows become scores once a person has said what their names mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from evals.models import HeldRow, ImportRun, Resolution, Score
from evals.records import ScoreRecord
from evals.services.doubts import Doubts
from evals.services.judgement import content_hash, refusal
from evals.services.merging import merge
from evals.services.names import NameBook
from evals.services.sorting import completed
from evals.services.staging import StagedScore
from evals.services.superseding import supersede_by_score
from evals.services.units import in_unit_of
from evals.signals import scores_changed

AT_A_TIME = 2_000


def open_rows() -> list[int]:
    """The ids of the rows that wait, of imports that are not withdrawn."""
    rows = HeldRow.objects.filter(resolution__isnull=True, import_run__withdrawn_at__isnull=True)
    return list(rows.order_by("id").values_list("pk", flat=True))


@transaction.atomic
def resolve_held_rows(by: User | None = None) -> int:
    """Score every held row whose names are known now; the number of new scores.

    A row whose score came in meanwhile under its right name is resolved by that one, and a row of a
    name to be ignored is resolved by its reason. Rows that are still unknown, or whose value the
    eval cannot take, stay held.
    """
    book, doubts, waiting = NameBook.load(), Doubts(), open_rows()
    new = 0
    for start in range(0, len(waiting), AT_A_TIME):
        ids = waiting[start : start + AT_A_TIME]
        new += _resolve(HeldRow.objects.filter(pk__in=ids).order_by("id"), book, doubts, by)
    if new:
        scores_changed.send(sender=HeldRow, cause=f"{new} held scores resolved")
    return new


def _resolve(rows: Iterable[HeldRow], book: NameBook, doubts: Doubts, by: User | None) -> int:
    now = timezone.now()
    staged: list[StagedScore] = []
    ignored: list[Resolution] = []
    for row in rows:
        record = msgspec.convert(row.record, ScoreRecord)
        score = _score(row, record, book, doubts, now.date())
        if score is not None:
            staged.append(score)
        elif why := book.ignoring(record):
            ignored.append(_resolution(row.pk, Resolution.Outcome.IGNORED, None, why, now, by))
    new = merge(staged, recorded_at=now, reason="held row resolved by its names")
    Resolution.objects.bulk_create([*ignored, *_resolutions(staged, now, by)])
    return new


def _score(
    row: HeldRow, record: ScoreRecord, book: NameBook, doubts: Doubts, today: dt.date
) -> StagedScore | None:
    system, item = book.system(record.system), book.eval(record.eval)
    if system is None or item is None:
        return None
    record = in_unit_of(completed(record, system.elicitation), item.target)
    if refusal(record, item.target, today):
        return None
    hold = doubts.about(record, system.target.slug, item.target)
    return StagedScore(record, system.target, item.target, row.import_run_id, row.pk, hold)


def _resolutions(
    staged: list[StagedScore], now: dt.datetime, by: User | None
) -> Iterable[Resolution]:
    """How each row ended: as its own score, or as one with the same content."""
    hashes = {s.held_row_id: content_hash(s.record, s.system, s.eval) for s in staged}
    scores = {
        (score.content_hash, score.observed_on): score
        for score in Score.objects.filter(content_hash__in=set(hashes.values()))
    }
    for one in staged:
        assert one.held_row_id is not None
        score = scores[hashes[one.held_row_id], one.record.observed_on]
        own = score.held_row_id == one.held_row_id
        outcome = Resolution.Outcome.SCORED if own else Resolution.Outcome.DUPLICATE
        if own:
            supersede_by_score(score, at=now)
        yield _resolution(one.held_row_id, outcome, score, "", now, by)


def _resolution(
    row: int,
    outcome: Resolution.Outcome,
    score: Score | None,
    reason: str,
    at: dt.datetime,
    by: User | None,
) -> Resolution:
    return Resolution(held_row_id=row, outcome=outcome, score=score, reason=reason, at=at, by=by)


def held_count(run: ImportRun) -> int:
    """How many rows of a run still wait for their names."""
    return run.held_rows.filter(resolution__isnull=True).count()
