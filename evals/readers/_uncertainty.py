"""Numbers as people write them, and what they write beside them to say how sure they are."""

from __future__ import annotations

import math
import re

_NUMBER = r"(-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?)"
_PLUS_MINUS = re.compile(rf"±\s*{_NUMBER}(?:\s*(?:SEM|SE))?")
_HALF_WIDTH = re.compile(rf"±\s*{_NUMBER}\s*\(95%\)")
_INTERVAL = re.compile(rf"{_NUMBER}\s*-\s*{_NUMBER}")
_LEADING = re.compile(r"[0-9]{1,9}(?![0-9.,])")
_OFFSETS = re.compile(rf"\+\s*{_NUMBER}\s*/\s*-\s*{_NUMBER}")


def read_uncertainty(value: float, text: str) -> tuple[float | None, float | None, float | None]:
    """(standard error, low, high) from `±x`, `±x (95%)`, `lo-hi` or `+a/-b`; all None for no text.

    `±x` alone is a standard error, the others bound a 95% interval. ValueError for another form.
    """
    if not text:
        return None, None, None
    if found := _PLUS_MINUS.fullmatch(text):
        return finite(found[1], "uncertainty"), None, None
    if found := _HALF_WIDTH.fullmatch(text):
        half = finite(found[1], "uncertainty")
        return None, value - half, value + half
    if found := _OFFSETS.fullmatch(text):
        above, below = (finite(number, "uncertainty") for number in found.groups())
        return None, value - below, value + above
    if found := _INTERVAL.fullmatch(text):
        return None, finite(found[1], "uncertainty"), finite(found[2], "uncertainty")
    raise ValueError(f"uncertainty {text!r} is none of ±x, ±x (95%), lo-hi, +a/-b")


def leading_integer(text: str) -> int | None:
    """The whole number a free text begins with ("1320 tasks" gives 1320), or None.

    None also for one of more than nine digits, which no eval has and the column cannot hold.
    """
    # Most often it is nothing else, which is told in a fraction of the time.
    if len(text) <= 9 and text.isascii() and text.isdecimal():
        return int(text)
    found = _LEADING.match(text)
    return int(found[0]) if found else None


def finite(text: str, column: str) -> float:
    """The text as a finite number; ValueError, naming the column, for anything else."""
    try:
        # Python takes 1_0 for ten; nobody else does.
        number = float(text.replace("_", "?"))
    except ValueError:
        raise ValueError(f"{column} {text!r} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{column} {text!r} is not a finite number")
    return number
