"""A chart: its words, its figures for a wide and a narrow page, its table and its addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, overload
from urllib.parse import urlencode

from django.urls import reverse

from baskets.charts import svg
from baskets.charts.focus import Picker
from baskets.charts.frame import Figure
from baskets.charts.state import Control
from evals import spreadsheet

MOST_ROWS = 60
"""Rows of a chart's table on a page."""

Cell = str | float | int | bool | dt.date | None
T = TypeVar("T")


class Rows(Sequence[tuple[Cell, ...]], Generic[T]):
    """The rows of a long table, each made of its source when it is asked for: a page shows few."""

    def __init__(self, sources: Sequence[T], cells: Callable[[T], tuple[Cell, ...]]) -> None:
        self._sources, self._cells = sources, cells

    def __len__(self) -> int:
        return len(self._sources)

    @overload
    def __getitem__(self, place: int) -> tuple[Cell, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[tuple[Cell, ...], ...]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return tuple(map(self._cells, self._sources[place]))
        return self._cells(self._sources[place])


@dataclass(frozen=True)
class Column:
    """A column of a chart's table: `key` in the CSV, `label` on the page, `kind` for its format.

    `note` says what the column holds, in the metadata; by default what is said of every column of
    that key (`baskets.charts.columns`).
    """

    key: str
    label: str
    kind: str = "text"
    note: str = ""


@dataclass(frozen=True)
class Key:
    """An entry of the key below a chart: a mark, its colour token and its name."""

    symbol: str
    colour: str
    label: str


@dataclass(frozen=True)
class Chart:
    """A finished chart. Sizes are (width, height) in the units of the SVG's view box.

    `unit` is that of its numbers and `interval` what its intervals cover, in words; `controls` are
    what a reader can choose, `picker` whom to bring out. `state` holds what the addresses of its
    twins need.
    """

    name: str
    title: str
    subtitle: str
    description: str
    wide: Figure
    narrow: Figure
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    state: dict[str, str] = field(default_factory=dict)
    keys: tuple[Key, ...] = ()
    wide_size: tuple[int, int] = (960, 460)
    narrow_size: tuple[int, int] = (400, 420)
    unit: str = ""
    interval: str = ""
    controls: tuple[Control, ...] = ()
    picker: Picker | None = None

    @property
    def first_rows(self) -> Sequence[tuple[Cell, ...]]:
        """The rows that stand on the page; the CSV has all of them."""
        return self.rows[:MOST_ROWS]

    @property
    def ident(self) -> str:
        """An id for the page, unique to this chart and state."""
        words = [self.name, *(value for _, value in sorted(self.state.items()))]
        return "-".join("".join(c if c.isalnum() else "-" for c in word) for word in words)

    def address(self, kind: str) -> str:
        """The address of the twin of this kind, with the state."""
        path = reverse("baskets:chart", kwargs={"name": self.name, "kind": kind})
        return _with_query(path, self.state)

    @property
    def json_address(self) -> str:
        """The address of the figure."""
        return self.address("json")

    @property
    def csv_address(self) -> str:
        """The address of the table."""
        return self.address("csv")

    @property
    def svg_address(self) -> str:
        """The address of the picture that stands alone."""
        return self.address("svg")

    @property
    def png_address(self) -> str:
        """The address of the same picture in pixels."""
        return self.address("png")

    @property
    def metadata_address(self) -> str:
        """The address of what is known about the chart."""
        return self.address("metadata.json")

    @property
    def embed_address(self) -> str:
        """The address of the chart as a page for frames."""
        return _with_query(reverse("baskets:embed", args=[self.name]), self.state)

    def draw(self, *, narrow: bool = False, theme: str | None = None) -> str:
        """The SVG; with a theme it stands alone."""
        width, height = self.narrow_size if narrow else self.wide_size
        return svg.render(
            self.narrow if narrow else self.wide,
            width=width,
            height=height,
            title=self.title,
            description=self.description,
            ident=f"{self.ident}-{'n' if narrow else 'w'}",
            css_class="narrow" if narrow else "wide",
            theme=theme,
            # A phone has no pointer that could rest on a mark.
            tips=not narrow,
        )

    def table_csv(self) -> str:
        """The chart's table as CSV, one header row of keys, full precision."""
        return spreadsheet.table([column.key for column in self.columns], self.rows)


def _with_query(path: str, state: dict[str, str]) -> str:
    return f"{path}?{urlencode(sorted(state.items()))}" if state else path


def plain_layout(**extra: Any) -> dict[str, Any]:
    """The parts of a layout that every figure shares: paper, ink, no legend, closest hover."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": svg.SANS, "size": 12, "color": "var(--ink)"},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": "var(--paper)",
            "bordercolor": "var(--rule-strong)",
            "font": {"color": "var(--ink)", "size": 13, "family": svg.SANS},
            "align": "left",
        },
        "dragmode": "zoom",
        **extra,
    }


def plain_axis(**extra: Any) -> dict[str, Any]:
    """The parts of an axis that every figure shares: faint grid, soft labels, no zero line."""
    title = extra.pop("title", "")
    return {
        "gridcolor": "var(--grid)",
        "tickfont": {"color": "var(--ink-soft)", "size": 12},
        "title": {"text": title, "font": {"color": "var(--ink-soft)", "size": 12}},
        "zeroline": False,
        "showline": False,
        "automargin": False,
        **extra,
    }
