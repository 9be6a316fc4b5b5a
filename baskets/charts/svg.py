"""One renderer: a Plotly figure dict drawn as an accessible SVG, without JavaScript.

It draws what this site's figures use (scatter lines and marks with error bars and bands, bars,
straight shapes, text) and raises FigureError for anything else, so that the picture and Plotly's
own drawing cannot silently differ.
"""

from __future__ import annotations

from html import escape
from typing import Any

from baskets.charts import palette
from baskets.charts.axes import Axis, FigureError, ticks
from baskets.charts.frame import Figure, Frame, axis_ids, frame, layout_key
from baskets.charts.labels import FONT, place
from baskets.charts.traces import DASHES, draw_trace

SANS = "Seravek, 'Gill Sans Nova', Ubuntu, Calibri, 'Segoe UI', 'Noto Sans', Arial, sans-serif"


def text(
    x: float, y: float, words: str, *, colour: str, anchor: str = "start", size: float = FONT,
    weight: int = 400, halo: bool = False, turned: bool = False,
) -> str:  # fmt: skip
    """One or more lines of text (`<br>` breaks), vertically centred on y."""
    lines = words.split("<br>")
    top = y - (len(lines) - 1) * size * 0.6 + size * 0.35
    extra = ' stroke="var(--paper)" stroke-width="4" paint-order="stroke"' if halo else ""
    if weight != 400:
        extra += f' font-weight="{weight}"'
    if turned:
        extra += f' transform="rotate(-90 {x:.1f} {y:.1f})"'
    start = f'<text x="{x:.1f}" y="{top:.1f}" fill="{colour}" text-anchor="{anchor}"'
    start += f' font-size="{size:g}"{extra}>'
    if len(lines) == 1:
        return f"{start}{escape(words)}</text>"
    spans = "".join(
        f'<tspan x="{x:.1f}" dy="{0 if index == 0 else size * 1.2:.1f}">{escape(line)}</tspan>'
        for index, line in enumerate(lines)
    )
    return f"{start}{spans}</text>"


def _partner(area: Frame, ref: str, spec: dict[str, Any]) -> Axis:
    """The axis that this one is drawn along: its `anchor`, or the one of the same number."""
    return area.axes[spec.get("anchor") or ("y" if ref[0] == "x" else "x") + ref[1:]]


def _grid_line(cross: Axis, ref: str, at: float, colour: str) -> str:
    if ref[0] == "x":
        return f'<path d="M{at:.1f},{cross.end:.1f}V{cross.start:.1f}" stroke="{colour}"/>'
    return f'<path d="M{cross.start:.1f},{at:.1f}H{cross.end:.1f}" stroke="{colour}"/>'


def _tick_label(cross: Axis, ref: str, at: float, words: str, size: float) -> str:
    soft = "var(--ink-soft)"
    if ref[0] == "x":
        return text(at, cross.start + 14, words, colour=soft, anchor="middle", size=size)
    return text(cross.start - 8, at, words, colour=soft, anchor="end", size=size)


def _axis_parts(area: Frame, ref: str, spec: dict[str, Any]) -> str:
    if spec.get("visible") is False:
        return ""
    on, cross = area.axes[ref], _partner(area, ref, spec)
    low, high = sorted((on.start, on.end))
    wanted = spec.get("nticks") or max(2, round((high - low) / (90 if ref[0] == "x" else 55)))
    size = spec.get("tickfont", {}).get("size", FONT)
    marked = [(at, words) for at, words in ticks(on, spec, wanted) if low - 0.5 <= at <= high + 0.5]
    parts = []
    if spec.get("showgrid", True):
        parts += [_grid_line(cross, ref, at, "var(--grid)") for at, _words in marked]
    if spec.get("showticklabels", True):
        parts += [_tick_label(cross, ref, at, words, size) for at, words in marked]
    if spec.get("zeroline") and on.kind == "linear" and on.low <= 0 <= on.high:
        parts.append(_grid_line(cross, ref, on.at(0), "var(--rule-strong)"))
    return "".join(parts) + _axis_title(area, ref, spec)


def _axis_title(area: Frame, ref: str, spec: dict[str, Any]) -> str:
    words = spec.get("title", {}).get("text", "")
    if not words:
        return ""
    on = area.axes[ref]
    middle = (on.start + on.end) / 2
    soft = "var(--ink-soft)"
    if ref[0] == "x":
        return text(middle, area.height - 9, words, colour=soft, anchor="middle")
    return text(12, middle, words, colour=soft, anchor="middle", turned=True)


def _shape(area: Frame, shape: dict[str, Any]) -> str:
    xref, yref = shape.get("xref", "x"), shape.get("yref", "y")
    x0, x1 = area.x(xref, shape["x0"]), area.x(xref, shape["x1"])
    y0, y1 = area.y(yref, shape["y0"]), area.y(yref, shape["y1"])
    if shape["type"] == "line":
        line = shape.get("line", {})
        dash = DASHES[line.get("dash", "solid")]
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        return (
            f'<path d="M{x0:.1f},{y0:.1f}L{x1:.1f},{y1:.1f}" fill="none" '
            f'stroke="{line.get("color", "var(--rule-strong)")}" '
            f'stroke-width="{line.get("width", 1)}"{dashed}/>'
        )
    if shape["type"] == "rect":
        left, top = min(x0, x1), min(y0, y1)
        return (
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{abs(x1 - x0):.1f}" '
            f'height="{abs(y1 - y0):.1f}" fill="{shape["fillcolor"]}"/>'
        )
    raise FigureError(f"shape {shape['type']!r}")


def _annotation(area: Frame, item: dict[str, Any]) -> str:
    if item.get("visible") is False:
        return ""
    x = area.x(item.get("xref", "x"), item["x"], annotation=True) + item.get("xshift", 0)
    y = area.y(item.get("yref", "y"), item["y"], annotation=True) - item.get("yshift", 0)
    font = item.get("font", {})
    size = font.get("size", FONT)
    lines = item["text"].count("<br>") + 1
    y += {"top": 0.6, "middle": 0.0, "bottom": -0.6}[item.get("yanchor", "middle")] * size * lines
    return text(
        x, y, item["text"],
        colour=font.get("color", "var(--ink)"),
        anchor={"left": "start", "center": "middle", "right": "end"}[item.get("xanchor", "center")],
        size=size, weight=font.get("weight", 400), halo=True,
    )  # fmt: skip


def _body(figure: Figure, area: Frame, *, tips: bool) -> str:
    layout = figure["layout"]
    parts = [_axis_parts(area, ref, layout[layout_key(ref)]) for ref in axis_ids(figure)]
    shapes = layout.get("shapes", [])
    parts += [_shape(area, shape) for shape in shapes if shape.get("layer") == "below"]
    parts += [draw_trace(area, trace, tips=tips) for trace in figure["data"]]
    parts += [_shape(area, shape) for shape in shapes if shape.get("layer") != "below"]
    parts += [_annotation(area, item) for item in layout.get("annotations", [])]
    return "".join(parts)


def render(
    figure: Figure, *, width: int, height: int, title: str, description: str, ident: str,
    css_class: str = "", theme: str | None = None, tips: bool = True,
) -> str:  # fmt: skip
    """The SVG of a figure, `width` by `height` units of its view box.

    With `theme` it stands alone: namespace, background and fixed colours; without, it is for a page
    and takes its colours from the page's tokens. `ident` must be unique in the page. Without `tips`
    no mark says what it is when it is pointed at.
    """
    placed = place(figure, width, height)
    area = frame(placed, width, height)
    css = f' class="{css_class}"' if css_class else ""
    alone = f' xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
    back = f'<rect width="{width}" height="{height}" fill="var(--paper)"/>'
    drawn = (
        f'<svg{alone if theme else css} viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{ident}-t {ident}-d" font-family="{SANS}">'
        f'<title id="{ident}-t">{escape(title)}</title>'
        f'<desc id="{ident}-d">{escape(description)}</desc>'
        f"{back if theme else ''}{_body(placed, area, tips=tips)}</svg>"
    )
    return str(palette.resolve(drawn, theme)) if theme else drawn
