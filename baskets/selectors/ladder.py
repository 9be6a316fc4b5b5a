"""The like-for-like ladder: a developer's generations on the evals that both were measured on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from baskets.models import Analysis, Release
from baskets.selectors.analyses import Row, analyses_of
from baskets.selectors.catalog import EvalName, SystemName, eval_names, system_names
from baskets.selectors.remembered import remembered


@dataclass(frozen=True)
class SharedEval:
    """An eval of a rung: its share of the weight, and both in goalpost points."""

    eval: EvalName
    weight: float
    older: float
    newer: float

    @property
    def difference(self) -> float:
        """Points gained."""
        return self.newer - self.older


@dataclass(frozen=True)
class Rung:
    """Two consecutive generations; no difference where `reason` says why.

    difference, low, high: goalpost points. weight: share of the series' weight that is shared.
    """

    older: SystemName
    newer: SystemName
    provisional: bool
    difference: float | None
    low: float | None
    high: float | None
    weight: float
    evals: tuple[SharedEval, ...]
    reason: str

    @property
    def apart(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low is not None and self.high is not None and self.low * self.high > 0


@dataclass(frozen=True)
class Ladder:
    """A series' rungs by developer, oldest first; `recorded` is whether the release has any."""

    recorded: bool
    developers: tuple[tuple[SystemName, tuple[Rung, ...]], ...]


@remembered(8)
def ladder_of(release: Release, series: str) -> Ladder:
    """The rungs of a series; a rung without a system on both sides is left out."""
    found = analyses_of(release, Analysis.Kind.LADDER)
    systems, evals = system_names(), eval_names()
    groups: dict[str, list[Rung]] = {}
    for row in found.ladder:
        if row["series"] == series and row["older_system"] and row["newer_system"]:
            groups.setdefault(row["developer"], []).append(_rung(row, systems, evals))
    order = sorted(groups.values(), key=lambda rungs: (-_told(rungs), rungs[0].newer.developer))
    return Ladder(
        recorded=found.has(Analysis.Kind.LADDER),
        developers=tuple((rungs[0].newer, tuple(rungs)) for rungs in order),
    )


def _told(rungs: list[Rung]) -> int:
    return sum(rung.difference is not None for rung in rungs)


def _rung(row: Row, systems: Mapping[str, SystemName], evals: Mapping[str, EvalName]) -> Rung:
    shared = [
        SharedEval(evals[one["eval"]], one["weight"], one["older"], one["newer"])
        for one in row["evals"]
    ]
    return Rung(
        older=systems[row["older_system"]],
        newer=systems[row["newer_system"]],
        provisional=row["provisional"],
        difference=row["difference"],
        low=row["low"],
        high=row["high"],
        weight=row["weight_shared"],
        evals=tuple(sorted(shared, key=lambda one: -one.weight)),
        reason=row["reason"] or "",
    )
