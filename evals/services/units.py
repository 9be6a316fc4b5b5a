"""Units: what a source states is turned into the eval's own unit exactly, or not at all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import msgspec

from evals.models import Eval
from evals.records import ScoreRecord

# Each unit by its size in its family's smallest one.
SHARES = {
    **dict.fromkeys(("proportion", "fraction", "0-1"), Fraction(100)),
    **dict.fromkeys(("percent", "%", "pct", "percentage"), Fraction(1)),
}
TIMES = {
    **dict.fromkeys(("milliseconds", "ms"), Fraction(1, 1000)),
    **dict.fromkeys(("seconds", "second", "sec", "s"), Fraction(1)),
    **dict.fromkeys(("minutes", "minute", "min"), Fraction(60)),
    **dict.fromkeys(("hours", "hour", "h"), Fraction(3600)),
}
FAMILIES = (SHARES, TIMES)
READABLE_TIMES = {name: TIMES[name] for name in ("milliseconds", "seconds", "minutes", "hours")}
CONVERTED = ("value", "stderr", "low", "high")


def factor(stated: str, unit: str) -> Fraction | None:
    """How many of `unit` one of `stated` is; None where the one does not turn into the other."""
    stated, unit = stated.strip().casefold(), unit.strip().casefold()
    if stated == unit:
        return Fraction(1)
    for family in FAMILIES:
        if stated in family and unit in family:
            return family[stated] / family[unit]
    return None


def in_unit_of(record: ScoreRecord, item: Eval) -> ScoreRecord:
    """The record in the eval's unit, the conversion told in its note; itself where none is needed.

    A stated unit that does not turn into the eval's is left for `foreign_unit` to tell.
    """
    times = factor(record.unit, item.unit) if record.unit else None
    if times is None or times == 1:
        return record
    said = f"{record.value!r} {record.unit} = {_times(record.value, times)!r} {item.unit}"
    changed = {
        name: _times(number, times)
        for name in CONVERTED
        if (number := getattr(record, name)) is not None
    }
    note = f"{record.note}; {said}" if record.note else said
    return msgspec.structs.replace(record, note=note, unit=item.unit, **changed)


def other_readings(value: float, item: Eval) -> Iterator[tuple[str, float]]:
    """(unit, value in the eval's own) for every other unit that a value without one may be in."""
    if item.lower == 0 and item.upper == 100:
        if 0 < value <= 1:
            yield "proportion", _times(value, Fraction(100))
    elif item.unit.casefold() in TIMES and value > 0:
        own = TIMES[item.unit.casefold()]
        for name, size in READABLE_TIMES.items():
            if size != own and math.isfinite(other := _times(value, size / own)):
                yield name, other


def foreign_unit(record: ScoreRecord, item: Eval) -> str:
    """Why the stated unit is not one in which the eval is measured; empty where it is."""
    if not record.unit or factor(record.unit, item.unit) is not None:
        return ""
    return (
        f"unit: the source says {record.unit!r}, and {item.slug} is measured in {item.unit!r}; "
        f"the value {record.value:g} stands as it came"
    )


def _times(number: float, times: Fraction) -> float:
    """The product, rounded once: 0.29 of 1 is 29 percent, not 28.999999999999996."""
    if number - number != 0:  # Not finite: no fraction, and refused later with its reason.
        return number
    try:
        return float(Fraction(repr(number)) * times)
    except OverflowError:
        return math.copysign(math.inf, number)
