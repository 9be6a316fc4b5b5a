"""Sortable column heads as plain links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Head:
    """A column head: its link sorts by it, and turns the order round where it is sorted already."""

    name: str
    label: str
    numeric: bool
    address: str
    sorted: str

    @property
    def sign(self) -> str:
        """The arrow that shows the sort state, an empty text where there is none."""
        return {"ascending": "↑", "descending": "↓"}.get(self.sorted, "")


def heads(
    columns: Sequence[tuple[str, str, bool]],
    *,
    sort: str,
    state: dict[str, str],
    sortable: Sequence[str] | None = None,
) -> list[Head]:
    """Heads for (name, label, numeric) columns; numbers sort downwards first, words upwards.

    A column outside `sortable` (all, where it is None) has no link.
    """
    made = []
    for name, label, numeric in columns:
        if sortable is not None and name not in sortable:
            made.append(Head(name, label, numeric, "", ""))
            continue
        current = sort.removeprefix("-") == name
        downwards = sort.startswith("-")
        first = f"-{name}" if numeric else name
        other = name if downwards else f"-{name}"
        query = urlencode({**state, "sort": other if current else first})
        order = ("descending" if downwards else "ascending") if current else ""
        made.append(Head(name, label, numeric, f"?{query}", order))
    return made
