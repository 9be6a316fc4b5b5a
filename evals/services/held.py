"""Held rows become scores once a person has said what their names mean."""

from __future__ import annotations

import msgspec
from django.db import transaction
from django.utils import timezone

from evals.models import HeldRow
from evals.records import ScoreRecord
from evals.services.judgement import refusal
from evals.services.names import NameBook, folded
from evals.services.staging import StagedScore, merge
from evals.signals import scores_changed


@transaction.atomic
def resolve_held_rows() -> int:
    """Score every held row whose names are known now; the number of new scores.

    Rows that are still unknown, or whose value the eval cannot take, stay held.
    """
    book = NameBook.load()
    today = timezone.now().date()
    staged = []
    for row in HeldRow.objects.filter(score__isnull=True):
        record = msgspec.convert(row.record, ScoreRecord)
        system = book.systems.get(folded(record.system))
        item = book.evals.get(folded(record.eval))
        if system and item and not refusal(record, item, today):
            staged.append(StagedScore(record, system, item, row.import_run_id, row.pk))
    new = merge(staged, recorded_at=timezone.now(), reason="held row resolved by its names")
    if new:
        scores_changed.send(sender=HeldRow, cause=f"{new} held scores resolved")
    return new
