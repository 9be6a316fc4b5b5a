"""Who else stated a row, for imports of before that was written down: read again from their files.

An import that ended before restatements were kept says only how many of its rows were there
already. Its file is kept, so it is read again, by today's readers and names, and each of its rows
that another import's score holds is noted as a restatement of it. Nothing else is stored, and what
is noted already stays, so it can be done again and after it broke off.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from evals import readers
from evals.fingerprint import earlier_fingerprint
from evals.models import ImportRun, Restatement, Score
from evals.records import Record, ScoreRecord
from evals.services import staging
from evals.services.files import opened, shipped_sha256, told
from evals.services.names import NameBook
from evals.services.restating import restate_held_rows, restate_scores
from evals.services.settling import settle_reinstated
from evals.services.sorting import Sorter
from evals.services.staging import SCORE_COLUMNS, Row, Sorted, unpacked
from evals.signals import scores_changed

AT_A_TIME = 5_000

_NAMES = tuple(name for name, _type in SCORE_COLUMNS)
_HASH = _NAMES.index("content_hash")
_HASHED = (
    *("value", "uncertainty", "stderr", "n_items_text", "n_items", "elicitation", "reported_by"),
    *("observed_on", "source_url", "external_id"),
)


def unrecalled() -> QuerySet[ImportRun]:
    """Finished imports with more duplicate rows than restatements, oldest first.

    A row that stands twice in one file is such a duplicate too and needs none. The shipped catalog
    is among them only as long as its files are those that were imported.
    """
    kept = Restatement.objects.order_by().filter(import_run=OuterRef("pk")).values("import_run")
    counted = Subquery(kept.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    done = ImportRun.objects.filter(state=ImportRun.State.DONE, duplicate__gt=0)
    found = done.annotate(restated=Coalesce(counted, 0)).filter(restated__lt=F("duplicate"))
    changed = found.filter(shipped=True).exclude(content_sha256=shipped_sha256())
    return found.exclude(pk__in=changed).order_by("pk")


def recall(run: ImportRun) -> int:
    """Note which scores of other imports a run states; how many were not noted so far.

    What counts is settled anew, and a release asked for where that changed. Raises UnreadableFile
    where the kept file cannot be read; then nothing is noted.
    """
    new = 0
    run.batch = uuid.uuid4()
    with opened(run) as path, transaction.atomic():
        reader = readers.REGISTRY[run.format]
        sorter = Sorter(run, NameBook.load(), today=timezone.now().date(), doubts=None)
        for part in _parts(reader.read(path, **told(run, reader)), sorter):
            staging.stage(part)
            new += restate_scores([run.batch])
            restate_held_rows(run.batch, run=run.pk)
            staging.discard(run.batch)
        if new:
            reason = f"import {run.pk} states it too"
            settled = settle_reinstated(run, at=timezone.now(), accepted=reason, by=None)
            if settled.came or settled.went:
                cause = f"import {run.pk} was read again for what it states of others"
                scores_changed.send(sender=ImportRun, cause=cause)
    return new


def _parts(records: Iterable[Record], sorter: Sorter) -> Iterator[Sorted]:
    scores = (record for record in records if isinstance(record, ScoreRecord))
    while some := list(islice(scores, AT_A_TIME)):
        for record in some:
            sorter.take(record)
        part = sorter.take_sorted()
        yield Sorted(scores=[*part.scores, *_as_before(part.scores)], rows=part.rows)


def _as_before(rows: list[Row]) -> Iterator[Row]:
    """The rows that nothing holds by their hash, with the hash that they had in earlier versions.

    What is stored under its hash of today came with one of those imports itself, or after them.
    """
    hashes = [row[_HASH] for row in rows]
    known = set(
        Score.objects.filter(content_hash__in=hashes).values_list("content_hash", flat=True)
    )
    for row in rows:
        if row[_HASH] not in known:
            given: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
            given["observed_on"] = unpacked(given["observed_on"])
            score = Score(**{name: given[name] for name in _HASHED})
            earlier = earlier_fingerprint(score, system=given["system"], item=given["eval"])
            yield (*row[:_HASH], earlier, *row[_HASH + 1 :])
