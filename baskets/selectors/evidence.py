"""What a simulation with known truth found of the engine's intervals, as the project ships it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from baskets.engine import ENGINE_VERSION

FILE = Path(__file__).parents[1] / "evidence" / "simulation.json"


@dataclass(frozen=True)
class Bin:
    """Comparisons whose stated probability lies together: how many, what was stated and came."""

    pairs: int
    stated: float
    ahead: float
    well_filled: bool


@dataclass(frozen=True)
class Outcome:
    """One way of missing cells: share of 95% intervals that held the truth, by series and pooled.

    largest: the widest gap between stated and true probability among well-filled bins.
    """

    way: str
    coverage: tuple[tuple[str, float], ...]
    pooled: float
    points: int
    bins: tuple[Bin, ...]
    largest: float

    @property
    def widest(self) -> float:
        """`largest` in points of a hundred."""
        return 100 * self.largest


@dataclass(frozen=True)
class Evidence:
    """The simulation: with which engine, from which seeds, of what size, and what came of it."""

    engine: str
    seeds: tuple[int, int]
    sizes: Mapping[str, Any]
    outcomes: tuple[Outcome, ...]

    @property
    def of_this_engine(self) -> bool:
        """Whether the engine that was tried is the one that now runs."""
        return self.engine == ENGINE_VERSION

    @property
    def series(self) -> tuple[str, ...]:
        """The series that were judged."""
        return tuple(name for name, _share in self.outcomes[0].coverage) if self.outcomes else ()


@cache
def simulation(path: Path = FILE) -> Evidence | None:
    """The shipped result; None where the file is not there."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    first, last = found["seeds"]
    return Evidence(
        engine=found["engine"],
        seeds=(first, last),
        sizes=found["sizes"],
        outcomes=tuple(
            _outcome(way, row, found["series"]) for way, row in found["results"].items()
        ),
    )


def _outcome(way: str, row: Mapping[str, Any], series: list[str]) -> Outcome:
    return Outcome(
        way=way,
        coverage=tuple((name, row["coverage"][name]) for name in series),
        pooled=row["pooled"],
        points=row["points"],
        bins=tuple(
            Bin(one["pairs"], one["stated"], one["ahead"], one["well_filled"])
            for one in row["bins"]
        ),
        largest=row["largest_deviation"],
    )
