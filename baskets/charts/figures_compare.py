"""Some systems side by side: one panel each over the same domains and subdomains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from baskets.charts import palette, words
from baskets.charts.chart import Cell, Chart, Column, Key, plain_axis
from baskets.charts.frame import Figure
from baskets.charts.rows import Row, rows_height, rows_layout, stacked
from baskets.selectors.comparing import Compared, LeadRow, Standing

LEFT, GAP = 230, 0.03
TOPS = ("headline", "balanced", *words.DOMAINS)


def _hover(name: str, series: str, value: Standing) -> str:
    bounds = words.interval(value.low, value.high)
    number = words.points(value.value) + (f" (95%: {bounds})" if bounds else "")
    lines = [name, f"{words.series_name(series)}: {number}"]
    if not value.official:
        lines.append(_("provisional: not enough evidence to count"))
    return "<br>".join(lines)


def _trace(name: str, shown: list[tuple[float, str, Standing]], symbol: str) -> dict[str, Any]:
    values = [value for _y, _series, value in shown]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [round(value.value, 3) for value in values],
        "y": [y for y, _series, _value in shown],
        "hoverinfo": "text",
        "hovertext": [_hover(name, series, value) for _y, series, value in shown],
        "marker": {
            "symbol": [symbol if value.official else f"{symbol}-open" for value in values],
            "color": [palette.series_colour(series) for _y, series, _value in shown],
            "size": [8 if "/" in series else 11 for _y, series, _value in shown],
            "opacity": 1,
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [None if v.high is None else round(v.high - v.value, 3) for v in values],
            "arrayminus": [None if v.low is None else round(v.value - v.low, 3) for v in values],
            "color": "var(--rule-strong)",
            "thickness": 1,
            "width": 0,
        },
    }


def _bounds(rows: Sequence[LeadRow]) -> list[float]:
    values = [v for row in rows for v in row.values if v is not None]
    ends = [e for v in values for e in (v.value, v.low, v.high) if e is not None] + [100.0]
    low, high = min(ends), max(ends)
    margin = (high - low) * 0.06 or 5.0
    return [round(low - margin, 1), round(high + margin, 1)]


def _series_groups(rows: Sequence[LeadRow]) -> list[tuple[str, str, list[LeadRow]]]:
    heads = [row for row in rows if row.series in ("headline", "balanced")]
    groups = [(_("Headlines"), "var(--ink)", heads)] if heads else []
    for domain in words.DOMAINS:
        inside = [row for row in rows if row.series.split("/")[0] == domain]
        if inside:
            groups.append((words.series_name(domain), palette.series_colour(domain), inside))
    return groups


def _label(series: str) -> str:
    return _("whole domain") if series in words.DOMAINS else words.series_name(series)


def _wide(systems: Sequence[Compared], rows: Sequence[LeadRow]) -> tuple[Figure, list[Row]]:
    """One panel a system, all over the same rows and on the same scale."""
    groups = _series_groups(rows)
    placed = stacked([(h, c, [_label(r.series) for r in inside]) for h, c, inside in groups])
    at = [row.y for row in placed if not row.heading]
    order = [row for _h, _c, inside in groups for row in inside]
    bounds = _bounds(order)
    layout = rows_layout(
        placed, narrow=False, bounds=(bounds[0], bounds[1]), title="", left=LEFT, right=16
    )
    layout["margin"]["t"] = 34
    wide = (1 - GAP * (len(systems) - 1)) / len(systems)
    data = []
    for n, one in enumerate(systems):
        suffix = str(n + 1) if n else ""
        start = n * (wide + GAP)
        layout[f"xaxis{suffix}"] = plain_axis(
            range=bounds, domain=[round(start, 4), round(start + wide, 4)], anchor="y", nticks=4
        )
        shown = [(y, r.series, v) for y, r in zip(at, order, strict=True) if (v := r.values[n])]
        symbol = palette.developer_mark(one.name.developer_slug)
        data.append({**_trace(one.name.name, shown, symbol), "xaxis": f"x{suffix}", "yaxis": "y"})
        layout["annotations"].append(_panel_name(one, f"x{suffix}", len(systems)))
        if lack := _lack(one, [value for _y, _series, value in shown]):
            layout["annotations"].append(_said(lack, f"x{suffix}", placed[0].y))
        else:
            layout["shapes"].append(_hundred(f"x{suffix}"))
    return {"data": data, "layout": layout}, placed


def _lack(one: Compared, shown: Sequence[Standing | None]) -> str:
    """Why nothing is drawn of a system; empty where something is."""
    if any(shown):
        return ""
    return _("no shared series") if one.values else _("no value")


def _said(text: str, ref: str, y: float) -> dict[str, Any]:
    """Words in a panel without marks, in the row of the first heading, which has no line."""
    return {
        "text": text, "xref": f"{ref} domain", "yref": "y", "x": 0, "y": y, "xanchor": "left",
        "yanchor": "middle", "showarrow": False, "font": {"size": 12, "color": "var(--ink-soft)"},
    }  # fmt: skip


def _panel_name(one: Compared, ref: str, panels: int) -> dict[str, Any]:
    most = 200 // panels + 4
    name = one.name.name
    return {
        "text": name if len(name) <= most else name[: most - 1].rstrip() + "…",
        "xref": f"{ref} domain", "yref": "paper", "x": 0, "y": 1, "xanchor": "left",
        "yanchor": "bottom", "yshift": 6, "showarrow": False,
        "font": {"size": 12, "weight": 600, "color": "var(--ink)"},
    }  # fmt: skip


def _hundred(ref: str) -> dict[str, Any]:
    """The base, 100, as a line of a panel."""
    return {
        "type": "line", "xref": ref, "yref": "paper", "x0": 100, "x1": 100, "y0": 0, "y1": 1,
        "layer": "below", "line": {"color": "var(--rule-strong)", "width": 1},
    }  # fmt: skip


def _narrow(systems: Sequence[Compared], rows: Sequence[LeadRow]) -> tuple[Figure, list[Row]]:
    """One row a system under each headline and domain; last those of which nothing is drawn."""
    tops = [row for row in rows if row.series in TOPS] or list(rows)
    groups = [
        (
            words.series_name(row.series),
            palette.series_colour(row.series),
            [n for n, value in enumerate(row.values) if value is not None],
        )
        for row in tops
    ]
    placed = stacked(
        [
            *((h, c, [systems[n].name.name for n in inside]) for h, c, inside in groups),
            *_lacking(systems, rows),
        ]
    )
    at = iter([row.y for row in placed if not row.heading])
    found: dict[int, list[tuple[float, str, Standing]]] = {}
    for row, (_head, _colour, inside) in zip(tops, groups, strict=True):
        for n in inside:
            value = row.values[n]
            assert value is not None
            found.setdefault(n, []).append((next(at), row.series, value))
    bounds = _bounds(tops)
    layout = rows_layout(placed, narrow=True, bounds=(bounds[0], bounds[1]), title=_("index"))
    layout["shapes"].append(_hundred("x"))
    data = [
        _trace(systems[n].name.name, shown, palette.developer_mark(systems[n].name.developer_slug))
        for n, shown in found.items()
    ]
    return {"data": data, "layout": layout}, placed


def _lacking(
    systems: Sequence[Compared], rows: Sequence[LeadRow]
) -> list[tuple[str, str, list[str]]]:
    """The systems of which nothing is drawn, under what they lack."""
    found: dict[str, list[str]] = {}
    for n, one in enumerate(systems):
        if lack := _lack(one, [row.values[n] for row in rows]):
            found.setdefault(capfirst(lack), []).append(one.name.name)
    return [(lack, "var(--ink-soft)", names) for lack, names in found.items()]


def _columns(systems: Sequence[Compared]) -> tuple[Column, ...]:
    columns = [Column("series", _("Domain or subdomain"), "series")]
    for n, one in enumerate(systems, start=1):
        name = {"system": one.name.name}
        low = _("Lower end of the 95%% interval of %(system)s; empty where it is not known") % name
        high = _("Upper end of the 95%% interval of %(system)s; empty where it is not known") % name
        columns += [
            Column(f"value_{n}", one.name.name, "points", note=_("Index of %(system)s") % name),
            Column(f"low_{n}", _("95% from"), "points", note=low),
            Column(f"high_{n}", _("to"), "points", note=high),
        ]
    leads = _("The system with the highest value; empty where two share it")
    return (*columns, Column("leader", _("Leads"), note=leads))


def _cells(row: LeadRow) -> tuple[Cell, ...]:
    values: list[Cell] = []
    for value in row.values:
        values += [value.value, value.low, value.high] if value else [None, None, None]
    return (row.series, *values, row.leader.name if row.leader else "")


def comparison_chart(
    systems: Sequence[Compared], rows: Sequence[LeadRow], *, base: str, state: dict[str, str]
) -> Chart:
    """The profiles of two to six systems. Needs at least one series in which two have a value."""
    wide, wide_rows = _wide(systems, rows)
    narrow, narrow_rows = _narrow(systems, rows)
    names = ", ".join(one.name.name for one in systems)
    return Chart(
        name="comparison",
        title=_("Profiles of %(systems)s") % {"systems": names},
        subtitle=_(
            "Index by domain and subdomain, %(base)s = 100, with 95%% intervals; one panel a "
            "system, on the same scale. Hollow marks are provisional."
        )
        % {"base": base},
        description=_("%(count)s series; the table has every value.") % {"count": len(rows)},
        wide=wide,
        narrow=narrow,
        columns=_columns(systems),
        rows=tuple(_cells(row) for row in rows),
        state=state,
        keys=(Key("circle-open", "var(--ink)", _("provisional (hollow)")),),
        wide_size=(960, rows_height(wide_rows, narrow=False) + 24),
        narrow_size=(400, rows_height(narrow_rows, narrow=True) if narrow_rows else 200),
        unit=_("index points"),
        interval=_("95%, from errors of measurement and filling"),
    )
