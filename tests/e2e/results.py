"""A folder of results with a system that is stronger than any in the shipped catalog."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

SLUG, NAME = "meridian-1", "Meridian 1"
# In percent; between them well over a fifth of the capability weight of the newest basket version.
SCORES = {
    "hle": 92,
    "arc-agi-2": 99,
    "frontiermath-t4": 90,
    "swe-bench-pro": 98,
    "osworld-verified": 97,
    "gdpval": 96,
}


def stronger_results(folder: Path) -> Path:
    """The folder, in the catalog's own form; everything in it is of yesterday."""
    folder.mkdir()
    day = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    _write(
        folder / "systems.csv",
        ("slug", "name", "developer", "generation", "released_on"),
        [(SLUG, NAME, "Meridian Labs", "Meridian", day)],
    )
    _write(
        folder / "observations.csv",
        ("system", "eval", "value", "reported_by", "observed_on", "source_url"),
        [
            (SLUG, name, value, "third_party", day, "https://meridian.example/results")
            for name, value in SCORES.items()
        ],
    )
    return folder


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
