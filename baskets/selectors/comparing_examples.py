"""Which systems are worth comparing first, as a release has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baskets.models import Release
from baskets.selectors.catalog import SystemName, system_names

FRONTIER, DEVELOPERS, GENERATIONS, LEADERS = "frontier", "developers", "generations", "leaders"
MOST = 4


@dataclass(frozen=True)
class Example:
    """A set of systems with the reason why it is offered."""

    kind: str
    series: str
    systems: tuple[SystemName, ...]

    @property
    def slugs(self) -> str:
        """The systems as the address has them."""
        return ",".join(system.slug for system in self.systems)


def examples(release: Release) -> tuple[Example, ...]:
    """The newest pair on a frontier, the best of each developer, a developer's generations."""
    names = system_names()
    found = [
        _pair(release, "capability", names),
        _developers(release, "capability", names),
        _pair(release, "safety", names),
        _leaders(release, names),
        _generations(release, "capability", names),
    ]
    kept: dict[frozenset[str], Example] = {}
    for example in found:
        if example is not None and len(example.systems) >= 2:
            kept.setdefault(frozenset(s.slug for s in example.systems), example)
    return tuple(kept.values())


def _stored(release: Release, series: str, part: str) -> list[Mapping[str, Any]]:
    return list(release.summary.get("series", {}).get(series, {}).get(part, []))


def _named(kind: str, series: str, slugs: list[str], names: Mapping[str, SystemName]) -> Example:
    return Example(kind, series, tuple(names[slug] for slug in dict.fromkeys(slugs)))


def _pair(release: Release, series: str, names: Mapping[str, SystemName]) -> Example | None:
    """The system on the frontier, and the one that it passed."""
    steps = _stored(release, series, "frontier")
    if not steps or not steps[-1]["previous_system"]:
        return None
    pair = [steps[-1]["system"], steps[-1]["previous_system"]]
    return _named(FRONTIER, series, pair, names)


def _developers(release: Release, series: str, names: Mapping[str, SystemName]) -> Example:
    """The best official system of each of the developers that stand highest."""
    best: dict[str, Mapping[str, Any]] = {}
    for row in _stored(release, series, "generations"):
        known = best.get(row["developer"])
        if row["official"] and (known is None or row["value"] > known["value"]):
            best[row["developer"]] = row
    rows = sorted(best.values(), key=lambda row: -row["value"])[:MOST]
    return _named(DEVELOPERS, series, [row["system"] for row in rows], names)


def _leaders(release: Release, names: Mapping[str, SystemName]) -> Example:
    """The systems that lead in capability, safety and alignment."""
    slugs = [
        steps[-1]["system"]
        for series in ("capability", "safety", "alignment")
        if (steps := _stored(release, series, "frontier"))
    ]
    return _named(LEADERS, "headline", slugs, names)


def _generations(release: Release, series: str, names: Mapping[str, SystemName]) -> Example | None:
    """The newest generations of the developer on the frontier, the newest first."""
    steps = _stored(release, series, "frontier")
    if not steps:
        return None
    developer = names[steps[-1]["system"]].developer_slug
    rows = [
        row
        for row in _stored(release, series, "generations")
        if row["official"] and names[row["system"]].developer_slug == developer
    ]
    rows.sort(key=lambda row: row["released_on"], reverse=True)
    return _named(GENERATIONS, series, [row["system"] for row in rows[:MOST]], names)
