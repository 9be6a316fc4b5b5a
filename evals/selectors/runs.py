"""Imports as people look at them: the list, one run, and its rows that did not become scores."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from evals.models import Decision, HeldRow, ImportRun, Rejection, Score

OPEN = (ImportRun.State.PENDING, ImportRun.State.RUNNING)
KINDS = ("rejected", "held", "doubtful")
AT_A_TIME = 2000


@dataclass(frozen=True)
class Row:
    """A row of an import with what became of it; `score` is its score's number, if it has one."""

    id: int
    line: int
    system: str
    eval: str
    reason: str
    raw: str
    ended: str = ""
    score: int | None = None


@dataclass(frozen=True)
class Part:
    """Some rows, and the number after which the next ones come; None at the end."""

    rows: Sequence[Row]
    after: int | None


def runs(*, before: int | None = None, state: str = "", source: str = "") -> QuerySet[ImportRun]:
    """Runs with their sources, newest first."""
    found = ImportRun.objects.select_related("source", "requested_by").order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    if state:
        found = found.filter(state=state)
    if source:
        found = found.filter(source__slug=source)
    return found


def rows_of(run: ImportRun, kind: str, *, after: int = 0, most: int = 100) -> Part:
    """The rows of a run that were rejected, held for their names, or held as doubtful."""
    found = list(_rows(run, kind, after)[: most + 1])
    shown = [_row(row) for row in found[:most]]
    return Part(shown, shown[-1].id if len(found) > most else None)


def all_rows(run: ImportRun, kind: str) -> Iterator[Row]:
    """The same, one after another, whatever their number."""
    for row in _rows(run, kind, 0).iterator(chunk_size=AT_A_TIME):
        yield _row(row)


def _rows(run: ImportRun, kind: str, after: int) -> QuerySet[Rejection | HeldRow | Score]:
    found: QuerySet[Rejection | HeldRow | Score]
    if kind == "rejected":
        found = Rejection.objects.filter(import_run=run)
    elif kind == "held":
        found = HeldRow.objects.filter(import_run=run).select_related("resolution")
    else:
        held = Decision.objects.filter(status=Decision.Status.HELD, score__import_run=run)
        found = Score.objects.filter(pk__in=held.values("score"), import_run=run)
        found = found.select_related("system", "eval").prefetch_related("decisions")
    at = found.filter(pk=after).values_list("line", flat=True).first() if after else None
    if at is not None:
        found = found.filter(Q(line__gt=at) | Q(line=at, pk__gt=after))
    return found.order_by("line", "pk")


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


def _doubtful(score: Score) -> Row:
    decisions = list(score.decisions.all())
    newest = decisions[-1]
    ended = "" if newest.status == Decision.Status.HELD else newest.get_status_display()
    first = next(d for d in decisions if d.status == Decision.Status.HELD)
    return Row(
        score.pk,
        score.line,
        score.system.name,
        score.eval.name,
        first.reason,
        "",
        ended=ended,
        score=score.pk,
    )


def _row(row: Rejection | HeldRow | Score) -> Row:
    if isinstance(row, Rejection):
        return _rejected(row)
    return _held(row) if isinstance(row, HeldRow) else _doubtful(row)


def reasons_of(run: ImportRun, *, most: int) -> list[tuple[str, int, str]]:
    """What kept rows from becoming scores, as (kind, line, reason), `most` of each kind."""
    return [
        (kind, row.line, row.reason) for kind in KINDS for row in rows_of(run, kind, most=most).rows
    ]


def doubtful_count(run: ImportRun) -> int:
    """How many of the run's held rows are scores that were held as doubtful, then or now."""
    waiting = HeldRow.objects.filter(import_run=run).aggregate(n=Count("pk"))["n"]
    return max(0, run.held - int(waiting))
