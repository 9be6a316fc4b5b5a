"""What waits for a person: names that nobody knows, and scores that are in doubt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform

from evals.models import (
    Decision,
    Eval,
    HeldRestatement,
    HeldRow,
    ImportRun,
    Restatement,
    Score,
    System,
)

KINDS = ("system", "eval")
EXAMPLES = 3
# What `open_held_rows` says, of a row `h`.
OPEN_ROW = """NOT EXISTS (SELECT FROM evals_resolution e WHERE e.held_row_id = h.id) AND (
    EXISTS (
        SELECT FROM evals_importrun r WHERE r.id = h.import_run_id AND r.withdrawn_at IS NULL
    ) OR EXISTS (
        SELECT FROM evals_heldrestatement x
        JOIN evals_importrun r ON r.id = x.import_run_id AND r.withdrawn_at IS NULL
        WHERE x.held_row_id = h.id
    )
)"""


@dataclass(frozen=True)
class Waiting:
    """How much waits: rows of unknown names, and scores in doubt."""

    names: int
    holds: int


@dataclass(frozen=True)
class NameInQueue:
    """A name as its sources write it, and the rows that wait for it."""

    kind: str
    name: str
    rows: int
    sources: str
    first_on: dt.date | None
    examples: tuple[HeldRow, ...]
    developer: str = ""


def waiting() -> Waiting:
    """How much waits now."""
    names = open_held_rows().count()
    return Waiting(names, held_scores().count())


def open_held_rows() -> QuerySet[HeldRow]:
    """Rows that wait for their names: not ended, and stated by an import that is not withdrawn."""
    live = ImportRun.objects.filter(withdrawn_at=None)
    again = HeldRestatement.objects.filter(held_row=OuterRef("pk"), import_run__withdrawn_at=None)
    stated = Exists(live.filter(pk=OuterRef("import_run"))) | Exists(again)
    return HeldRow.objects.filter(stated, resolution__isnull=True)


def held_scores() -> QuerySet[Score]:
    """Scores whose newest decision holds them, oldest first, with that decision's reason.

    What no import states that is not withdrawn waits for nobody.
    """
    newest = Decision.objects.filter(score=OuterRef("pk")).order_by("-id")
    ever_held = Decision.objects.filter(status=Decision.Status.HELD).values("score")
    return (
        Score.objects.filter(pk__in=ever_held)
        .annotate(
            status=Subquery(newest.values("status")[:1]),
            why=Subquery(newest.values("reason")[:1]),
        )
        .filter(_stated(), status=Decision.Status.HELD)
        .select_related("system__developer", "eval", "import_run__source")
        .order_by("pk")
    )


def _stated() -> Q:
    again = Restatement.objects.filter(score=OuterRef("pk"), import_run__withdrawn_at=None)
    return Q(import_run__withdrawn_at=None) | Q(Exists(again))


def names_in_queue(unknown: dict[str, Iterable[str]]) -> list[NameInQueue]:
    """The unknown names of each kind that rows wait for, those of most rows first."""
    return sorted(
        (item for kind in KINDS for item in _of_kind(kind, set(unknown[kind]))),
        key=lambda item: (-item.rows, item.kind, item.name),
    )


def held_names() -> dict[str, list[str]]:
    """Every name of a waiting row by kind, known or not."""
    rows = open_held_rows()
    return {
        kind: list(rows.order_by().values_list(f"{kind}_name", flat=True).distinct())
        for kind in KINDS
    }


def known_names(kind: str) -> list[tuple[str, str]]:
    """(slug, name) of every system or eval."""
    model: type[System | Eval] = System if kind == "system" else Eval
    return list(model._default_manager.order_by("slug").values_list("slug", "name"))


def _of_kind(kind: str, names: set[str]) -> list[NameInQueue]:
    field = f"{kind}_name"
    rows = open_held_rows().filter(**{f"{field}__in": names})
    found = (
        rows.order_by()
        .values(field)
        .annotate(
            n=Count("pk"),
            first=Min(KeyTextTransform("observed_on", "record")),
            developer=Max(KeyTextTransform("developer", "record")),
        )
    )
    examples = _examples(kind, [item[field] for item in found])
    return [
        NameInQueue(
            kind=kind,
            name=item[field],
            rows=item["n"],
            sources=", ".join(sorted({e.import_run.source.name for e in examples[item[field]]})),
            first_on=_day(item["first"]),
            examples=tuple(examples[item[field]]),
            developer=item["developer"] or "",
        )
        for item in found
    ]


def _examples(kind: str, names: Sequence[str]) -> dict[str, list[HeldRow]]:
    """A few rows of each name."""
    found: dict[str, list[HeldRow]] = {name: [] for name in names}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.id FROM unnest(%s::text[]) AS n (name) CROSS JOIN LATERAL ("  # noqa: S608
            f" SELECT h.id FROM evals_heldrow h WHERE h.{kind}_name = n.name AND {OPEN_ROW}"
            f" ORDER BY h.id LIMIT {EXAMPLES}) AS r",
            [list(names)],
        )
        ids = [row[0] for row in cursor.fetchall()]
    rows = HeldRow.objects.filter(pk__in=ids).select_related("import_run__source").order_by("pk")
    for row in rows:
        found[row.system_name if kind == "system" else row.eval_name].append(row)
    return found


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text).strip('"')) if text else None
    except ValueError:
        return None
