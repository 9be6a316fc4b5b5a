"""Direct labels that do not run into each other.

An annotation named `end` stands right of a line's end and may move up or down; one named `mark`
stands beside a mark and may go to any side of it, or is left out where no side is free; one named
`row` stands right or left of its place, or is left out where later ones cover both; one named
`line` stands above or below a line across the picture, at the end of it that is free. The result
is again a figure: the shifts are Plotly's own `xshift` and `yshift`, so both drawings agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baskets.charts.frame import Figure, Frame, frame
from baskets.charts.measure import ems

FONT = 12

PANEL_OVERHANG = 12
"""Pixels by which a label may stand out of its panel on the right."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two share any area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, left: float, right: float, top: float, bottom: float) -> bool:
        """Whether the whole rectangle lies inside the given bounds."""
        return (
            self.left >= left and self.right <= right and self.top >= top and self.bottom <= bottom
        )


def text_size(annotation: dict[str, Any]) -> tuple[float, float]:
    """Estimated width and height of an annotation's text, in pixels; `<br>` breaks lines."""
    size = float(annotation.get("font", {}).get("size", FONT))
    lines = str(annotation["text"]).split("<br>")
    return max(ems(line) for line in lines) * size, len(lines) * size * 1.2


def _anchored(x: float, y: float, wide: float, high: float, anchor: str) -> Box:
    left = {"left": x, "center": x - wide / 2, "right": x - wide}[anchor]
    return Box(left, y - high / 2, left + wide, y + high / 2)


def _fixed(item: dict[str, Any], area: Frame) -> Box:
    """The box of a label that stays where the figure puts it."""
    x = area.x(item.get("xref", "x"), item["x"], annotation=True) + item.get("xshift", 0)
    y = area.y(item.get("yref", "y"), item["y"], annotation=True) - item.get("yshift", 0)
    wide, high = text_size(item)
    y += {"top": high / 2, "middle": 0.0, "bottom": -high / 2}[item.get("yanchor", "middle")]
    return _anchored(x, y, wide, high, item.get("xanchor", "center"))


_SIDES = [
    ("right", -9, 0),
    ("right", -7, 13),
    ("center", 0, 16),
    ("left", 9, 0),
    ("left", 8, -13),
    ("center", 0, -16),
    ("right", -8, -13),
    ("left", 8, 13),
    ("right", -12, 27),
    ("center", 0, 29),
    ("left", 12, -27),
]
"""Where a label may stand beside its mark: anchor, shift to the right, shift upwards (pixels).

Above and to the left comes first: over the steps of a frontier that is the empty side.
"""


def mark_boxes(figure: Figure, area: Frame) -> list[Box]:
    """The rectangles that the figure's marks take."""
    boxes = []
    for trace in figure["data"]:
        if "markers" not in trace.get("mode", "") or trace.get("type") == "bar":
            continue
        if not len(trace["x"]):
            continue
        xref, yref = trace.get("xaxis", "x"), trace.get("yaxis", "y")
        size = trace.get("marker", {}).get("size", 8)
        radius = (max(size) if isinstance(size, list) else size) / 2
        across, up = area.axes[xref].along(trace["x"]), area.axes[yref].along(trace["y"])
        boxes += [
            Box(px - radius, py - radius, px + radius, py + radius)
            for px, py in zip(across, up, strict=True)
            if px is not None and py is not None
        ]
    return boxes


def _line_boxes(figure: Figure, area: Frame) -> list[Box]:
    """Thin boxes along every drawn line, so that labels need not lie on them."""
    boxes = []
    for trace in figure["data"]:
        if "lines" not in trace.get("mode", ""):
            continue
        xref, yref = trace.get("xaxis", "x"), trace.get("yaxis", "y")
        steps = trace.get("line", {}).get("shape") == "hv"
        across, up = area.axes[xref].along(trace["x"]), area.axes[yref].along(trace["y"])
        for (left, start), (right, end) in pairwise(zip(across, up, strict=True)):
            if left is None or start is None or right is None or end is None:
                continue
            ends = [(left, start), *([(right, start)] if steps else []), (right, end)]
            boxes += [_around(a, b) for a, b in pairwise(ends)]
    return boxes


def _around(a: tuple[float, float], b: tuple[float, float]) -> Box:
    (ax, ay), (bx, by) = a, b
    return Box(min(ax, bx) - 1.5, min(ay, by) - 1.5, max(ax, bx) + 1.5, max(ay, by) + 1.5)


def _bounds(item: dict[str, Any], area: Frame) -> tuple[float, float, float, float]:
    """Left, right, top and bottom that a label must keep: its panel's, where there are several."""
    if len(area.axes) <= 2:
        return area.left, area.width - 2, 0.0, area.bottom
    across, up = area.axes[item.get("xref", "x")], area.axes[item.get("yref", "y")]
    return across.start, across.end + PANEL_OVERHANG, up.end - 2, up.start


Ends = NDArray[np.float64]
"""Boxes as rows of their left, top, right and bottom."""


def _ends(boxes: Sequence[Box]) -> Ends:
    ends = [(box.left, box.top, box.right, box.bottom) for box in boxes]
    return np.array(ends, dtype=np.float64).reshape(-1, 4)


def _meets(ends: Ends, box: Box) -> NDArray[np.bool_]:
    """Which of the boxes share any area with one; as `Box.meets`."""
    left, top, right, bottom = ends.T
    met = (left < box.right) & (right > box.left)
    return np.asarray(met & (top < box.bottom) & (bottom > box.top))


def _covered(places: Ends, by: Ends) -> NDArray[np.bool_]:
    """Of each of the places, whether any of the boxes shares area with it."""
    left, top, right, bottom = (side[:, None] for side in places.T)
    met = (left < by[:, 2]) & (right > by[:, 0]) & (top < by[:, 3]) & (bottom > by[:, 1])
    return np.asarray(met.any(axis=1))


def _reach(x: float, y: float, wide: float, high: float) -> Box:
    """All that a label beside a mark may cover on any side."""
    across = wide + max(abs(right) for _anchor, right, _up in _SIDES)
    along = high / 2 + max(abs(up) for _anchor, _right, up in _SIDES)
    return Box(x - across, y - along, x + across, y + along)


def _place_marks(
    items: list[dict[str, Any]], area: Frame, taken: Sequence[Box], lines: Sequence[Box]
) -> None:
    solid, drawn = _ends(taken), _ends(lines)
    for item in items:
        x = area.x(item.get("xref", "x"), item["x"], annotation=True)
        y = area.y(item.get("yref", "y"), item["y"], annotation=True)
        wide, high = text_size(item)
        reach, bounds = _reach(x, y, wide, high), _bounds(item, area)
        # A small label stays close to its mark or is left out; a full-sized one may go further.
        sides = _SIDES if item.get("font", {}).get("size", FONT) >= FONT else _SIDES[:8]
        boxes = [_anchored(x + right, y - up, wide, high, anchor) for anchor, right, up in sides]
        places = _ends(boxes)
        free = ~_covered(places, solid[_meets(solid, reach)])
        free &= [box.within(*bounds) for box in boxes]
        clear = free & ~_covered(places, drawn[_meets(drawn, reach)])
        if not free.any():
            item["visible"] = False
            continue
        # A place over a line is better than none.
        chosen = int(np.argmax(clear if clear.any() else free))
        anchor, right, up = sides[chosen]
        item.update(xanchor=anchor, yanchor="middle", xshift=right, yshift=up)
        solid = np.vstack([solid, places[chosen]])


def _spread(wanted: list[float], gap: list[float], low: float, high: float) -> list[float]:
    """Positions near `wanted` (ascending), at least `gap` apart, within bounds where they fit."""
    placed: list[float] = []
    for index, target in enumerate(wanted):
        least = low if not placed else placed[-1] + (gap[index] + gap[index - 1]) / 2
        placed.append(max(target, least))
    limit = high
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - (gap[index] + gap[index - 1]) / 2
    return placed


def _place_ends(items: list[dict[str, Any]], area: Frame) -> list[Box]:
    def height_of(item: dict[str, Any]) -> float:
        return area.y(item.get("yref", "y"), item["y"], annotation=True)

    items.sort(key=height_of)
    heights = [text_size(item)[1] for item in items]
    targets = [height_of(item) for item in items]
    boxes = []
    for item, target, at in zip(
        items, targets, _spread(targets, heights, area.top, area.bottom), strict=True
    ):
        item.update(xanchor="left", yanchor="middle", xshift=8, yshift=round(target - at, 1))
        wide, high = text_size(item)
        x = area.x(item.get("xref", "x"), item["x"], annotation=True) + 8
        boxes.append(_anchored(x, at, wide, high, "left"))
    return boxes


def _place_rows(items: list[dict[str, Any]], area: Frame) -> list[Box]:
    """The boxes of the labels that stay, right or else left of their place; the last chooses first.

    The figure puts them to the right.
    """
    kept: list[Box] = []
    for item in reversed(items):
        for anchor, shift in (("left", 0), ("right", -3)):
            item.update(xanchor=anchor, xshift=shift)
            box = _fixed(item, area)
            free = not any(box.meets(other) for other in kept)
            if free and box.left >= 0 and box.right <= area.width:
                kept.append(box)
                break
        else:
            item["visible"] = False
    return kept


_LINE_ENDS = [("left", 0, 4, 8), ("right", 1, -4, 8), ("left", 0, 4, -8), ("right", 1, -4, -8)]
"""Where the name of a line may stand: anchor, end of the line, shift right, shift upwards."""


def _place_lines(items: list[dict[str, Any]], area: Frame, taken: list[Box]) -> None:
    """The first end of each line whose name covers nothing, else its left end."""
    for item in items:
        for anchor, end, right, up in [*_LINE_ENDS, _LINE_ENDS[0]]:
            item.update(x=end, xanchor=anchor, xshift=right, yshift=up, yanchor="middle")
            box = _fixed(item, area)
            if not any(box.meets(other) for other in taken) and box.bottom <= area.bottom:
                break
        taken.append(_fixed(item, area))


def place(figure: Figure, width: float, height: float) -> Figure:
    """A copy of the figure whose `end` and `mark` annotations are shifted for this size.

    Labels listed first have the first choice of a place.
    """
    annotations = [dict(item) for item in figure["layout"].get("annotations", [])]
    area = frame(figure, width, height)
    taken = mark_boxes(figure, area)
    taken += _place_ends([item for item in annotations if item.get("name") == "end"], area)
    taken += [_fixed(item, area) for item in annotations if "name" not in item]
    taken += _place_rows([item for item in annotations if item.get("name") == "row"], area)
    _place_lines([item for item in annotations if item.get("name") == "line"], area, taken)
    marks = [item for item in annotations if item.get("name") == "mark"]
    _place_marks(marks, area, taken, _line_boxes(figure, area))
    return {**figure, "layout": {**figure["layout"], "annotations": annotations}}
