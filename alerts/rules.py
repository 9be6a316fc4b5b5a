"""Did a release bring news? Pure: facts of two releases in, moves of frontiers out.

A system *enters and moves* a series when it has become the frontier of that series, the new
frontier lies above that of the release before, and the system itself brought the evidence for it:
a score, on an eval that the basket counts, which the release before did not have. Releases are
compared only where they measured with the same yardstick (basket versions, counted evals, method),
so that no change of weights, links or method is ever told as progress (methodology.md, sections 8
and 12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

FRONTIER = "frontier"

DOMAINS = ("capability", "safety", "alignment")
SERIES = ("headline", "balanced", *DOMAINS)


class Outcome(StrEnum):
    """What the examination of a release came to."""

    RECONSTRUCTED = "reconstructed"
    FIRST = "first"
    REMEASURED = "remeasured"
    QUIET = "quiet"
    MOVED = "moved"


@dataclass(frozen=True)
class Standing:
    """A frontier: the leading official system and its value with its 95% interval, in points.

    `rise` is the 95% interval of its distance to `passed`, the system that it passed.
    """

    system: str
    value: float
    low: float | None = None
    high: float | None = None
    passed: str | None = None
    rise: tuple[float, float] | None = None


@dataclass(frozen=True)
class Cell:
    """The score that stands for a system on an eval that the basket counts, in the eval's unit."""

    eval: str
    domain: str
    value: float


@dataclass(frozen=True)
class Facts:
    """What is to be known about one release.

    `yardstick` is equal for two releases exactly where they measured in the same way; `frontier`
    is keyed by series, `official` by series and `cells` by system.
    """

    reconstructed: bool
    yardstick: str
    frontier: Mapping[str, Standing] = field(default_factory=dict)
    official: Mapping[str, frozenset[str]] = field(default_factory=dict)
    cells: Mapping[str, frozenset[Cell]] = field(default_factory=dict)


@dataclass(frozen=True)
class Move:
    """A system became the frontier of a series: `move` = value of `after` − value of `before`."""

    series: str
    before: Standing
    after: Standing

    @property
    def move(self) -> float:
        """How far the frontier rose, in index points; always above 0."""
        return self.after.value - self.before.value


@dataclass(frozen=True)
class Verdict:
    """The outcome of an examination, with its moves in the order of `SERIES`."""

    outcome: Outcome
    moves: tuple[Move, ...] = ()


def examine(previous: Facts | None, new: Facts) -> Verdict:
    """What `new` brought over `previous`, the release of the same basket before it.

    Reconstructed releases are never told, nor is the first real one: what stood before it is a
    reconstruction, made with hindsight, and no reader was ever shown it as news.
    """
    if new.reconstructed:
        return Verdict(Outcome.RECONSTRUCTED)
    if previous is None or previous.reconstructed:
        return Verdict(Outcome.FIRST)
    if previous.yardstick != new.yardstick:
        return Verdict(Outcome.REMEASURED)
    found = (_move(series, previous, new) for series in SERIES)
    moves = tuple(move for move in found if move is not None)
    return Verdict(Outcome.MOVED if moves else Outcome.QUIET, moves)


def _move(series: str, previous: Facts, new: Facts) -> Move | None:
    before, after = previous.frontier.get(series), new.frontier.get(series)
    if before is None or after is None or after.system == before.system:
        return None
    if after.system not in new.official.get(series, frozenset()):
        return None
    # A system that a refit or another's withdrawal carried to the top has done nothing new.
    if not new_evidence(series, after.system, previous=previous, new=new):
        return None
    move = Move(series, before, after)
    return move if move.move > 0 else None


def new_evidence(series: str, system: str, *, previous: Facts, new: Facts) -> frozenset[Cell]:
    """The system's cells under `series` that the release before did not have, or had otherwise."""
    fresh = new.cells.get(system, frozenset()) - previous.cells.get(system, frozenset())
    if series not in DOMAINS:
        return frozenset(fresh)
    return frozenset(cell for cell in fresh if cell.domain == series)
