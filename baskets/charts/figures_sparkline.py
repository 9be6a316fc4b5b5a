"""The frontier of one series as a sparkline."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from baskets.charts import frontier_words, palette
from baskets.charts.chart import Chart, Column, plain_layout
from baskets.charts.figures_frontier import step_line
from baskets.charts.frame import Figure
from baskets.charts.state import Look
from baskets.selectors.frontier import FrontierFacts

HIDDEN = {"visible": False, "showgrid": False}
SIZE = (300, 64)


def _days(facts: FrontierFacts) -> list[str]:
    """From the first step or basket to the day after the vintage."""
    days = [step.system.released_on for step in facts.steps]
    days += [day for _number, day in facts.changes]
    start = min(days, default=facts.vintage_on - dt.timedelta(days=365))
    finish = max([facts.vintage_on, *days]) + dt.timedelta(days=1)
    return [start.isoformat(), finish.isoformat()]


def _heights(facts: FrontierFacts) -> list[float]:
    values = [step.value for step in facts.steps] + [100.0]
    margin = (max(values) - min(values)) * 0.12 or 5.0
    return [round(min(values) - margin, 2), round(max(values) + margin, 2)]


def _figure(facts: FrontierFacts) -> Figure:
    line = step_line(facts)
    colour = palette.series_colour(facts.series)
    end = {
        "type": "scatter", "mode": "markers", "hoverinfo": "skip", "x": line["x"][-1:],
        "y": line["y"][-1:], "marker": {"symbol": "circle", "size": 7, "color": colour},
    }  # fmt: skip
    base = {
        "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": 100, "y1": 100,
        "layer": "below", "line": {"color": "var(--rule)", "width": 1},
    }  # fmt: skip
    layout = plain_layout(
        margin={"l": 2, "r": 6, "t": 4, "b": 4},
        xaxis={"type": "date", "range": _days(facts), **HIDDEN},
        yaxis={"range": _heights(facts), **HIDDEN},
        shapes=[base],
    )
    return {"data": [line, end], "layout": layout}


def sparkline_chart(facts: FrontierFacts, *, state: dict[str, str]) -> Chart:
    """The frontier of one series alone, without axes: a line, its base, and its last value."""
    columns = (
        Column("system", _("System")),
        Column("released_on", _("Released"), "date"),
        Column("value", _("Index"), "points"),
    )
    figure = _figure(facts)
    return Chart(
        name="domains",
        title=frontier_words.title(facts),
        subtitle="",
        description=frontier_words.course(facts, Look()),
        wide=figure,
        narrow=figure,
        columns=columns,
        rows=tuple((s.system.name, s.system.released_on, s.value) for s in facts.steps),
        state=state,
        wide_size=SIZE,
        narrow_size=SIZE,
        unit=_("index points, %(base)s = 100") % {"base": facts.base},
        interval=_("none here: the frontier chart has them"),
    )
