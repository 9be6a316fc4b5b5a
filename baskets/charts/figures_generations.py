"""Index by generation: one small panel per developer on a common scale."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import frontier_words, palette, words
from baskets.charts.axes import value_range
from baskets.charts.chart import Chart, Column, plain_axis, plain_layout
from baskets.charts.frame import Figure
from baskets.charts.state import Control, Look
from baskets.selectors.generations import GenerationFacts, GenerationPoint

PANELS = 12
Group = tuple[GenerationPoint, ...]


def _hover(point: GenerationPoint) -> str:
    bounds = words.interval(point.low, point.high)
    value = words.points(point.value) + (f" (95%: {bounds})" if bounds else "")
    lines = [point.system.generation, f"{point.system.name}, {value}"]
    if not point.official:
        lines.append(_("provisional: not enough evidence to count"))
    return "<br>".join(lines)


def _panel_traces(
    points: Group, facts: GenerationFacts, number: int, first: dt.date
) -> list[dict[str, Any]]:
    ids = {"xaxis": f"x{number}", "yaxis": f"y{number}"} if number > 1 else {}
    slug = points[0].system.developer_slug
    colour, mark = palette.developer_colour(slug), palette.developer_mark(slug)
    official = [point for point in points if point.official]
    frontier = {
        "type": "scatter", "mode": "lines", "hoverinfo": "skip", **ids,
        "x": [max(step.system.released_on, first).isoformat() for step in facts.steps],
        "y": [round(step.value, 3) for step in facts.steps],
        "line": {"color": "var(--rule-strong)", "width": 1, "shape": "hv"},
    }  # fmt: skip
    line = {
        "type": "scatter", "mode": "lines", "hoverinfo": "skip", **ids,
        "x": [point.system.released_on.isoformat() for point in official],
        "y": [round(point.value, 3) for point in official],
        "line": {"color": colour, "width": 2},
    }  # fmt: skip
    marks = {
        "type": "scatter", "mode": "markers", "hoverinfo": "text", **ids,
        "x": [point.system.released_on.isoformat() for point in points],
        "y": [round(point.value, 3) for point in points],
        "hovertext": [_hover(point) for point in points],
        "marker": {
            "symbol": [mark if point.official else f"{mark}-open" for point in points],
            "color": colour,
            "size": 8,
        },
    }  # fmt: skip
    return [frontier, line, marks]


def _ranges(facts: GenerationFacts, look: Look) -> tuple[list[str], list[float]]:
    points = [point for _system, group in facts.developers for point in group]
    days = [point.system.released_on for point in points]
    days += [step.system.released_on for step in facts.steps]
    values = [point.value for point in points] + [step.value for step in facts.steps]
    across = [
        (look.start or min(days) - dt.timedelta(days=60)).isoformat(),
        (max(days) + dt.timedelta(days=60)).isoformat(),
    ]
    if look.log:
        logs = [math.log10(value) for value in values if value > 0]
        return across, [round(min(logs) - 0.05, 4), round(max(logs) + 0.12, 4)]
    return across, value_range(values, head=0.15, anchor=None if look.start else 100.0)


def _seen(facts: GenerationFacts, look: Look) -> GenerationFacts:
    """The generations in the range that the scale can show, and the frontier beside them."""
    first = look.start or dt.date.min

    def shown(points: Group) -> Group:
        return tuple(
            point
            for point in points
            if point.system.released_on >= first and (point.value > 0 or not look.log)
        )

    groups = [(system, shown(points)) for system, points in facts.developers]
    entering = [step for step in facts.steps if step.system.released_on < first][-1:]
    later = [step for step in facts.steps if step.system.released_on >= first]
    return replace(
        facts,
        developers=tuple(group for group in groups if group[1]),
        steps=tuple(s for s in (*entering, *later) if s.value > 0 or not look.log),
    )


def _panel_labels(points: Group, number: int, look: Look) -> list[dict[str, Any]]:
    """The developer's name above the panel, and the newest value that counts beside its mark."""
    xref, yref = (f"x{number}", f"y{number}") if number > 1 else ("x", "y")
    best = [point for point in points if point.official] or list(points)
    newest = max(best, key=lambda point: point.value)
    return [
        {
            "text": points[0].system.developer, "xref": f"{xref} domain", "yref": f"{yref} domain",
            "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 4,
            "showarrow": False, "font": {"size": 13, "color": "var(--ink)", "weight": 600},
        },
        {
            "name": "mark", "text": f"{newest.system.generation} {words.points(newest.value, 0)}",
            "xref": xref, "yref": yref, "x": newest.system.released_on.isoformat(),
            "y": round(math.log10(newest.value), 5) if look.log else round(newest.value, 3),
            "showarrow": False,
            "font": {"size": 11, "color": "var(--ink)"},
        },
    ]  # fmt: skip


def _figure(facts: GenerationFacts, look: Look, *, across: int) -> Figure:
    groups = [points for _system, points in facts.developers[:PANELS]]
    down = math.ceil(len(groups) / across)
    days, bounds = _ranges(facts, look)
    layout = plain_layout(margin={"l": 36, "r": 14, "t": 26, "b": 28}, annotations=[])
    data: list[dict[str, Any]] = []
    gap_x, gap_y = 0.05, 0.3 / (down + 0.3)
    wide = (1 - gap_x * (across - 1)) / across
    high = (1 - gap_y * (down - 1)) / down if down > 1 else 1.0
    for index, points in enumerate(groups):
        column, row = index % across, index // across
        number = index + 1
        suffix = str(number) if number > 1 else ""
        left, top = column * (wide + gap_x), 1 - row * (high + gap_y)
        layout[f"xaxis{suffix}"] = plain_axis(
            type="date", range=days, domain=[round(left, 4), round(left + wide, 4)],
            anchor=f"y{suffix}", showgrid=False, nticks=3,
            showticklabels=row == down - 1 or index + across >= len(groups),
        )  # fmt: skip
        layout[f"yaxis{suffix}"] = plain_axis(
            type="log" if look.log else "linear", range=bounds,
            domain=[round(max(top - high, 0), 4), round(top, 4)],
            anchor=f"x{suffix}", nticks=3, showticklabels=column == 0,
        )  # fmt: skip
        data += _panel_traces(points, facts, number, look.start or dt.date.min)
        layout["annotations"] += _panel_labels(points, number, look)
    return {"data": data, "layout": layout}


def _rows(facts: GenerationFacts) -> tuple[tuple[Any, ...], ...]:
    return tuple(
        (
            point.system.developer,
            point.system.generation,
            point.system.name,
            point.system.released_on,
            point.value,
            point.low,
            point.high,
            point.official,
        )
        for _system, points in facts.developers
        for point in points
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column("developer", _("Developer")),
        Column("generation", _("Generation")),
        Column("system", _("Its best system")),
        Column("released_on", _("Released"), "date"),
        Column("value", _("Index"), "points"),
        Column("low", _("95% from"), "points"),
        Column("high", _("to"), "points"),
        Column("official", _("Status"), "status"),
    )


def _title(facts: GenerationFacts) -> str:
    """The finding: whose newest generations stand highest."""
    best = [
        max(
            (point for point in points if point.official),
            key=lambda point: point.value,
            default=None,
        )
        for _maker, points in facts.developers
    ]
    ranked = sorted((point for point in best if point), key=lambda point: -point.value)
    said = {"series": words.series_name(facts.series)}
    if len(ranked) < 2:
        return _("%(series)s by generation, developer by developer") % said
    for place, point in zip(("first", "second"), ranked, strict=False):
        said[place] = point.system.generation
        said[f"{place}_maker"] = point.system.developer
        said[f"{place}_value"] = words.points(point.value, 0)
    return _(
        "%(series)s: %(first)s of %(first_maker)s stands highest at %(first_value)s, "
        "%(second)s of %(second_maker)s follows at %(second_value)s"
    ) % said  # fmt: skip


def generations_chart(
    facts: GenerationFacts,
    *,
    look: Look | None = None,
    state: dict[str, str],
    controls: tuple[Control, ...] = (),
) -> Chart:
    """One panel per developer, at most twelve. Needs at least one developer."""
    look = look or Look()
    seen = _seen(facts, look)
    # A range in which nothing came out would leave no panel to say so.
    facts, look = (seen, look) if seen.developers else (facts, Look())
    shown = min(len(facts.developers), PANELS)
    return Chart(
        name="generations",
        title=_title(facts),
        subtitle=_(
            "Index of each generation's best system by release date, %(base)s = 100. The grey "
            "step line is the frontier of all developers. Hollow marks are provisional."
        )
        % {"base": facts.base},
        description=_("%(count)s panels, one per developer; the table has every value.")
        % {"count": shown},
        wide=_figure(facts, look, across=4),
        narrow=_figure(facts, look, across=2),
        columns=_columns(),
        rows=_rows(facts),
        state=state,
        wide_size=(960, 40 + 170 * math.ceil(shown / 4)),
        narrow_size=(400, 40 + 140 * math.ceil(shown / 2)),
        unit=_("index points, %(base)s = 100") % {"base": facts.base},
        interval=frontier_words.interval(),
        controls=controls,
    )
