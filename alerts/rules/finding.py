"""What the rules find, before it is stored; and what is left of it for a signal to judge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.rules.facts import Difference, Drivers, Value
from alerts.rules.kinds import Cause, Kind


@dataclass(frozen=True)
class Finding:
    """Something that happened in a release; `alerts.models.Event` says what the fields are.

    estimated: the evals among the drivers where a fill stands for a score.
    """

    kind: Kind
    cause: Cause
    series: str = ""
    system: str | None = None
    previous: str | None = None
    eval: str | None = None
    version: int | None = None
    before: float | None = None
    after: float | None = None
    low: float | None = None
    high: float | None = None
    move: float | None = None
    move_low: float | None = None
    move_high: float | None = None
    probability: float | None = None
    coverage: float | None = None
    official: bool = True
    recovered: bool = False
    drivers: tuple[tuple[str, float], ...] = ()
    estimated: frozenset[str] = frozenset()
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Move:
    """What an event about a value says of its change, in points.

    before: what stood before. by: the part that the cause made, with its noise where that is known.
    drivers: what each eval adds to it.
    """

    before: float
    by: float
    noise: Difference | None = None
    drivers: Drivers = ()


def about_value(
    kind: Kind,
    cause: Cause,
    *,
    series: str,
    system: str,
    new: Value,
    move: Move,
    previous: str | None = None,
    facts: Mapping[str, object] | None = None,
) -> Finding:
    """A finding about a system's value in a series; `previous` is what it is compared with."""
    return Finding(
        kind=kind,
        cause=cause,
        series=series,
        system=system,
        previous=previous,
        before=move.before,
        after=new.value,
        low=new.low,
        high=new.high,
        move=move.by,
        move_low=move.noise.low if move.noise else None,
        move_high=move.noise.high if move.noise else None,
        probability=sureness(move.by, move.noise),
        coverage=new.coverage,
        drivers=move.drivers,
        facts=facts or {},
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """A stored event as signals judge it; `place` is its release's number, below 0 without one.

    returned: it says of a lead or rank what was so before, and within noise. rival: the developer
    of the one that it was compared with.
    """

    id: int
    place: int
    on: dt.date
    reconstructed: bool
    kind: str
    cause: str
    series: str
    system: str
    developer: str
    against: str
    eval: str
    move: float | None
    move_low: float | None
    move_high: float | None
    probability: float | None
    coverage: float | None
    official: bool
    recovered: bool
    returned: bool = False
    rival: str = ""

    @property
    def takes_back(self) -> bool:
        """Whether a revision took back the lead of the system that it is compared with."""
        return self.kind == Kind.FRONTIER and self.recovered

    @property
    def significant(self) -> bool:
        """Whether the 95% interval of the move leaves zero out."""
        if self.move_low is None or self.move_high is None:
            return False
        return self.move_low > 0 or self.move_high < 0


def sureness(move: float, difference: Difference | None) -> float | None:
    """The probability that a move has the sign that it shows."""
    if difference is None:
        return None
    return difference.above if move > 0 else 1 - difference.above
