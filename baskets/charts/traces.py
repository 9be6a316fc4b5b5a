"""Drawing of single traces: bands, lines, error bars, marks and bars."""

from __future__ import annotations

from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Any

from baskets.charts.axes import FigureError
from baskets.charts.frame import Frame
from baskets.charts.marks import hollow, outline

DASHES = {"dash": "6 4", "dot": "1.5 3", "longdash": "12 4", "solid": ""}
MOST_TIPS = 300
"""Marks of a trace that carry a text each; beyond, the table and the live chart have it."""

Pixels = list[tuple[float, float] | None]


def _pixels(area: Frame, trace: dict[str, Any]) -> Pixels:
    xref, yref = trace.get("xaxis", "x"), trace.get("yaxis", "y")
    return [
        None if x is None or y is None else (area.x(xref, x), area.y(yref, y))
        for x, y in zip(trace["x"], trace["y"], strict=True)
    ]


def _path(points: Pixels, shape: str) -> str:
    steps = []
    pen_up = True
    for point in points:
        if point is None:
            pen_up = True
            continue
        x, y = point
        if pen_up:
            steps.append(f"M{x:.1f},{y:.1f}")
        elif shape == "hv":
            steps.append(f"H{x:.1f}V{y:.1f}")
        else:
            steps.append(f"L{x:.1f},{y:.1f}")
        pen_up = False
    return "".join(steps)


def _line(trace: dict[str, Any], points: Pixels) -> str:
    line = trace.get("line", {})
    shape = line.get("shape", "linear")
    if shape not in {"linear", "hv"}:
        raise FigureError(f"line shape {shape!r}")
    dash = DASHES[line.get("dash", "solid")]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="{_path(points, shape)}" fill="none" stroke="{line["color"]}" '
        f'stroke-width="{line.get("width", 2)}" stroke-linejoin="round"{dashed}/>'
    )


def _band(trace: dict[str, Any], points: Pixels) -> str:
    if trace["fill"] != "toself":
        raise FigureError(f"fill {trace['fill']!r}")
    opacity = trace.get("opacity", 1)
    path = _path(points, "linear")
    return f'<path d="{path}Z" fill="{trace["fillcolor"]}" fill-opacity="{opacity}"/>'


def _of(value: Any, index: int) -> Any:
    return value[index] if isinstance(value, list) else value


def _error_bars(area: Frame, trace: dict[str, Any], points: Pixels, way: str) -> str:
    spec = trace[f"error_{way}"]
    ref = trace.get(f"{way}axis", way)
    parts = []
    for index, point in enumerate(points):
        up = spec["array"][index]
        down = spec.get("arrayminus", spec["array"])[index]
        if point is None or up is None or down is None:
            continue
        value = float(trace[way][index])
        low, high = area.axes[ref].at(value - down), area.axes[ref].at(value + up)
        x, y = point
        path = f"M{x:.1f},{low:.1f}V{high:.1f}" if way == "y" else f"M{low:.1f},{y:.1f}H{high:.1f}"
        parts.append((_of(spec.get("color", "var(--ink-soft)"), index), path))
    thick = spec.get("thickness", 1)
    drawn = "".join(
        f'<path d="{"".join(path for _colour, path in run)}" stroke="{colour}"/>'
        for colour, run in groupby(parts, key=itemgetter(0))
    )
    return f'<g fill="none" stroke-width="{thick}">{drawn}</g>'


def _marks(trace: dict[str, Any], points: Pixels, *, tips: bool) -> str:
    marker = trace.get("marker", {})
    words = trace.get("hovertext") if tips and len(points) <= MOST_TIPS else None
    drawn = []
    for index, point in enumerate(points):
        if point is None:
            continue
        symbol = _of(marker.get("symbol", "circle"), index)
        colour = _of(marker["color"], index)
        path = outline(symbol, *point, float(_of(marker.get("size", 8), index)))
        inside = "var(--paper)" if hollow(symbol) else colour
        edge = colour if hollow(symbol) else marker.get("line", {}).get("color", "var(--paper)")
        width = marker.get("line", {}).get("width", 1.5 if hollow(symbol) else 0.75)
        tip = escape(str(_of(words, index)).replace("<br>", "\n")) if words else ""
        title = f"<title>{tip}</title>" if tip else ""
        drawn.append(
            (f'stroke="{edge}"', f'stroke-width="{width}"', f'd="{path}" fill="{inside}"', title)
        )
    return _grouped(drawn)


def _grouped(drawn: list[tuple[str, str, str, str]]) -> str:
    """The marks in a group that states once what is the same for all of them."""
    shared = list(zip(*(mark[:2] for mark in drawn), strict=True))
    common = [values[0] for values in shared if len(set(values)) == 1]
    parts = []
    for edge, width, own, title in drawn:
        said = "".join(f" {part}" for part in (edge, width) if part not in common)
        parts.append(f"<path {own}{said}>{title}</path>" if title else f"<path {own}{said}/>")
    head = "".join(f" {part}" for part in common)
    return f"<g{head}>{''.join(parts)}</g>"


def _bars(area: Frame, trace: dict[str, Any]) -> str:
    across = trace.get("orientation", "v") == "h"
    thickness = float(trace.get("width", 0.6))
    marker, words = trace["marker"], trace.get("hovertext")
    parts = []
    for index, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        if x is None or y is None:
            continue
        left, top, wide, high = _bar_box(area, trace, index, across=across, thickness=thickness)
        tip = escape(str(_of(words, index)).replace("<br>", "\n")) if words else ""
        edge = marker.get("line", {})
        stroke = _of(edge.get("color", "none"), index)
        parts.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" '
            f'fill="{_of(marker["color"], index)}"'
            + (f' stroke="{stroke}" stroke-width="{edge.get("width", 1)}">' if edge else ">")
            + (f"<title>{tip}</title>" if tip else "")
            + "</rect>"
        )
    return "".join(parts)


def _bar_box(
    area: Frame, trace: dict[str, Any], index: int, *, across: bool, thickness: float
) -> tuple[float, float, float, float]:
    """Left, top, width and height of a bar that begins at its `base`, 0 where there is none."""
    xref, yref = trace.get("xaxis", "x"), trace.get("yaxis", "y")
    x, y, base = trace["x"][index], trace["y"][index], _of(trace.get("base", 0), index)
    if across:
        ends = sorted((area.x(xref, base), area.x(xref, base + x)))
        sides = sorted((area.y(yref, y - thickness / 2), area.y(yref, y + thickness / 2)))
    else:
        sides = sorted((area.y(yref, base), area.y(yref, base + y)))
        ends = sorted((area.x(xref, x - thickness / 2), area.x(xref, x + thickness / 2)))
    return ends[0], sides[0], ends[1] - ends[0], sides[1] - sides[0]


def draw_trace(area: Frame, trace: dict[str, Any], *, tips: bool = True) -> str:
    """The SVG of one trace; FigureError for a kind this renderer does not draw.

    With `tips` each mark says what it is when it is pointed at, unless there are too many of them.
    """
    kind = trace.get("type", "scatter")
    points = _pixels(area, trace)
    if kind not in {"scatter", "bar"}:
        raise FigureError(f"trace type {kind!r}")
    parts = [_bars(area, trace)] if kind == "bar" else []
    mode = trace.get("mode", "") if kind == "scatter" else ""
    if trace.get("fill", "none") != "none":
        parts.append(_band(trace, points))
    elif "lines" in mode:
        parts.append(_line(trace, points))
    parts += [_error_bars(area, trace, points, way) for way in "xy" if f"error_{way}" in trace]
    if "markers" in mode:
        parts.append(_marks(trace, points, tips=tips))
    return "".join(parts)
