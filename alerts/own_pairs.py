"""Two releases of a reader's own basket as the rules see them.

Their contents say the values. Whose scores are new is asked of the parent's releases, which have
the same scores. What moved a value is one cause and not six terms: other weights or another version
where there are any, else the system's own scores, else the fill. Replicates are not kept, so a
difference has the noise of both values as if they were independent. They share the base and much
else, so that the interval is rather too wide than too narrow.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from alerts import rules
from alerts.pairs import LOOK_BACK, Between
from alerts.rules.frontier import LEAST
from alerts.rules.standing import ENDS
from alerts.rules.systems import LEAST as LEAST_MOVED
from alerts.rules.systems import TOP, moves, ranks
from baskets.engine.sheet import sheet_from
from baskets.models import OwnRelease, Release, Sheet
from baskets.selectors.own import releases_of
from baskets.selectors.own_content import read
from baskets.selectors.sheets import OwnSheet
from baskets.sheets import unpacked_cells
from evals.models import System

Json = Mapping[str, Any]
FINDERS = (rules.frontiers, rules.gaps, ranks, moves)
"""What can happen to an own basket alone; all else is an event of its parent's."""

KINDS = (rules.Kind.FRONTIER, rules.Kind.MOVED, rules.Kind.RANK, rules.Kind.GAP)


@dataclass(frozen=True)
class Stored:
    """A release of an own basket with its content, read once."""

    row: OwnRelease
    content: Json

    @classmethod
    def of(cls, row: OwnRelease) -> Stored:
        """The release with what it says."""
        return cls(row, read(row))


def examined(new: Stored, old: Stored | None, released: Mapping[str, dt.date]) -> rules.Verdict:
    """What a release of an own basket brought over the one before it.

    released: the dates of all systems.
    """
    return rules.examine(pair_of(new, old, released), finders=FINDERS)


def release_dates() -> dict[str, dt.date]:
    """When each system was released."""
    return dict(System.objects.values_list("slug", "released_on"))


def pair_of(new: Stored, old: Stored | None, released: Mapping[str, dt.date]) -> rules.Pair:
    """A release of an own basket and the one before it."""
    after = facts_of(new, released, reconstructed=new.row.reconstructed)
    # What was reconstructed for the basket alone was known when its parent's release was made.
    before = facts_of(old, released, reconstructed=old.row.release.reconstructed) if old else None
    between = OwnBetween(
        new.row.release,
        old.row.release if old else None,
        counted=frozenset(_weights(new.content)),
        row=old.row if old else None,
        values=after.official,
        stood=before.official if before else {},
    )
    return rules.Pair(
        before=before,
        after=after,
        terms=_terms(before, after, between) if before else {},
        compare=between.compare,
        drift=between.drift,
        fresh=between.fresh,
        renewed=between.renewed,
        led=between.led,
        earlier=between.earlier,
    )


def facts_of(
    stored: Stored, released: Mapping[str, dt.date], *, reconstructed: bool
) -> rules.Facts:
    """One release of an own basket."""
    content = stored.content
    official: dict[str, dict[str, rules.Value]] = {name: {} for name in rules.MAIN}
    for row in content["systems"]:
        if row["official"]:
            value = rules.Value(row["value"], row["low"], row["high"], row["coverage"])
            official.setdefault(row["series"], {})[row["system"]] = value
    chain = [(row["of"].rsplit("-", 1)[-1], row["version"]) for row in content["baskets"]]
    return rules.Facts(
        number=content["release"],
        on=dt.date.fromisoformat(content["vintage_on"]),
        engine=content["made_with"]["engine"],
        reconstructed=reconstructed,
        versions=tuple(int(number) for pair in chain for number in pair),
        official=official,
        known=frozenset(row["system"] for row in content["systems"]),
        released=released,
        gaps={
            domain: rules.Rate(gap["per_year"], gap["low"], gap["high"])
            for domain, gap in content.get("gaps", {}).items()
            if gap
        },
    )


def _weights(content: Json) -> set[str]:
    return {
        name for row in content["baskets"] for name, weight in row["weights"].items() if weight > 0
    }


def _terms(
    before: rules.Facts, after: rules.Facts, between: OwnBetween
) -> dict[rules.Key, tuple[rules.Term, ...]]:
    """The whole move of every value that an event could be about, by its one cause."""
    moved = {
        (system, series): value.value - before.official[series][system].value
        for series, values in after.official.items()
        for system, value in values.items()
        if system in before.official.get(series, {})
    }
    top = {name for series in rules.MAIN for name in after.ranked(series)[: TOP + 2]}
    moved = {
        (system, series): move
        for (system, series), move in moved.items()
        if abs(move) >= (LEAST if system in top else LEAST_MOVED)
    }
    if after.versions != before.versions:
        kinds = dict.fromkeys(moved, "weights")
    elif after.engine != before.engine:
        kinds = dict.fromkeys(moved, "method")
    else:
        between.load({system for system, _series in moved} | top)
        kinds = {key: between.kind(*key) for key in moved}
    return {key: (rules.Term(kinds[key], move),) for key, move in moved.items()}


@dataclass
class OwnBetween(Between):
    """What takes two releases of an own basket apart, with the parent's sheets of cells."""

    counted: frozenset[str] = frozenset()
    row: OwnRelease | None = None
    values: Mapping[str, Mapping[str, rules.Value]] = field(default_factory=dict)
    stood: Mapping[str, Mapping[str, rules.Value]] = field(default_factory=dict)

    def load(self, systems: Collection[str]) -> None:
        """Read the scores of the systems that nobody asked about yet; not all have some."""
        missing = set(systems) - self._sought
        if not missing:
            return
        self._sought |= missing
        self._new_sheets.update(_cells_of(self.release, missing))
        if self.old is not None:
            self._old_sheets.update(_cells_of(self.old, missing))

    def kind(self, system: str, series: str) -> str:
        """The term that a move is, where versions and method are as they were."""
        if self.fresh(system, series):
            return "new_scores"
        revised = self._changed(system, series) or self._lost(system, series)
        return "revised_scores" if revised else "fill"

    def compare(self, system: str, against: str, series: str) -> rules.Difference | None:
        """One system less another in the new release."""
        values = self.values.get(series, {})
        return apart(values.get(system), values.get(against))

    def drift(self, system: str, series: str, part: float) -> rules.Difference | None:
        """A system's move between the releases."""
        return apart(
            self.values.get(series, {}).get(system), self.stood.get(series, {}).get(system)
        )

    def earlier(self, kind: str, key: str) -> Iterator[float]:
        """A gap in the releases of the basket before the old one, newest first."""
        if self.row is None or kind != rules.Kind.GAP:
            return
        for row in self._own_before(self.row):
            gap = read(row).get("gaps", {}).get(key)
            if gap:
                yield float(gap["per_year"])

    def led(self, system: str, against: str, series: str) -> bool:
        """Never: a lead is called none for its noise only where that is the noise of both together.

        Taken as independent it is too wide, and would silence leads that the index tells of.
        """
        return False

    def _own_before(self, old: OwnRelease) -> QuerySet[OwnRelease]:
        earlier = releases_of(old.own).filter(release__number__lt=old.release.number)
        return earlier[:LOOK_BACK]

    def _counts(self, name: str, sheet: OwnSheet) -> bool:
        return name in self.counted


def official_values(content: Json) -> Mapping[str, Mapping[str, float]]:
    """The official values that a content says, by series and system."""
    found: dict[str, dict[str, float]] = {}
    for row in content["systems"]:
        if row["official"]:
            found.setdefault(row["series"], {})[row["system"]] = row["value"]
    return found


def _cells_of(release: Release, systems: Collection[str]) -> dict[str, OwnSheet]:
    """The scores of systems in a release of the parent; their replicates are of no use here."""
    rows = Sheet.objects.filter(release=release, system__slug__in=systems)
    return {
        slug: OwnSheet(sheet_from(unpacked_cells(bytes(cells))), {}, {})
        for slug, cells in rows.values_list("system__slug", "cells")
    }


def apart(one: rules.Value | None, other: rules.Value | None) -> rules.Difference | None:
    """One value less another with the noise of both, taken as independent and normal."""
    if one is None or other is None or None in (one.low, one.high, other.low, other.high):
        return None
    assert one.low is not None and one.high is not None
    assert other.low is not None and other.high is not None
    gap, reach = one.value - other.value, math.hypot(one.high - one.low, other.high - other.low) / 2
    if reach <= 0:
        return None
    return rules.Difference(gap - reach, gap + reach, rules.normal(gap / (reach / ENDS)))
