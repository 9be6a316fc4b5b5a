"""The list of systems with their values in one release."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count

from baskets.models import IndexPoint, Release
from baskets.selectors.catalog import SystemName, system_name
from baskets.selectors.known import EVERYTHING, Known
from evals.models import Developer, System

SERIES = ("headline", "capability", "safety", "alignment")
SORTS = ("released", "name", "developer", *SERIES, "scores")
STATUSES = ("official", "provisional", "unmeasured")


@dataclass(frozen=True)
class Value:
    """A system's value in one series."""

    value: float
    low: float | None
    high: float | None
    coverage: float
    official: bool


@dataclass(frozen=True)
class SystemRow:
    """A system, its values by series, and how many scores are recorded for it."""

    system: SystemName
    values: dict[str, Value]
    scores: int

    @property
    def columns(self) -> list[tuple[str, Value | None]]:
        """The values in the order of the table."""
        return [(series, self.values.get(series)) for series in SERIES]

    @property
    def status(self) -> str:
        """Official where any series is; provisional with values only; else unmeasured."""
        if any(value.official for value in self.values.values()):
            return "official"
        return "provisional" if self.values else "unmeasured"


def developers() -> list[Developer]:
    """Developers that have a system, by name."""
    return list(Developer.objects.filter(systems__isnull=False).distinct().order_by("name"))


def system_rows(
    release: Release | None, *, developer: str, status: str, known: Known = EVERYTHING
) -> list[SystemRow]:
    """Every known system of a developer (all where empty) with the status (any where empty)."""
    values: dict[int, dict[str, Value]] = {}
    if release is not None:
        points = IndexPoint.objects.filter(
            release=release, on_official_version=True, series__in=SERIES
        )
        for point in points:
            values.setdefault(point.system_id, {})[point.series] = Value(
                point.value, point.low, point.high, point.coverage, point.official
            )
    systems = System.objects.filter(known.named("system"))
    systems = systems.select_related("developer", "generation")
    if developer:
        systems = systems.filter(developer__slug=developer)
    rows = [
        SystemRow(system_name(system), values.get(system.pk, {}), system.recorded)
        for system in systems.annotate(
            recorded=Count("scores", filter=known.scores("scores__") or None)
        )
    ]
    return [row for row in rows if not status or row.status == status]


def sorted_rows(rows: list[SystemRow], sort: str) -> list[SystemRow]:
    """The rows by one of SORTS, descending with a leading minus; systems without a value last."""
    name = sort.removeprefix("-")
    ordered = sorted(rows, key=lambda row: (row.system.name.lower(), row.system.slug))
    if name in SERIES:
        measured = [row for row in ordered if name in row.values]
        without = [row for row in ordered if name not in row.values]
        measured.sort(key=lambda row: row.values[name].value, reverse=sort.startswith("-"))
        return measured + without
    return sorted(ordered, key=lambda row: _key(row, name), reverse=sort.startswith("-"))


def _key(row: SystemRow, name: str) -> tuple[str | int | dt.date, ...]:
    if name == "released":
        return (row.system.released_on,)
    if name == "developer":
        return (row.system.developer.lower(),)
    if name == "scores":
        return (row.scores,)
    return (row.system.name.lower(),)
