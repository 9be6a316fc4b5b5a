"""What moved an index: a system against the one before it, eval by eval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baskets.models import Release
from baskets.selectors.catalog import EvalName, SystemName


@dataclass(frozen=True)
class Driver:
    """Index points that one eval adds to a difference."""

    eval: EvalName
    points: float


@dataclass(frozen=True)
class Mover:
    """A new official system in one series, against the frontier before it."""

    system: SystemName
    series: str
    released_on: dt.date
    value: float
    low: float | None
    high: float | None
    against: SystemName | None
    move: float | None
    drivers: tuple[Driver, ...]

    @property
    def largest(self) -> tuple[Driver, ...]:
        """The three largest drivers, up or down."""
        return self.drivers[:3]


def drivers_of(
    rows: Sequence[Mapping[str, Any]], evals: Mapping[str, EvalName]
) -> tuple[Driver, ...]:
    """Stored contributions with the evals' names, largest first; evals without effect left out."""
    found: dict[str, float] = {}
    for row in rows:
        found[row["eval"]] = found.get(row["eval"], 0.0) + row["points"]
    drivers = [Driver(evals[slug], points) for slug, points in found.items() if points]
    return tuple(sorted(drivers, key=lambda driver: -abs(driver.points)))


def movers(
    release: Release, systems: Mapping[str, SystemName], evals: Mapping[str, EvalName]
) -> tuple[Mover, ...]:
    """The release's latest movers in the order in which they are stored, newest first."""
    return tuple(
        Mover(
            system=systems[row["system"]],
            series=row["series"],
            released_on=dt.date.fromisoformat(row["released_on"]),
            value=row["value"],
            low=row.get("low"),
            high=row.get("high"),
            against=systems.get(row.get("against") or ""),
            move=row.get("move"),
            drivers=drivers_of(row.get("contributions") or [], evals),
        )
        for row in release.summary.get("movers", [])
    )


def extent(moves: Sequence[Mover]) -> float:
    """The largest sum of gains, or of losses, in any row: the scale that all bars share."""
    sums = [
        abs(sum(driver.points for driver in mover.drivers if (driver.points > 0) is gain))
        for mover in moves
        for gain in (True, False)
    ]
    return max(sums, default=0.0)
