"""Whether the stored sheets say what a release's bundle says, and its replicates its intervals."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from baskets.engine.compare import place, tree_difference
from baskets.engine.uncertainty import ENDS
from baskets.models import Release, Sheet
from baskets.sheets import Array, Packed, unpacked_cells, unpacked_replicates

Row = Mapping[str, Any]
Ends = Mapping[tuple[str, str], tuple[float, float]]

# Sheets are not rounded, and another machine may add up their last bit otherwise.
LAST_BIT = 1e-9
ROUNDED = 1e-6
HEADS = "replicates"


def made_before_sheets(release: Release) -> bool:
    """Whether neither this release nor an earlier one of its basket has a sheet."""
    numbers = {"release__basket": release.basket_id, "release__number__lte": release.number}
    return not Sheet.objects.filter(**numbers).exists()


def sheet_differences(
    release: Release, wanted: Mapping[str, Packed], answer: Row, *, drawn: bool
) -> Iterator[str]:
    """Where a sheet's cells are not those of the bundle, or its replicates not behind the interval.

    Replicates themselves are compared where they were `drawn` again byte for byte.
    """
    left, ends = dict(wanted), _ends(answer)
    rows = Sheet.objects.filter(release=release).order_by("id")
    stored = rows.values_list("system__slug", "cells", "replicates")
    for system, cells, replicates in stored.iterator(chunk_size=100):
        where = place("sheets", (system,))
        if system not in left:
            yield f"{where}: in the table, not in the bundle"
            continue
        packed = left.pop(system)
        try:
            found = unpacked_cells(bytes(cells))
            series = unpacked_replicates(found, bytes(replicates))
        except (zlib.error, ValueError, KeyError, TypeError) as error:
            yield f"{where}: it cannot be read: {error}"
            continue
        yield from _cells(where, found, unpacked_cells(packed.cells))
        yield from _intervals(system, found, series, ends)
        if drawn:
            again = unpacked_replicates(unpacked_cells(packed.cells), packed.replicates)
            yield from _replicates(system, found, series, again)
    for system in left:
        yield f"{place('sheets', (system,))}: in the bundle, not in the table"


def _ends(answer: Row) -> Ends:
    """The sealed intervals by system and series, on the version in force."""
    return {
        (p["system"], p["series"]): (p["low"], p["high"])
        for p in answer["points"]
        if p["in_force"] and p["low"] is not None and p["high"] is not None
    }


def _cells(where: str, found: Row, wanted: Row) -> Iterator[str]:
    one, other = ({k: v for k, v in row.items() if k != HEADS} for row in (found, wanted))
    difference = tree_difference(one, other, at=where, tolerance=lambda _: LAST_BIT)
    if difference:
        yield difference


def _intervals(system: str, sheet: Row, series: Mapping[str, Array], ends: Ends) -> Iterator[str]:
    """Series whose replicates do not have the percentiles that the bundle seals."""
    for name, _lowest, width, _count in sheet[HEADS]:
        sealed = ends.get((system, name))
        if sealed is None:
            continue
        got = np.percentile(series[name], ENDS)
        if np.abs(got - np.array(sealed)).max() > width + ROUNDED:
            yield f"{place('sheets', (system, name))}: its replicates have another interval"


def _replicates(
    system: str, sheet: Row, series: Mapping[str, Array], again: Mapping[str, Array]
) -> Iterator[str]:
    widths = {head[0]: head[2] for head in sheet[HEADS]}
    for name in {**again, **series}:
        where = place("sheets", (system, name))
        if name not in series or name not in again:
            yield f"{where}: replicates {'not stored' if name in again else 'of nothing'}"
        elif len(series[name]) != len(again[name]):
            yield f"{where}: as many replicates as are not drawn"
        elif np.abs(series[name] - again[name]).max() > 1.5 * widths[name] + ROUNDED:
            yield f"{where}: other replicates than are drawn"
