"""Drawing of single traces: bands, lines, error bars, marks and bars."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Any

from baskets.charts.axes import FigureError
from baskets.charts.frame import Frame
from baskets.charts.marks import Stamp, hollow, stamp

DASHES = {"dash": "6 4", "dot": "1.5 3", "longdash": "12 4", "solid": ""}
MOST_TIPS = 300
"""Marks of a trace that carry a text each; beyond, the table and the live chart have it."""

Pixels = list[tuple[float, float] | None]


def _pixels(area: Frame, trace: dict[str, Any]) -> Pixels:
    across, up = area.axes[trace.get("xaxis", "x")], area.axes[trace.get("yaxis", "y")]
    pairs = zip(across.along(trace["x"]), up.along(trace["y"]), strict=True)
    return [None if x is None or y is None else (x, y) for x, y in pairs]


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


@dataclass(frozen=True)
class _Style:
    """How a mark is drawn, wherever it stands."""

    stamp: Stamp
    fill: str
    edge: str
    width: str


def _style(marker: dict[str, Any], symbol: str, colour: str, size: float) -> _Style:
    line, open_ = marker.get("line", {}), hollow(symbol)
    return _Style(
        stamp=stamp(symbol, size),
        fill=f'fill="{"var(--paper)" if open_ else colour}"',
        edge=f'stroke="{colour if open_ else line.get("color", "var(--paper)")}"',
        width=f'stroke-width="{line.get("width", 1.5 if open_ else 0.75)}"',
    )


def _marks(trace: dict[str, Any], points: Pixels, *, tips: bool) -> str:
    marker, words = trace.get("marker", {}), trace.get("hovertext")
    symbols, colours, sizes = marker.get("symbol", "circle"), marker["color"], marker.get("size", 8)
    kinds: dict[tuple[str, str, float], int] = {}
    drawn = []
    for index, point in enumerate(points):
        if point is not None:
            kind = _of(symbols, index), _of(colours, index), float(_of(sizes, index))
            drawn.append((kinds.setdefault(kind, len(kinds)), index, point))
    styles = [_style(marker, *kind) for kind in kinds]
    many = len(points) > MOST_TIPS
    if tips and words and not many:
        paths = [(styles[k], styles[k].stamp.at(*p), _tip(words, i)) for k, i, p in drawn]
        return _grouped(styles, paths)
    # Without a text of its own a mark may share its path with the next one of its kind. Where there
    # are too many to tell apart, kind is laid over kind instead of each over the one before it.
    runs = groupby(sorted(drawn, key=itemgetter(0)) if many else drawn, key=itemgetter(0))
    shared = [
        (styles[k], "".join(styles[k].stamp.at(*point) for _k, _i, point in run), "")
        for k, run in runs
    ]
    return _grouped(styles, shared)


def _tip(words: Any, index: int) -> str:
    """What a mark or bar says when it is pointed at."""
    tip = escape(str(_of(words, index)).replace("<br>", "\n")) if words else ""
    return f"<title>{tip}</title>" if tip else ""


def _grouped(styles: list[_Style], marks: list[tuple[_Style, str, str]]) -> str:
    """The marks in a group that states once what is the same for all of them."""
    said = zip(*((style.fill, style.edge, style.width) for style in styles), strict=True)
    common = [values[0] for values in said if len(set(values)) == 1]
    parts = []
    for style, path, title in marks:
        own = (part for part in (style.fill, style.edge, style.width) if part not in common)
        begun = f'<path d="{path}"{"".join(f" {part}" for part in own)}'
        parts.append(f"{begun}>{title}</path>" if title else f"{begun}/>")
    return f"<g{''.join(f' {part}' for part in common)}>{''.join(parts)}</g>"


def _bars(area: Frame, trace: dict[str, Any]) -> str:
    across = trace.get("orientation", "v") == "h"
    thickness = float(trace.get("width", 0.6))
    marker, words = trace["marker"], trace.get("hovertext")
    parts = []
    for index, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        if x is None or y is None:
            continue
        left, top, wide, high = _bar_box(area, trace, index, across=across, thickness=thickness)
        edge = marker.get("line", {})
        stroke = _of(edge.get("color", "none"), index)
        parts.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" '
            f'fill="{_of(marker["color"], index)}"'
            + (f' stroke="{stroke}" stroke-width="{edge.get("width", 1)}">' if edge else ">")
            + _tip(words, index)
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
