"""The sheets of a release as they are stored: a system's cells and its replicates, packed.

Replicates are kept as 16-bit steps between the lowest and the highest of a series, so that a value
is read back within half of 1/65535 of their range: far below what an interval shows.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baskets.engine import Answer, Problem, Replicates
from baskets.engine.sheet import sheets_of

Array = NDArray[np.float64]
STEPS = 65535
MAIN = ("headline", "balanced")


@dataclass(frozen=True)
class Packed:
    """A sheet as its row has it.

    cells: JSON, compressed; under `replicates` it says where each series lies in `replicates`:
    [series, lowest, width of a step, count], one after the other, two bytes a value.
    """

    cells: bytes
    replicates: bytes


def packed_sheets(
    problem: Problem, answer: Answer, replicates: Replicates | None
) -> dict[str, Packed]:
    """The sheet of every system of a release, by system."""
    drawn = _columns(problem, replicates) if replicates is not None else {}
    return {
        system: _packed(sheet, drawn.get(system, {}))
        for system, sheet in sheets_of(problem, answer).items()
    }


def _columns(problem: Problem, replicates: Replicates) -> dict[str, dict[str, Array]]:
    """Replicates (B,) of the headlines and domains, each system on the version in force for it."""
    place = {basket.id: n for n, basket in enumerate(problem.baskets)}
    series = (*MAIN, *sorted({item.domain for item in problem.evals}))
    found: dict[str, dict[str, Array]] = {}
    for row, system in enumerate(problem.systems):
        position = place[problem.version_in_force(system).id]
        for name in series:
            key = (name, position)
            there = key in replicates.index and np.isfinite(replicates.central.index[key][row, 0])
            if there and np.isfinite(replicates.index[key][row]).all():
                found.setdefault(system.id, {})[name] = replicates.index[key][row]
    return found


def _packed(sheet: dict[str, Any], drawn: Mapping[str, Array]) -> Packed:
    heads, parts = [], []
    for series, values in drawn.items():
        lowest, width = float(values.min()), float(np.ptp(values)) / STEPS
        steps = np.rint((values - lowest) / width) if width else np.zeros(len(values))
        heads.append([series, lowest, width, len(values)])
        parts.append(steps.astype("<u2").tobytes())
    text = json.dumps({**sheet, "replicates": heads}, separators=(",", ":"))
    return Packed(zlib.compress(text.encode(), 6), b"".join(parts))


def unpacked_cells(cells: bytes) -> dict[str, Any]:
    """The JSON of a sheet."""
    found: dict[str, Any] = json.loads(zlib.decompress(cells))
    return found


def unpacked_replicates(sheet: Mapping[str, Any], replicates: bytes) -> dict[str, Array]:
    """Replicates (B,) by series. ValueError where the bytes are not as many as the sheet says."""
    steps = np.frombuffer(replicates, dtype="<u2")
    if len(steps) != sum(head[3] for head in sheet["replicates"]):
        raise ValueError("the replicates are not as many as the sheet says")
    found, start = {}, 0
    for series, lowest, width, count in sheet["replicates"]:
        found[series] = lowest + width * steps[start : start + count].astype(np.float64)
        start += count
    return found
