"""What the frontier chart of one series shows, as one release has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from baskets.models import IndexPoint, Release
from baskets.selectors.catalog import SystemName, system_names


@dataclass(frozen=True)
class Mark:
    """A system's value on its official version; `low` and `high` bound the 95% interval."""

    system: SystemName
    value: float
    low: float | None
    high: float | None
    coverage: float
    official: bool
    version: int


@dataclass(frozen=True)
class Step:
    """A system that raised the frontier, and the one it passed.

    `rise_low` and `rise_high` bound the 95% interval of the rise, on paired replicates; `ahead` is
    the probability that the system is ahead of the one it passed.
    """

    system: SystemName
    value: float
    low: float | None
    high: float | None
    previous: float | None
    previous_system: SystemName | None
    rise_low: float | None = None
    rise_high: float | None = None
    ahead: float | None = None

    @property
    def change(self) -> float | None:
        """Points above the previous frontier; None for the first system on it."""
        return None if self.previous is None else self.value - self.previous


@dataclass(frozen=True)
class FrontierFacts:
    """One series: the steps of its frontier, all marks by release date, and basket changes."""

    series: str
    base: str
    vintage_on: dt.date
    steps: tuple[Step, ...]
    marks: tuple[Mark, ...]
    changes: tuple[tuple[int, dt.date], ...]


def steps_of(
    release: Release, series: str, systems: dict[str, SystemName] | None = None
) -> tuple[Step, ...]:
    """The steps of a series' frontier, oldest first; none where the release has no such series."""
    systems = system_names() if systems is None else systems
    stored = release.summary.get("series", {}).get(series, {}).get("frontier", [])
    return tuple(
        Step(
            system=systems[row["system"]],
            value=row["value"],
            low=row.get("low"),
            high=row.get("high"),
            previous=row.get("previous"),
            previous_system=systems.get(row.get("previous_system") or ""),
            **_rise(row.get("difference")),
        )
        for row in stored
    )


def _rise(difference: Mapping[str, float] | None) -> dict[str, float]:
    if not difference:
        return {}
    return {
        "rise_low": difference["low"],
        "rise_high": difference["high"],
        "ahead": difference["ahead"],
    }


def basket_changes(release: Release) -> tuple[tuple[int, dt.date], ...]:
    """(number, effective date) of every basket version the release uses."""
    rows = release.summary.get("basket_changes", [])
    return tuple((row["version"], dt.date.fromisoformat(row["effective_on"])) for row in rows)


def marks_of(
    release: Release, series: str, systems: Mapping[str, SystemName] | None = None
) -> tuple[Mark, ...]:
    """Every system's value in one series on its official version, oldest system first."""
    systems = system_names() if systems is None else systems
    points = IndexPoint.objects.filter(release=release, series=series, on_official_version=True)
    rows = points.order_by("system__released_on", "system__slug").values_list(
        "system__slug", "value", "low", "high", "coverage", "official", "version__number"
    )
    return tuple(
        Mark(systems[slug], value, low, high, coverage, official, version)
        for slug, value, low, high, coverage, official, version in rows
    )


def frontier_facts(
    release: Release, series: str, systems: dict[str, SystemName] | None = None
) -> FrontierFacts:
    """Everything the frontier chart of `series` draws."""
    systems = system_names() if systems is None else systems
    return FrontierFacts(
        series=series,
        base=release.basket.base.name,
        vintage_on=release.vintage_on,
        steps=steps_of(release, series, systems),
        marks=marks_of(release, series, systems),
        changes=basket_changes(release),
    )
