"""Axes: from a value to a pixel, and the ticks a reader would have chosen."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils import formats
from django.utils.translation import pgettext

MINUS = "\u2212"
EPOCH = dt.date(1970, 1, 1).toordinal()
FEW_DECADES = 0.6
"""Decades below which ticks at 1, 2 and 5 would be too few."""
SMALL = 0.45
"""A lowest value below this share of the highest makes the axis begin at zero."""


class FigureError(ValueError):
    """A figure asks for something that the renderer does not draw."""


def number(value: Any) -> float:
    """A coordinate as a number: dates (ISO text or date) become days since 1970."""
    if isinstance(value, str):
        return _days(value[:10])
    if isinstance(value, dt.date):
        return float(value.toordinal() - EPOCH)
    return float(value)


@lru_cache(maxsize=8192)
def _days(day: str) -> float:
    # A chart names one day for a mark, its label and its place, on a wide and on a narrow page.
    return number(dt.date.fromisoformat(day))


@dataclass(frozen=True)
class Axis:
    """One axis: `kind` linear, log or date; `low` to `high` in numbers; pixels `start` to `end`."""

    kind: str
    low: float
    high: float
    start: float
    end: float

    def at(self, value: Any) -> float:
        """The pixel of a data value; for a log axis the value itself, not its logarithm."""
        raw = number(value)
        if self.kind == "log":
            if raw <= 0:
                return self.start
            raw = math.log10(raw)
        share = (raw - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def along(self, values: Sequence[Any]) -> list[float | None]:
        """The pixel of each of many values; None where there is none."""
        if self.kind == "log":
            return [None if value is None else self.at(value) for value in values]
        low, wide, start, long = self.low, self.high - self.low, self.start, self.end - self.start
        return [
            None if value is None else start + (number(value) - low) / wide * long
            for value in values
        ]

    def at_annotation(self, value: Any) -> float:
        """As `at`, by Plotly's convention that annotations on a log axis give the exponent."""
        return self.at(10 ** float(value)) if self.kind == "log" else self.at(value)


def axis(spec: dict[str, Any], values: Sequence[Any], *, start: float, end: float) -> Axis:
    """The axis a layout entry describes; without a `range`, the values with a margin of 4%.

    On a log axis the `range` holds exponents, as Plotly has it.
    """
    kind = spec.get("type", "linear")
    if kind not in {"linear", "log", "date"}:
        raise FigureError(f"axis type {kind!r}")
    bounds = spec.get("range")
    if bounds is None:
        numbers = [number(value) for value in values if value is not None]
        if kind == "log":
            numbers = [math.log10(value) for value in numbers if value > 0]
        low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
        margin = (high - low) * 0.04 or 0.5
        low, high = low - margin, high + margin
    else:
        low, high = (number(bound) for bound in bounds)
    if low == high:
        raise FigureError("axis without extent")
    return Axis(kind=kind, low=low, high=high, start=start, end=end)


def value_range(
    values: Sequence[float], *, head: float = 0.06, anchor: float | None = 100.0
) -> list[float]:
    """The range for an index: from zero where the lowest value is small beside the highest.

    `anchor` is kept in view where there is one; `head` is the room above, as a share of the extent.
    """
    known = list(values) if anchor is None and values else [*values, anchor or 0.0]
    low, high = min(known), max(known)
    if 0 <= low < high * SMALL:
        return [0.0, round(high * (1 + head), 2)]
    extent = high - low or 10.0
    return [round(low - extent * 0.06, 2), round(high + extent * head, 2)]


def nice_step(extent: float, wanted: int) -> float:
    """The step of 1, 2, 2.5 or 5 times a power of ten that gives about `wanted` ticks."""
    raw = extent / max(wanted, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    for factor in (1.0, 2.0, 2.5, 5.0):
        if factor * power >= raw * 0.999:
            return factor * power
    return 10.0 * power


def _linear_ticks(low: float, high: float, wanted: int) -> list[float]:
    step = nice_step(high - low, wanted)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def _log_ticks(low: float, high: float, wanted: int) -> list[float]:
    """The values at the ticks between two exponents; over a short way as on a linear axis."""
    if high - low < FEW_DECADES:
        return [value for value in _linear_ticks(10**low, 10**high, wanted) if value > 0]
    for factors in ((1, 2, 3, 5), (1, 2, 5), (1, 3), (1,)):
        ticks = [
            factor * 10.0**power
            for power in range(math.floor(low), math.ceil(high) + 1)
            for factor in factors
            if low - 1e-9 <= math.log10(factor * 10.0**power) <= high + 1e-9
        ]
        if len(ticks) <= max(wanted, 2) + 1:
            return ticks
    return ticks


def _months(low: float, high: float) -> list[dt.date]:
    epoch = dt.date(1970, 1, 1).toordinal()
    first = dt.date.fromordinal(epoch + math.ceil(low))
    last = dt.date.fromordinal(epoch + math.floor(high))
    index = first.year * 12 + first.month - 1 + (1 if first.day > 1 else 0)
    found = []
    while (month := dt.date(index // 12, index % 12 + 1, 1)) <= last:
        found.append(month)
        index += 1
    return found


def _date_ticks(low: float, high: float, wanted: int) -> list[tuple[float, str]]:
    months = _months(low, high)
    for every in (1, 3, 6, 12, 24, 60):
        chosen = [month for month in months if (month.year * 12 + month.month - 1) % every == 0]
        if len(chosen) <= max(wanted, 2):
            break
    pattern = "Y" if every >= 12 else pgettext("date format of a month on an axis", "M Y")
    return [(number(day), formats.date_format(day, pattern)) for day in chosen]


def tick_text(value: float, step: float = 1.0) -> str:
    """A number as a tick: as many decimals as the step needs, a true minus sign."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0
    if step in {2.5, 0.25}:
        decimals += 1
    text = f"{value:,.{decimals}f}"
    return text.replace("-", MINUS)


def ticks(on: Axis, spec: dict[str, Any], wanted: int) -> list[tuple[float, str]]:
    """(pixel, text) of every tick: the layout's own `tickvals`, or nice ones."""
    suffix = spec.get("ticksuffix", "")
    if "tickvals" in spec:
        texts = spec.get("ticktext") or [tick_text(float(value)) for value in spec["tickvals"]]
        return [(on.at(v), str(t)) for v, t in zip(spec["tickvals"], texts, strict=True)]
    if on.kind == "date":
        epoch = dt.date(1970, 1, 1).toordinal()
        pairs = _date_ticks(on.low, on.high, wanted)
        return [(on.at(dt.date.fromordinal(epoch + int(day))), text) for day, text in pairs]
    if on.kind == "log":
        values = _log_ticks(on.low, on.high, wanted)
        return [(on.at(value), f"{value:,g}{suffix}") for value in values]
    low, high = sorted((on.low, on.high))
    step = nice_step(high - low, wanted)
    values = _linear_ticks(low, high, wanted)
    return [(on.at(value), tick_text(value, step) + suffix) for value in values]
