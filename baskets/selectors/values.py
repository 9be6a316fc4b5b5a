"""A system's value in a series, as lists, previews and pages show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Value:
    """The interval is None where there is none, or none was asked for."""

    value: float
    low: float | None
    high: float | None
    coverage: float
    official: bool
