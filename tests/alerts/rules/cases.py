"""Facts of releases, made up in one line each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from alerts.rules import Difference, Facts, Finding, Heard, Kind, Pair, Term, Value, examine

DAY = dt.date(2026, 1, 31)
RELEASED = {name: dt.date(2025, n, 1) for n, name in enumerate(("base", "old", "mid", "sol"), 1)}
APART = Difference(2.0, 9.0, 0.99)


def facts(values: Mapping[str, float], **more: Any) -> Facts:
    """A release with these official values in the capability series."""
    official = {"capability": {name: Value(value, coverage=0.9) for name, value in values.items()}}
    known = {"official": official, "known": frozenset(values), "released": RELEASED}
    return Facts(**{"number": 2, "on": DAY, "versions": (1,), **known, **more})


def pair(before: Facts | None, after: Facts, **more: Any) -> Pair:
    """The two, with every comparison clearly apart."""
    return Pair(before, after, **{"compare": lambda *_names: APART, **more})


def moved(system: str, /, **points: float) -> dict[Any, Any]:
    """The terms of one capability value, by kind."""
    return {(system, "capability"): tuple(Term(kind, value) for kind, value in points.items())}


def found(pair: Pair, kind: Kind) -> list[Finding]:
    """The findings of a kind."""
    return [one for one in examine(pair).findings if one.kind == kind]


EVENT = Heard(
    id=1, place=2, on=DAY, reconstructed=False, kind="frontier", cause="new_system",
    series="capability", system="sol", developer="maker", against="old", eval="", move=5.0,
    move_low=2.0, move_high=9.0, probability=0.99, coverage=0.9, official=True, recovered=False,
)  # fmt: skip


def event(**changes: Any) -> Heard:
    """A stored event: sol leads capability by 5 points, from 2 to 9."""
    return replace(EVENT, **changes)
