"""What a rule asks for: a frozen value, with one canonical form as JSON and one for an address."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from alerts.rules.kinds import GAUGED, GAUGED_IN, Cause, Kind


class Level(StrEnum):
    """How grave what happened is to a rule; the gravest last."""

    RECOVERED = "recovered"
    WARN = "warn"
    ALERT = "alert"


class BadTerms(ValueError):
    """Terms that cannot be meant: `name` is the parameter, `reason` what is wrong with it.

    The reasons are "unknown" (no such parameter or value), "number" (not a number, or not within
    its limits), "many" (too many values) and "twice" (a parameter that can have one value).
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
SERIES = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}(/[^\x00-\x1f\x7f]{1,80})?")
MOST_VALUES = 50

LISTS = {
    "kind": "kinds",
    "series": "series",
    "system": "systems",
    "developer": "developers",
    "eval": "evals",
    "cause": "causes",
    "level": "levels",
}
NUMBERS: dict[str, tuple[str, float, float]] = {
    "min": ("minimum", 0.1, 1000.0),
    "alert": ("alert_from", 0.1, 1000.0),
    "p": ("probability", 0.5, 1.0),
    "coverage": ("coverage", 0.0, 1.0),
    "cooldown": ("cooldown", 0.0, 365.0),
}
CHOICES = {"kind": frozenset(Kind), "cause": frozenset(Cause), "level": frozenset(Level)}
MINIMUM = 1.0


@dataclass(frozen=True)
class Terms:
    """Which events count.

    There is always a kind; other sets ask for everything where they are empty, `causes` for the
    causes that fit the kind. A gap or a generation is of safety or alignment: where `series` names
    neither, it is asked for in both. minimum: index points, of the kinds that have them; from
    `alert_from` on a move is an alert and no warning, and by default every one is. significant: the
    95% interval of the move leaves zero out. probability: at least this that the move has its sign.
    coverage: at least this share of the weight observed. cooldown: days of silence after a message.
    levels: which are told.
    """

    kinds: frozenset[str] = frozenset({Kind.FRONTIER})
    series: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()
    developers: frozenset[str] = frozenset()
    evals: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    minimum: float = MINIMUM
    alert_from: float | None = None
    significant: bool = False
    probability: float | None = None
    coverage: float | None = None
    cooldown: int = 0

    def asks_in(self, kind: str, series: str) -> bool:
        """Whether events of a kind are asked for in a series; those without one always are."""
        gauged = kind in GAUGED and not self.series & GAUGED_IN
        return gauged or not series or not self.series or series in self.series

    @classmethod
    def from_query(cls, query: Mapping[str, Sequence[str]]) -> Terms:
        """The terms that an address or a form names. Raises BadTerms."""
        found: dict[str, Any] = {}
        for name, values in query.items():
            given = [value.strip() for value in values if value.strip()]
            if not given:
                continue
            if name in LISTS:
                found[LISTS[name]] = _names(name, given)
            elif name in NUMBERS:
                found[NUMBERS[name][0]] = _number(name, given)
            elif name == "significant":
                found["significant"] = _flag(name, given)
            else:
                raise BadTerms(name, "unknown")
        return cls(**_sized(found))

    def to_query(self) -> list[tuple[str, str]]:
        """The parameters in their canonical order; what is as by default is left out."""
        pairs = []
        for name, attribute in LISTS.items():
            if getattr(self, attribute) != getattr(_DEFAULT, attribute):
                pairs += [(name, str(value)) for value in sorted(getattr(self, attribute))]
        for name, (attribute, _least, _most) in NUMBERS.items():
            value = getattr(self, attribute)
            if value != getattr(_DEFAULT, attribute):
                pairs.append((name, f"{value:.12g}"))
        return pairs + ([("significant", "1")] if self.significant else [])

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Terms:
        """The terms that `to_json` wrote. Raises BadTerms."""
        found: dict[str, Any] = {}
        attributes = {attribute: name for name, attribute in LISTS.items()}
        numbers = {attribute: name for name, (attribute, _l, _m) in NUMBERS.items()}
        for name, value in stored.items():
            if name in attributes:
                found[name] = _names(attributes[name], value)
            elif name in numbers:
                found[name] = _number(numbers[name], [str(value)])
            elif name == "significant":
                found[name] = bool(value)
            else:
                raise BadTerms(name, "unknown")
        return cls(**_sized(found))

    def to_json(self) -> dict[str, Any]:
        """The terms as JSON; what is as by default is left out."""
        found = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value != getattr(_DEFAULT, item.name):
                found[item.name] = (
                    sorted(map(str, value)) if isinstance(value, frozenset) else value
                )
        return found


_DEFAULT = Terms()


def _names(name: str, values: Iterable[str]) -> frozenset[str]:
    found = frozenset(map(str, values))
    if len(found) > MOST_VALUES:
        raise BadTerms(name, "many")
    known, form = CHOICES.get(name), SERIES if name == "series" else NAME
    if (known is not None and found - known) or not all(map(form.fullmatch, found)):
        raise BadTerms(name, "unknown")
    return found


def _number(name: str, values: Sequence[str]) -> float:
    _attribute, least, most = NUMBERS[name]
    if len(values) > 1:
        raise BadTerms(name, "twice")
    try:
        number = float(values[0])
    except ValueError:
        raise BadTerms(name, "number") from None
    if not math.isfinite(number) or not least <= number <= most:
        raise BadTerms(name, "number")
    return number


def _flag(name: str, values: Sequence[str]) -> bool:
    if len(values) > 1:
        raise BadTerms(name, "twice")
    if values[0] not in ("0", "1", "on"):
        raise BadTerms(name, "unknown")
    return values[0] != "0"


def _sized(found: dict[str, Any]) -> dict[str, Any]:
    if not found.get("kinds", True):
        raise BadTerms("kind", "unknown")
    if "cooldown" in found:
        found["cooldown"] = round(found["cooldown"])
    least, alert = found.get("minimum", MINIMUM), found.get("alert_from")
    if alert is not None and alert < least:
        raise BadTerms("alert", "number")
    return found
