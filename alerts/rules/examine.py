"""The verdict on a release: all that happened in it, and whether any of it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from alerts.rules.causes import remeasured
from alerts.rules.facts import Pair
from alerts.rules.finding import Finding
from alerts.rules.frontier import frontiers
from alerts.rules.kinds import PROGRESS
from alerts.rules.record import baselines, lifecycles, publications, revisions
from alerts.rules.standing import gaps, regressions
from alerts.rules.systems import moves, ranks

Finder = Callable[[Pair], Iterator[Finding]]

FINDERS: tuple[Finder, ...] = (
    frontiers,
    gaps,
    regressions,
    baselines,
    ranks,
    moves,
    revisions,
    lifecycles,
    publications,
)
"""In the order in which a message tells of them."""


class Outcome(StrEnum):
    """What the examination of a release came to."""

    RECONSTRUCTED = "reconstructed"
    FIRST = "first"
    REMEASURED = "remeasured"
    QUIET = "quiet"
    MOVED = "moved"


@dataclass(frozen=True)
class Verdict:
    """The outcome of an examination, with what was found in the order of telling."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()

    @property
    def told(self) -> bool:
        """Whether anybody may hear of it.

        Reconstructed releases are never told, nor is the first real one: what stood before it is a
        reconstruction, made with hindsight, and no reader was ever shown it as news.
        """
        return self.outcome not in (Outcome.RECONSTRUCTED, Outcome.FIRST)


def examine(pair: Pair, *, finders: Sequence[Finder] = FINDERS) -> Verdict:
    """What the new release of a pair brought over the one before it, in the finders' order."""
    findings = tuple(_marked(pair, found) for find in finders for found in find(pair))
    return Verdict(_outcome(pair, findings), findings)


def _marked(pair: Pair, found: Finding) -> Finding:
    """The finding with those of its drivers named that a fill stands for in one of its systems."""
    systems = [name for name in (found.system, found.previous) if name]
    estimated = frozenset(
        name for name, _points in found.drivers
        if not all(pair.scored(system, name) for system in systems)
    )  # fmt: skip
    return replace(found, estimated=estimated) if estimated else found


def _outcome(pair: Pair, findings: tuple[Finding, ...]) -> Outcome:
    if pair.after.reconstructed:
        return Outcome.RECONSTRUCTED
    if pair.before is None or pair.before.reconstructed:
        return Outcome.FIRST
    if remeasured(pair) and not any(found.cause in PROGRESS for found in findings):
        return Outcome.REMEASURED
    return Outcome.MOVED if findings else Outcome.QUIET
