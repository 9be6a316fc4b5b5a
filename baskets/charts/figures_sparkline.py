"""The frontier of one series as a sparkline."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from baskets.charts import frontier_words, palette
from baskets.charts.chart import Chart, Column, plain_layout
from baskets.charts.figures_frontier import step_line
from baskets.selectors.frontier import FrontierFacts


def sparkline_chart(facts: FrontierFacts, *, state: dict[str, str]) -> Chart:
    """The frontier of one series alone, without axes: a line, its base, and its last value."""
    line = step_line(facts)
    steps = facts.steps
    values = [step.value for step in steps] + [100.0]
    low, high = min(values), max(values)
    margin = (high - low) * 0.12 or 5.0
    end = {
        "type": "scatter",
        "mode": "markers",
        "x": line["x"][-1:],
        "y": line["y"][-1:],
        "hoverinfo": "skip",
        "marker": {
            "symbol": "circle",
            "size": 7,
            "color": palette.series_colour(facts.series),
        },
    }
    start = min(
        [step.system.released_on for step in steps] + [day for _number, day in facts.changes]
        or [facts.vintage_on - dt.timedelta(days=365)]
    )
    base = {
        "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": 100, "y1": 100,
        "layer": "below", "line": {"color": "var(--rule)", "width": 1},
    }  # fmt: skip
    hidden = {"visible": False, "showgrid": False}
    finish = dt.date.fromisoformat(line["x"][-1]) if line["x"] else facts.vintage_on
    figure = {
        "data": [line, end],
        "layout": plain_layout(
            margin={"l": 2, "r": 6, "t": 4, "b": 4},
            xaxis={
                "type": "date",
                "range": [
                    start.isoformat(),
                    (finish + dt.timedelta(days=1)).isoformat(),
                ],
                **hidden,
            },
            yaxis={
                "range": [round(low - margin, 2), round(high + margin, 2)],
                **hidden,
            },
            shapes=[base],
        ),
    }
    columns = (
        Column("system", _("System")),
        Column("released_on", _("Released"), "date"),
        Column("value", _("Index"), "points"),
    )
    return Chart(
        name="domains",
        title=frontier_words.title(facts),
        subtitle="",
        description=frontier_words.description(facts),
        wide=figure,
        narrow=figure,
        columns=columns,
        rows=tuple((s.system.name, s.system.released_on, s.value) for s in steps),
        state=state,
        wide_size=(300, 64),
        narrow_size=(300, 64),
    )
