"""Imports as people look at them: the list, one run, and its rows that did not become scores."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from evals.models import Decision, HeldRow, ImportRun, Rejection, Restatement, RunChange, Score

OPEN = (ImportRun.State.PENDING, ImportRun.State.RUNNING)
KINDS = ("rejected", "held", "doubtful")
AT_A_TIME = 2000


@dataclass(frozen=True)
class Row:
    """A row of an import with what became of it; `score` is its score's number, if it has one.

    first_run: the import with which the score came first, where that was an earlier one.
    """

    id: int
    line: int
    system: str
    eval: str
    reason: str
    raw: str
    ended: str = ""
    score: int | None = None
    first_run: int | None = None


@dataclass(frozen=True)
class Part:
    """Some rows, and the number after which the next ones come; None at the end."""

    rows: Sequence[Row]
    after: int | None


def runs(*, before: int | None = None, state: str = "", source: str = "") -> QuerySet[ImportRun]:
    """Runs with their sources, newest first; `changing` says what is being done with one."""
    open_change = RunChange.objects.filter(import_run=OuterRef("pk"), state__in=RunChange.OPEN)
    found = ImportRun.objects.select_related("source", "requested_by").order_by("-pk")
    found = found.annotate(changing=Subquery(open_change.values("kind")[:1]))
    if before is not None:
        found = found.filter(pk__lt=before)
    if state:
        found = found.filter(state=state)
    if source:
        found = found.filter(source__slug=source)
    return found


def is_live(run: Any) -> bool:
    """Whether a run of `runs` is still being imported, withdrawn or reinstated."""
    return run.state in OPEN or bool(run.changing)


def newest_change(run: ImportRun) -> RunChange | None:
    """What was last wanted to be done with a run."""
    return run.changes.order_by("-pk").first()


def rows_of(run: ImportRun, kind: str, *, after: int = 0, most: int = 100) -> Part:
    """The rows of a run that were rejected, held for their names, or held as doubtful."""
    found = list(_rows(run, kind, after)[: most + 1])
    shown = [_row(run, row) for row in found[:most]]
    return Part(shown, shown[-1].id if len(found) > most else None)


def all_rows(run: ImportRun, kind: str) -> Iterator[Row]:
    """The same, one after another, whatever their number."""
    for row in _rows(run, kind, 0).iterator(chunk_size=AT_A_TIME):
        yield _row(run, row)


def _rows(run: ImportRun, kind: str, after: int) -> QuerySet[Any]:
    found: QuerySet[Any]
    line = F("line")
    if kind == "rejected":
        found = Rejection.objects.filter(import_run=run).annotate(stands_on=line)
    elif kind == "held":
        found = HeldRow.objects.filter(import_run=run).annotate(stands_on=line)
        found = found.select_related("resolution")
    else:
        found = _doubtful_scores(run)
    at = found.filter(pk=after).values_list("stands_on", flat=True).first() if after else None
    if at is not None:
        found = found.filter(Q(stands_on__gt=at) | Q(stands_on=at, pk__gt=after))
    return found.order_by("stands_on", "pk")


def _doubtful_scores(run: ImportRun) -> QuerySet[Any]:
    """The scores that a run brought in doubt, and those of earlier runs that it brought to be held
    again, which its count of held rows holds as well.

    What became a score after it was held for its name is one of those rows and not of these.
    """
    decisions = Decision.objects.order_by()
    held = decisions.filter(status=Decision.Status.HELD)
    before = decisions.filter(score=OuterRef("score"), pk__lt=OuterRef("pk"))
    own = held.filter(~Exists(before), score__import_run=run, score__held_row=None)
    # A merge decides at the moment at which its runs end; of several the last one is counted.
    restated = Restatement.objects.order_by()
    later = restated.filter(
        score=OuterRef("score"), import_run__gt=run.pk, import_run__finished_at=run.finished_at
    )
    stated = restated.filter(~Exists(later), import_run=run).values("score")
    ended = run.finished_at or run.created_at
    again = held.filter(at=ended, score__in=stated)
    line = restated.filter(score=OuterRef("pk"), import_run=run).values("line")
    return (
        Score.objects.filter(pk__in=own.values("score").union(again.values("score")))
        .annotate(stands_on=Coalesce(Subquery(line), F("line")))
        .select_related("system", "eval")
        .prefetch_related("decisions")
    )


def _rejected(row: Rejection) -> Row:
    return Row(row.pk, row.line, "", "", row.reason, row.raw)


def _held(row: HeldRow) -> Row:
    resolution = getattr(row, "resolution", None)
    return Row(
        row.pk,
        row.line,
        row.system_name,
        row.eval_name,
        row.reason,
        json.dumps(row.record, ensure_ascii=False),
        ended=resolution.get_outcome_display() if resolution else "",
        score=resolution.score_id if resolution else None,
    )


def _doubtful(run: ImportRun, score: Score, line: int) -> Row:
    decisions = list(score.decisions.all())
    newest = decisions[-1]
    ended = "" if newest.status == Decision.Status.HELD else newest.get_status_display()
    holds = [d for d in decisions if d.status == Decision.Status.HELD]
    earlier = score.import_run_id if score.import_run_id != run.pk else None
    why = holds[0] if earlier is None else next(d for d in holds if d.at == run.finished_at)
    return Row(
        score.pk,
        line,
        score.system.name,
        score.eval.name,
        why.reason,
        "",
        ended=ended,
        score=score.pk,
        first_run=earlier,
    )


def _row(run: ImportRun, row: Rejection | HeldRow | Score) -> Row:
    if isinstance(row, Rejection):
        return _rejected(row)
    if isinstance(row, HeldRow):
        return _held(row)
    return _doubtful(run, row, row.stands_on)  # type: ignore[attr-defined]


def reasons_of(run: ImportRun, *, most: int) -> list[tuple[str, int, str]]:
    """What kept rows from becoming scores, as (kind, line, reason), `most` of each kind."""
    return [
        (kind, row.line, told(row)) for kind in KINDS for row in rows_of(run, kind, most=most).rows
    ]


def told(row: Row) -> str:
    """Why a row did not become a score of its import, in words for programs and terminals."""
    if row.first_run is None:
        return row.reason
    return f"{row.reason} (the score came first with import {row.first_run})"


def doubtful_count(run: ImportRun) -> int:
    """How many of the run's held rows are scores that were held as doubtful."""
    waiting = HeldRow.objects.filter(import_run=run).aggregate(n=Count("pk"))["n"]
    return max(0, run.held - int(waiting))
