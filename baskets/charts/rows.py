"""Charts of rows: one labelled row per thing, a mark or a bar on a common scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from baskets.charts.chart import plain_axis, plain_layout


@dataclass(frozen=True)
class Row:
    """A row's label and place; `y` counts down from the top, headings take a row of their own."""

    label: str
    y: float
    heading: bool = False
    colour: str = "var(--ink)"


def stacked(groups: list[tuple[str, str, list[str]]]) -> list[Row]:
    """Rows for (heading, colour token, labels) groups; a group without a heading has none."""
    rows: list[Row] = []
    at = 0.0
    for heading, colour, labels in groups:
        if heading:
            at -= 1.15 if rows else 1.0
            rows.append(Row(heading, at, heading=True, colour=colour))
        for label in labels:
            at -= 1.0
            rows.append(Row(label, at))
    return rows


def _label(row: Row, *, narrow: bool) -> dict[str, Any]:
    above = narrow and not row.heading
    return {
        "text": row.label,
        "xref": "paper",
        "x": 0,
        "yref": "y",
        "y": row.y + 0.46 if above else row.y,
        "xanchor": "left" if narrow or row.heading else "right",
        "xshift": 0 if narrow else -10,
        "yanchor": "middle",
        "showarrow": False,
        "font": {
            "size": 12,
            "color": row.colour,
            "weight": 600 if row.heading else 400,
        },
    }


def rows_layout(
    rows: list[Row],
    *,
    narrow: bool,
    bounds: tuple[float, float],
    title: str,
    left: int = 240,
    right: int = 24,
    **axis: Any,
) -> dict[str, Any]:
    """The layout of a chart of rows. On a narrow page a row's label stands above its marks."""
    lowest = min(row.y for row in rows)
    labels = [_label(row, narrow=narrow) for row in rows]
    if not narrow:
        for label, row in zip(labels, rows, strict=True):
            if row.heading:
                label.update(xshift=8 - left)
    lines = [
        {
            "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": row.y,
            "y1": row.y, "layer": "below", "line": {"color": "var(--grid)", "width": 1},
        }
        for row in rows
        if not row.heading
    ]  # fmt: skip
    return plain_layout(
        margin={
            "l": 12 if narrow else left,
            "r": 16 if narrow else right,
            "t": 8,
            "b": 46,
        },
        xaxis=plain_axis(range=list(bounds), title=title, **axis),
        yaxis={"range": [lowest - 0.7, -0.3], "visible": False, "showgrid": False},
        shapes=lines,
        annotations=labels,
    )


def rows_height(rows: list[Row], *, narrow: bool) -> int:
    """The height in pixels that these rows need."""
    return round(60 + (-min(row.y for row in rows) + 0.4) * (40 if narrow else 24))
