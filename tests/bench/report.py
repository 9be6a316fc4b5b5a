"""Rows of measurements, printed as a table and written as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

HEADS = ("measurement", "value", "unit", "target", "met")


class MeasurementFailed(Exception):
    """Something could not be measured; the text says what and why."""


@dataclass(frozen=True)
class Row:
    """One measured number; `target` is the largest value that will do, None for no target."""

    name: str
    value: float
    unit: str
    target: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met, None where there is none."""
        return None if self.target is None else self.value <= self.target

    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        target = "" if self.target is None else f"<= {self.target:g}"
        met = {None: "", True: "yes", False: "NO"}[self.met]
        return (self.name, f"{self.value:.3g}", self.unit, target, met)


def table(rows: Iterable[Row]) -> str:
    """The rows as lines of text in columns."""
    lines = [HEADS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def write(rows: Sequence[Row], folder: Path, *, at: datetime) -> Path:
    """Write the rows to `folder` under the UTC time and as latest.json; the first one's path."""
    folder.mkdir(parents=True, exist_ok=True)
    report = {
        "at": at.isoformat(timespec="seconds"),
        "machine": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "load": os.getloadavg()[0],
        },
        "rows": [{**vars(row), "value": round(row.value, 6), "met": row.met} for row in rows],
    }
    text = json.dumps(report, indent=1) + "\n"
    path = folder / f"{at:%Y%m%dT%H%M%SZ}.json"
    for place in (path, folder / "latest.json"):
        place.write_text(text, encoding="utf-8")
    return path
