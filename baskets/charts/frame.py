"""Where things stand in a figure of a given size: margins, panels and their axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from baskets.charts.axes import Axis, axis

Figure = dict[str, Any]
DEFAULT_MARGIN = {"l": 56, "r": 24, "t": 16, "b": 44}


@dataclass(frozen=True)
class Frame:
    """The plot area in pixels and its axes by Plotly's ids (`x`, `y`, `x2`, …)."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    axes: dict[str, Axis]

    def x(self, ref: str, value: Any, *, annotation: bool = False) -> float:
        """Pixels of a horizontal coordinate in `ref`: an axis id, `<id> domain` or `paper`."""
        if ref == "paper":
            return self.left + float(value) * (self.right - self.left)
        if ref.endswith(" domain"):
            panel = self.axes[ref.removesuffix(" domain")]
            return panel.start + float(value) * (panel.end - panel.start)
        return self.axes[ref].at_annotation(value) if annotation else self.axes[ref].at(value)

    def y(self, ref: str, value: Any, *, annotation: bool = False) -> float:
        """Pixels of a vertical coordinate in `ref`: as for `x`; 0 is the bottom."""
        if ref == "paper":
            return self.bottom - float(value) * (self.bottom - self.top)
        if ref.endswith(" domain"):
            panel = self.axes[ref.removesuffix(" domain")]
            return panel.start + float(value) * (panel.end - panel.start)
        return self.axes[ref].at_annotation(value) if annotation else self.axes[ref].at(value)


def layout_key(ref: str) -> str:
    """`x2` → `xaxis2`: the layout's entry of an axis id."""
    return f"{ref[0]}axis{ref[1:]}"


def axis_ids(figure: Figure) -> list[str]:
    """The ids of the axes that the layout describes, in a fixed order."""
    keys = [key for key in figure["layout"] if key[1:5] == "axis"]
    return sorted(key[0] + key[5:] for key in keys)


def _values(figure: Figure, ref: str) -> list[Any]:
    found: list[Any] = []
    for trace in figure["data"]:
        if trace.get(f"{ref[0]}axis", ref[0]) == ref:
            found.extend(trace.get(ref[0]) or [])
    return found


def frame(figure: Figure, width: float, height: float) -> Frame:
    """The frame of a figure drawn `width` by `height` pixels."""
    layout = figure["layout"]
    margin = {**DEFAULT_MARGIN, **layout.get("margin", {})}
    left, right = float(margin["l"]), width - float(margin["r"])
    top, bottom = float(margin["t"]), height - float(margin["b"])
    axes = {}
    for ref in axis_ids(figure):
        spec = layout[layout_key(ref)]
        low, high = spec.get("domain", [0, 1])
        if ref[0] == "x":
            start, end = left + low * (right - left), left + high * (right - left)
        else:
            start, end = bottom - low * (bottom - top), bottom - high * (bottom - top)
        axes[ref] = axis(spec, _values(figure, ref), start=start, end=end)
    return Frame(width, height, left, right, top, bottom, axes)
