"""A few systems of one release, from their own sheets: contributions and paired comparisons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from baskets.engine.errors import EngineError
from baskets.engine.sheet import Cell, Terms, sheet_from, terms_between
from baskets.engine.sheet import Sheet as Cells
from baskets.engine.uncertainty import Comparison, paired
from baskets.models import Analysis, IndexPoint, Release, Sheet
from baskets.sheets import Array, unpacked_cells, unpacked_replicates

MAIN = ("headline", "balanced", "capability", "safety", "alignment")


@dataclass(frozen=True)
class OwnSheet:
    """A system's cells, its replicates by series, and its values on the version in force for it."""

    cells: Cells
    replicates: Mapping[str, Array]
    values: Mapping[str, float]

    @property
    def cell_of(self) -> dict[str, Cell]:
        """The scores that the release took for the system, by eval."""
        return {cell.eval: cell for cell in self.cells.cells}


@dataclass(frozen=True)
class Sheets:
    """The sheets of some systems by slug; a system, or a whole release, may have none."""

    frame: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, OwnSheet] = field(default_factory=dict)

    def terms(self, system: str, against: str, series: str) -> Terms | None:
        """What each eval of each version adds to the one index less the other.

        None where a value is missing, or the series cannot be taken apart between the two.
        """
        one, other = self.own.get(system), self.own.get(against)
        if not self.frame or one is None or other is None:
            return None
        both = {name: (one.values[name], other.values[name])
                for name in one.values if name in other.values}  # fmt: skip
        if series not in both:
            return None
        try:
            return terms_between(self.frame, one.cells, other.cells, series=series, values=both)
        except (EngineError, ValueError):
            return None

    def compared(self, system: str, against: str, series: str) -> Comparison | None:
        """The one system less the other on paired replicates; None where either has none."""
        one, other = self.own.get(system), self.own.get(against)
        if one is None or other is None:
            return None
        there = all(series in sheet.replicates and series in sheet.values for sheet in (one, other))
        if not there or len(one.replicates[series]) != len(other.replicates[series]):
            return None
        gaps = np.subtract(one.replicates[series], other.replicates[series])
        return paired(one.values[series] - other.values[series], gaps)


def sheets_of(release: Release, systems: Collection[str], *, frame: bool = True) -> Sheets:
    """The sheets of the systems with these slugs, in three queries; two without the frame."""
    rows = Sheet.objects.filter(release=release, system__slug__in=systems)
    packed = {slug: (cells, drawn) for slug, cells, drawn in rows.values_list(
        "system__slug", "cells", "replicates")}  # fmt: skip
    points = IndexPoint.objects.filter(
        release=release, system__slug__in=systems, on_official_version=True
    )
    values: dict[str, dict[str, float]] = {}
    for slug, series, value in points.values_list("system__slug", "series", "value"):
        values.setdefault(slug, {})[series] = value
    own = {slug: _own(*parts, values.get(slug, {})) for slug, parts in packed.items()}
    return Sheets(_frame(release.pk) if frame else {}, own)


@lru_cache(maxsize=2)
def _frame(release: int) -> Mapping[str, Any]:
    found = Analysis.objects.filter(release=release, kind=Analysis.Kind.FRAME)
    return found.values_list("content", flat=True).first() or {}


def _own(
    cells: bytes | memoryview, replicates: bytes | memoryview, values: Mapping[str, float]
) -> OwnSheet:
    sheet = unpacked_cells(bytes(cells))
    return OwnSheet(sheet_from(sheet), unpacked_replicates(sheet, bytes(replicates)), values)
