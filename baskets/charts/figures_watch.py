"""The saturation watch: how full each eval is, what it still tells apart, when it will be full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import palette, words
from baskets.charts.chart import Cell, Chart, Column, Key
from baskets.charts.frame import Figure
from baskets.charts.rows import Row, rows_height, rows_layout, stacked
from baskets.charts.state import Control
from baskets.prose import watch as prose
from baskets.selectors.catalog import EvalName
from baskets.selectors.watch import EvalFacts

Watch = tuple[EvalName, EvalFacts]
Pairs = list[tuple[float, Watch]]

MOST = 60
"""Evals that a chart can hold; the table has all."""

CEILING = 100.0


def _short(name: str, length: int) -> str:
    return name if len(name) <= length else name[: length - 1].rstrip(" ,(") + "…"


def _placed(rows: Sequence[Watch], *, narrow: bool) -> tuple[list[Row], Pairs]:
    groups, order = [], []
    for domain in words.DOMAINS:
        inside = [row for row in rows[:MOST] if row[0].domain == domain]
        if inside:
            order += inside
            labels = [_short(item.name, 46 if narrow else 42) for item, _facts in inside]
            groups.append((words.series_name(domain), palette.series_colour(domain), labels))
    placed = stacked(groups)
    plain = [row.y for row in placed if not row.heading]
    return placed, list(zip(plain, order, strict=True))


def _hover(item: EvalName, facts: EvalFacts) -> str:
    text = prose.watch_text(facts)
    return "<br>".join([item.name, text.headroom, text.discrimination, text.full])


def _symbol(facts: EvalFacts) -> str:
    """Hollow where the newest frontier systems cannot be told apart."""
    mark = "diamond" if facts.lifecycle == "saturating" else "circle"
    return mark if facts.discrimination else f"{mark}-open"


def _marks(pairs: Pairs) -> dict[str, Any]:
    facts = [watch[1] for _y, watch in pairs]
    errors = [None if f.stderr is None else round(1.96 * f.stderr, 3) for f in facts]
    above = [_up(f, error) for f, error in zip(facts, errors, strict=True)]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None if f.points is None else round(f.points, 3) for f in facts],
        "y": [y for y, _watch in pairs],
        "hoverinfo": "text",
        "hovertext": [_hover(*watch) for _y, watch in pairs],
        "marker": {
            "symbol": [_symbol(f) for f in facts],
            "color": [palette.series_colour(watch[0].domain) for _y, watch in pairs],
            "size": 10,
        },
        "error_x": {
            "type": "data", "symmetric": False, "array": above, "arrayminus": errors,
            "color": "var(--ink-soft)", "thickness": 1.25, "width": 0,
        },
    }  # fmt: skip


def _up(facts: EvalFacts, error: float | None) -> float | None:
    """The upper half of an interval, which ends at the ceiling where nothing can lie above it."""
    if error is None or facts.points is None or not facts.bounded:
        return error
    return round(min(error, max(CEILING - facts.points, 0.0)), 3)


def _rooms(pairs: Pairs) -> dict[str, Any]:
    """A thin line over the headroom, from the frontier to the ceiling."""
    x: list[float | None] = []
    y: list[float | None] = []
    for at, (_item, facts) in pairs:
        if facts.points is not None:
            x += [round(facts.points, 3), CEILING, None]
            y += [at, at, None]
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip",
        "line": {"color": "var(--rule-strong)", "width": 1, "dash": "dot"},
    }  # fmt: skip


def when(facts: EvalFacts) -> str:
    """The date of saturation as years: `2027 (2026 to 2029)`; a dash where none is given.

    One year where the whole interval lies in it.
    """
    full = facts.full
    if full.on is None:
        return "–"
    if full.reason == "reached":
        return _("reached %(year)s") % {"year": full.on.year}
    low, high = full.low, full.high
    ends = {"on": full.on.year, "low": low and low.year, "high": high and high.year}
    if low and high:
        return _("%(on)s (%(low)s to %(high)s)") % ends if low.year < high.year else str(ends["on"])
    if low:
        return _("%(on)s (from %(low)s)") % ends
    return _("%(on)s (to %(high)s)") % ends if high else _("%(on)s (open)") % ends


def _dates(pairs: Pairs) -> list[dict[str, Any]]:
    """The date of saturation at the right edge of every row."""
    return [
        {
            "text": when(facts), "xref": "paper", "yref": "y", "x": 1, "y": y, "xanchor": "left",
            "xshift": 10, "yanchor": "middle", "showarrow": False,
            "font": {"size": 11, "color": "var(--ink)"},
        }
        for y, (_item, facts) in pairs
    ]  # fmt: skip


def _head() -> dict[str, Any]:
    return {
        "text": _("full in (95%)"), "xref": "paper", "yref": "y", "x": 1, "y": -0.75,
        "xanchor": "left", "xshift": 10, "yanchor": "middle", "showarrow": False,
        "font": {"size": 11, "color": "var(--ink-soft)"},
    }  # fmt: skip


def _bounds(pairs: Pairs) -> tuple[float, float]:
    values = [f.points for _y, (_item, f) in pairs if f.points is not None]
    low, high = min([0.0, *values]), max([CEILING, *values])
    return round(low - 2, 1), round(high + 2, 1)


def _title(*, narrow: bool) -> str:
    # Beside the column of dates a phone has no room for more; the words above the chart have it.
    if narrow:
        return _("points between goalposts")
    return _("points between goalposts, frontier of the eval")


def _figure(rows: Sequence[Watch], *, narrow: bool) -> Figure:
    placed, pairs = _placed(rows, narrow=narrow)
    layout = rows_layout(
        placed,
        narrow=narrow,
        bounds=_bounds(pairs),
        title=_title(narrow=narrow),
        left=292,
        right=120,
    )
    layout["margin"]["r"] = 126 if narrow else 132
    layout["shapes"].append(
        {
            "type": "line", "xref": "x", "yref": "paper", "x0": CEILING, "x1": CEILING, "y0": 0,
            "y1": 1, "layer": "below", "line": {"color": "var(--rule-strong)", "width": 1},
        }
    )  # fmt: skip
    layout["annotations"] += [*_dates(pairs), _head()]
    return {"data": [_rooms(pairs), _marks(pairs)], "layout": layout}


def _columns() -> tuple[Column, ...]:
    return (
        Column("eval", _("Eval")),
        Column("domain", _("Domain"), "series"),
        Column("lifecycle", _("Stage"), note=_("Active, or saturating: nearly full")),
        Column("frontier", _("Frontier"), note=_("The best system that was measured on it")),
        Column("points", _("Its points"), "points", note=_("Points between the goalposts")),
        Column("stderr", _("Standard error"), "points", note=_("Standard error of the points")),
        Column("headroom", _("Headroom, points"), "points", note=_("Points up to the ceiling")),
        Column("discrimination", _("Pairs told apart"), "share",
               note=_("Share of the pairs of the newest frontier systems that differ by more than "
                      "their errors, 0 to 1")),
        Column("full_on", _("Full on"), "date", note=_("Fitted date of saturation")),
        Column("full_low", _("95% from"), "date", note=_("Earliest; empty where open")),
        Column("full_high", _("to"), "date", note=_("Latest; empty where open")),
    )  # fmt: skip


def _cells(item: EvalName, facts: EvalFacts) -> tuple[Cell, ...]:
    frontier = facts.frontier.name if facts.frontier else ""
    names = (item.name, item.domain, prose.lifecycle_name(facts.lifecycle), frontier)
    numbers = (facts.points, facts.stderr, facts.headroom, facts.discrimination)
    return (*names, *numbers, facts.full.on, facts.full.low, facts.full.high)


def watch_chart(
    rows: Sequence[Watch], *, state: dict[str, str], controls: tuple[Control, ...] = ()
) -> Chart:
    """Evals by headroom, the fullest first. Needs at least one."""
    placed, _pairs = _placed(rows, narrow=False)
    full = sum(facts.lifecycle == "saturating" for _item, facts in rows)
    blunt = sum(not facts.discrimination for _item, facts in rows)
    counts = {"full": full, "all": len(rows), "blunt": blunt}
    return Chart(
        name="saturation",
        title=_("%(full)s of %(all)s counted evals are nearly full") % counts,
        subtitle=_(
            "Where the best system stands between an eval's goalposts, with its 95%% interval, and "
            "what is left up to 100. On %(blunt)s of %(all)s evals the newest frontier systems "
            "cannot be told apart (hollow)."
        )
        % counts,
        description=_("%(all)s evals, the fullest first in each domain; the table has all.")
        % counts,
        wide=_figure(rows, narrow=False),
        narrow=_figure(rows, narrow=True),
        columns=_columns(),
        rows=tuple(_cells(*row) for row in rows),
        state=state,
        controls=controls,
        keys=(
            Key("circle", "var(--ink)", _("active")),
            Key("diamond", "var(--ink)", _("saturating")),
            Key("circle-open", "var(--ink)", _("tells no pair apart (hollow)")),
        ),
        wide_size=(960, rows_height(placed, narrow=False)),
        narrow_size=(400, rows_height(placed, narrow=True)),
        unit=_("points between goalposts"),
        interval=_("95%, from the frontier's error of measurement"),
    )
