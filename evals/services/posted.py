"""Requests that wait, merged many at a time: one transaction, one set of statements, no file.

A merge holds the rows of its runs for as long as it lasts and commits everything or nothing, so a
worker that dies leaves them as they were. Runs that cannot be merged in company are imported each
alone, as a file would be, where attempts count.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from evals.models import ImportRun
from evals.readers import results
from evals.records import RejectedRow
from evals.services import imports, merging, staging
from evals.services.doubts import Doubts
from evals.services.held import resolve_held_rows
from evals.services.misfits import hold_misfits
from evals.services.names import NameBook
from evals.services.repeats import hold_repeated_vectors
from evals.services.restating import hold_again, restate_scores
from evals.services.settling import settle_merged_together
from evals.services.sorting import Sorter
from evals.services.staging import HELD, Row, Sorted
from evals.services.superseding import lock
from evals.signals import scores_changed

logger = logging.getLogger(__name__)

MOST_RUNS = 500
MOST_BYTES = 8 << 20

_COUNT = """
SELECT t.import_run_id, t.hold <> '' AS doubtful, count(DISTINCT s.id)
FROM evals_stagedscore t JOIN evals_score s
ON s.content_hash = t.content_hash AND s.observed_on = t.observed_on
AND s.import_run_id = t.import_run_id
WHERE t.batch = ANY(%s) GROUP BY 1, 2
"""
_END = """
UPDATE evals_importrun SET state = %(state)s, finished_at = %(at)s, error = '', lease_until = NULL,
    read = n.read, accepted = n.accepted, duplicate = n.read - n.accepted - n.held - n.rejected,
    held = n.held, rejected = n.rejected, records_done = n.read, rows_staged = n.read
FROM unnest(%(runs)s::bigint[], %(read)s::int[], %(accepted)s::int[], %(held)s::int[],
            %(rejected)s::int[]) AS n (id, read, accepted, held, rejected)
WHERE evals_importrun.id = n.id
"""
_COLUMN = {name: place for place, (name, _type) in enumerate(staging.SCORE_COLUMNS)}
_KIND = next(place for place, (name, _type) in enumerate(staging.ROW_COLUMNS) if name == "kind")


@dataclass
class _Part:
    """What one run's records were sorted into."""

    run: ImportRun
    sorted: Sorted

    @property
    def held(self) -> int:
        return sum(row[_KIND] == HELD for row in self.sorted.rows)

    @property
    def identified(self) -> bool:
        return any(row[_COLUMN["external_id"]] for row in self.sorted.scores)


def together() -> Q:
    """Runs that are merged in company: posted, few results each, never tried alone."""
    return Q(posting__isnull=False, file="", attempts=0, state=ImportRun.State.PENDING)


def are_waiting() -> bool:
    """Whether any request waits."""
    return ImportRun.objects.filter(together()).exists()


def merge_waiting() -> int:
    """Merge the oldest requests that wait and that nobody holds; how many."""
    runs: list[ImportRun] = []
    held: list[int] = []
    try:
        with transaction.atomic():
            runs = _take()
            if runs:
                held = _merge(runs, timezone.now())
    except Exception:
        logger.exception("A merge of %s requests broke off; each is imported alone", len(runs))
        for run in runs:
            imports.run_import(run.pk)
    if held:
        resolve_held_rows(of=held)
    return len(runs)


def _take() -> list[ImportRun]:
    """The runs with their bodies, locked until the commit; not more than memory holds well."""
    found = (
        ImportRun.objects.filter(together())
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("source", "posting")
        .order_by("pk")[:MOST_RUNS]
    )
    taken: list[ImportRun] = []
    size = 0
    for run in found:
        size += run.size
        if taken and size > MOST_BYTES:
            break
        taken.append(run)
    return taken


def _merge(runs: Sequence[ImportRun], now: dt.datetime) -> list[int]:
    """Merge these runs; those of them that brought rows which wait for their names."""
    sorter = Sorter(runs[0], NameBook.load(), today=now.date(), doubts=Doubts())
    parts = [_sorted(run, sorter) for run in runs]
    batches = [run.batch for run in runs]
    merging.prepare()
    staging.stage(Sorted(scores=_joined(parts, "scores"), rows=_joined(parts, "rows")))
    hold_repeated_vectors(*runs)
    hold_misfits(batches)
    accepted = merging.add_scores(batches, at=now)
    stored = accepted + merging.add_doubtful_scores(batches, at=now)
    lock()
    held: Counter[int] = Counter()
    if stored < sum(len(part.sorted.scores) for part in parts):
        restate_scores(batches)
        held = hold_again(batches, at=now)
    again = _settle(parts, now, held=bool(held))
    _end(parts, now, again=again, held=held)
    accepted += again.total()
    if accepted:
        sources = ", ".join(sorted({run.source.name for run in runs}))
        scores_changed.send(sender=ImportRun, cause=f"{accepted} new scores from {sources}")
    staging.discard(*batches)
    return [part.run.pk for part in parts if part.held]


def _sorted(run: ImportRun, sorter: Sorter) -> _Part:
    sorter.turn_to(run)
    for line, text in enumerate(bytes(run.posting.body).splitlines(), start=1):
        if not text:
            continue
        try:
            sorter.take(results.record_of(results.value_of(text), line))
        except ValueError as error:
            reason = f"{run.name}, line {line}: {error}"
            raw = text.decode(errors="replace")
            sorter.reject(RejectedRow(line=line, reason=reason, raw=raw))
    return _Part(run, sorter.take_sorted())


def _joined(parts: Sequence[_Part], name: str) -> list[Row]:
    return [row for part in parts for row in getattr(part.sorted, name)]


def _settle(parts: Sequence[_Part], now: dt.datetime, *, held: bool) -> Counter[int]:
    """Settle what the runs change, source by source; what counts again, by run.

    held: whether a stored score is held for what they say.
    """
    again: Counter[int] = Counter()
    by_source: dict[int, list[_Part]] = defaultdict(list)
    for part in parts:
        by_source[part.run.source_id].append(part)
    for group in by_source.values():
        identified = any(part.identified for part in group)
        runs = [part.run for part in group]
        settled = settle_merged_together(runs, at=now, identified=identified, held=held)
        again += settled.again
    return again


def _end(
    parts: Sequence[_Part], now: dt.datetime, *, again: Counter[int], held: Counter[int]
) -> None:
    """Store each run's held and rejected rows and its counts.

    again, held: the stored scores that count again, or are held again, by run.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [[part.run.batch for part in parts]])
        stored = {(run, doubtful): n for run, doubtful, n in cursor.fetchall()}
    counts = []
    for part in parts:
        run = part.run.pk
        waiting, rejected = stored.get((run, True), 0) + held[run], 0
        if part.sorted.rows:
            waiting += merging.add_held_rows(part.run.batch, run=run, at=now)
            rejected = merging.add_rejections(part.run.batch, run=run)
        accepted = stored.get((run, False), 0) + again[run]
        counts.append((run, len(part.sorted), accepted, waiting, rejected))
    names = ("runs", "read", "accepted", "held", "rejected")
    columns = {
        name: list(column) for name, column in zip(names, zip(*counts, strict=True), strict=True)
    }
    with connection.cursor() as cursor:
        cursor.execute(_END, {"state": ImportRun.State.DONE, "at": now, **columns})
