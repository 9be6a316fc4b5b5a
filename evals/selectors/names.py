"""One name that waits: its rows, what they hold, and what sources tell of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, FloatField, Max, Min, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from evals.models import Eval, Generation, HeldRow, SourceName
from evals.selectors import queues

EXAMPLES = 5
MOST_SAID = 5


@dataclass(frozen=True)
class WaitingName:
    """The rows of a name that wait; `units` and `harnesses` are what their sources state."""

    kind: str
    name: str
    rows: int
    low: float
    high: float
    units: tuple[str, ...]
    examples: tuple[HeldRow, ...]
    told: tuple[SourceName, ...]

    @property
    def developer(self) -> str:
        """The maker whom a row or a source names; empty where none does."""
        stated = (str(row.record.get("developer", "")) for row in self.examples)
        return next(filter(None, [*stated, *(told.developer for told in self.told)]), "")


def waiting_name(kind: str, name: str) -> WaitingName | None:
    """A name with the rows that wait for it; None where none does."""
    if "\0" in name:
        # No row's name has it, and the database takes no question that does.
        return None
    rows = queues.open_held_rows().filter(**{f"{kind}_name": name})
    value = Cast(KeyTextTransform("value", "record"), FloatField())
    found = rows.aggregate(n=Count("pk"), low=Min(value), high=Max(value))
    if not found["n"]:
        return None
    return WaitingName(
        kind=kind,
        name=name,
        rows=found["n"],
        low=found["low"],
        high=found["high"],
        units=tuple(_stated("unit", rows)),
        examples=tuple(rows.select_related("import_run__source").order_by("pk")[:EXAMPLES]),
        told=tuple(told_of([name]).get(name, ())),
    )


def _stated(key: str, rows: QuerySet[HeldRow]) -> list[str]:
    """What the records of these rows state under a key."""
    stated = rows.annotate(stated=KeyTextTransform(key, "record")).exclude(stated="")
    values = stated.order_by().values_list("stated", flat=True).distinct()[:MOST_SAID]
    return sorted(value for value in values if value)


def told_of(names: Iterable[str]) -> dict[str, list[SourceName]]:
    """What sources tell of each of these names."""
    found: dict[str, list[SourceName]] = {}
    for told in SourceName.objects.filter(name__in=set(names)).select_related("source"):
        found.setdefault(told.name, []).append(told)
    return found


def words_in_use() -> dict[str, list[str]]:
    """Units and subdomains of the known evals and names of generations, to choose from."""
    evals = Eval.objects.order_by()
    return {
        "units": sorted(set(evals.values_list("unit", flat=True))),
        "subdomains": sorted(set(evals.values_list("subdomain", flat=True))),
        "generations": sorted(set(Generation.objects.values_list("name", flat=True))),
    }
