"""A system's profile: one row per domain and subdomain, dots on one scale."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import frontier_words, palette, words
from baskets.charts.chart import Cell, Chart, Column, Key
from baskets.charts.frame import Figure
from baskets.charts.rows import Row, rows_height, rows_layout, stacked
from baskets.selectors.profile import ProfileFacts, ProfileRow

Pairs = list[tuple[float, ProfileRow]]


def _hover(row: ProfileRow) -> str:
    bounds = words.interval(row.low, row.high)
    value = words.points(row.value) + (f" (95%: {bounds})" if bounds else "")
    lines = [f"{words.series_name(row.series)}: {value}"]
    lines.append(_("coverage %(share)s") % {"share": words.percent(row.coverage)})
    if not row.official:
        lines.append(_("provisional: not enough evidence to count"))
    return "<br>".join(lines)


def _trace(pairs: Pairs, values: list[float | None]) -> dict[str, Any]:
    kept = [(y, row, v) for (y, row), v in zip(pairs, values, strict=True) if v is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [round(value, 3) for _y, _row, value in kept],
        "y": [y for y, _row, _value in kept],
        "hoverinfo": "text",
    }


def _own(pairs: Pairs) -> dict[str, Any]:
    return {
        **_trace(pairs, [row.value for _y, row in pairs]),
        "hovertext": [_hover(row) for _y, row in pairs],
        "marker": {
            "symbol": ["circle" if row.official else "circle-open" for _y, row in pairs],
            "color": [palette.series_colour(row.series) for _y, row in pairs],
            "size": [12 if "/" not in row.series else 9 for _y, row in pairs],
            # Plotly would draw marks of several sizes as bubbles that one can see through.
            "opacity": 1,
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [None if r.high is None else round(r.high - r.value, 3) for _y, r in pairs],
            "arrayminus": [None if r.low is None else round(r.value - r.low, 3) for _y, r in pairs],
            "color": "var(--rule-strong)",
            "thickness": 1,
            "width": 0,
        },
    }


def _placed(facts: ProfileFacts) -> tuple[list[Row], Pairs]:
    """The rows of the chart, and each value with the height of its row."""
    groups, order = [], []
    for domain in words.DOMAINS:
        rows = [row for row in facts.rows if row.series.split("/")[0] == domain]
        rows.sort(key=lambda row: ("/" in row.series, row.series))
        if rows:
            order += rows
            labels = [
                _("whole domain") if row.series == domain else words.series_name(row.series)
                for row in rows
            ]
            groups.append((words.series_name(domain), palette.series_colour(domain), labels))
    placed = stacked(groups)
    plain = [row.y for row in placed if not row.heading]
    return placed, list(zip(plain, order, strict=True))


def _best(pairs: Pairs) -> dict[str, Any]:
    trace = _trace(pairs, [row.best for _y, row in pairs])
    label = _("highest official value: %(value)s")
    trace["hovertext"] = [label % {"value": words.points(value)} for value in trace["x"]]
    trace["marker"] = {"symbol": "line-ns-open", "color": "var(--rule-strong)", "size": 12}
    return trace


def _compared(pairs: Pairs, name: str) -> dict[str, Any]:
    trace = _trace(pairs, [row.against for _y, row in pairs])
    trace["hovertext"] = [f"{name}: {words.points(value)}" for value in trace["x"]]
    trace["marker"] = {"symbol": "diamond-open", "color": "var(--ink-soft)", "size": 9}
    return trace


def _bounds(pairs: Pairs) -> tuple[float, float]:
    values = [value for _y, row in pairs for value in (row.value, row.high, row.best, row.against)]
    known = [value for value in values if value is not None] + [100.0, 0.0]
    margin = (max(known) - min(known)) * 0.03
    return round(min(known) - margin, 1), round(max(known) + margin, 1)


def _figure(facts: ProfileFacts, *, narrow: bool) -> Figure:
    placed, pairs = _placed(facts)
    data = [_best(pairs)]
    if facts.against:
        data.append(_compared(pairs, facts.against))
    layout = rows_layout(
        placed,
        narrow=narrow,
        bounds=_bounds(pairs),
        title=_("index, %(base)s = 100") % {"base": facts.base},
        left=250,
    )
    layout["shapes"].append(
        {
            "type": "line", "xref": "x", "yref": "paper", "x0": 100, "x1": 100, "y0": 0, "y1": 1,
            "layer": "below", "line": {"color": "var(--rule-strong)", "width": 1},
        }
    )  # fmt: skip
    return {"data": [*data, _own(pairs)], "layout": layout}


def _keys(facts: ProfileFacts) -> tuple[Key, ...]:
    other = [Key("diamond-open", "var(--ink-soft)", facts.against)] if facts.against else []
    return (
        Key("circle", "var(--ink)", facts.system),
        Key("circle-open", "var(--ink)", _("provisional (hollow)")),
        *other,
        Key("line-ns-open", "var(--rule-strong)", _("highest official value")),
    )


def _columns(facts: ProfileFacts) -> tuple[Column, ...]:
    return (
        Column("series", _("Domain or subdomain"), "series"),
        Column("value", _("Index"), "points"),
        Column("low", _("95% from"), "points"),
        Column("high", _("to"), "points"),
        Column("coverage", _("Coverage"), "share"),
        Column("official", _("Status"), "status"),
        Column("against", facts.against or _("Predecessor"), "points"),
        Column("best", _("Highest official"), "points"),
    )


def _cells(row: ProfileRow) -> tuple[Cell, ...]:
    ends = (row.value, row.low, row.high)
    return (row.series, *ends, row.coverage, row.official, row.against, row.best)


def profile_chart(facts: ProfileFacts, *, state: dict[str, str]) -> Chart:
    """The profile of one system. Needs at least one row."""
    placed, _pairs = _placed(facts)
    return Chart(
        name="system-profile",
        title=_("Where %(system)s is strong and weak") % {"system": facts.system},
        subtitle=_(
            "Index by domain and subdomain, %(base)s = 100. Domains and subdomains are linked "
            "separately, so subdomains do not average to their domain."
        )
        % {"base": facts.base},
        description=_("%(count)s values; the table has every one.") % {"count": len(facts.rows)},
        wide=_figure(facts, narrow=False),
        narrow=_figure(facts, narrow=True),
        columns=_columns(facts),
        rows=tuple(_cells(row) for row in facts.rows),
        state=state,
        keys=_keys(facts),
        wide_size=(960, rows_height(placed, narrow=False)),
        narrow_size=(400, rows_height(placed, narrow=True)),
        unit=_("index points, %(base)s = 100") % {"base": facts.base},
        interval=frontier_words.interval(),
    )
