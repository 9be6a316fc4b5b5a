"""The frontier of one series over time."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import frontier_marks, frontier_words, palette
from baskets.charts.axes import value_range
from baskets.charts.chart import Chart, plain_axis, plain_layout
from baskets.charts.figures_rise import rise_chart
from baskets.charts.frame import Figure
from baskets.charts.frontier_labels import labels
from baskets.charts.frontier_marks import Tips
from baskets.charts.frontier_view import BASE, since_base, windowed
from baskets.charts.state import Control, Look
from baskets.selectors.frontier import FrontierFacts, Mark


def step_line(facts: FrontierFacts, start: dt.date | None = None) -> dict[str, Any]:
    """The frontier as a line of steps from `start` on that runs on to the vintage date."""
    first = start or dt.date.min
    days = [max(step.system.released_on, first).isoformat() for step in facts.steps]
    values = [round(step.value, 3) for step in facts.steps]
    if values:
        last = max(facts.vintage_on, facts.steps[-1].system.released_on)
        days.append(last.isoformat())
        values.append(values[-1])
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _("frontier"),
        "x": days,
        "y": values,
        "hoverinfo": "skip",
        "line": {
            "color": palette.series_colour(facts.series),
            "width": 2.5,
            "shape": "hv",
        },
    }


def _changes(facts: FrontierFacts, start: dt.date, narrow: bool) -> tuple[list[Any], list[Any]]:
    """Hairlines where a basket version took effect, each with its number at the top."""
    shapes, labels = [], []
    for index, (number, day) in enumerate(facts.changes):
        words = str(number) if narrow and index else _("basket %(number)s") % {"number": number}
        at = max(day, start).isoformat()
        shapes.append(
            {
                "type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1,
                "layer": "below",
                "line": {"color": "var(--rule-strong)", "width": 1, "dash": "dot"},
            }
        )  # fmt: skip
        labels.append(
            {
                "name": "row", "text": words, "xref": "x", "yref": "paper",
                "x": at, "y": 1, "xanchor": "left", "yanchor": "bottom", "xshift": 0, "yshift": 2,
                "showarrow": False, "font": {"size": 11, "color": "var(--ink-soft)"},
            }
        )  # fmt: skip
    return shapes, labels


def _days(facts: FrontierFacts, look: Look, marks: list[Mark]) -> list[str]:
    days = [mark.system.released_on for mark in marks]
    start = look.start or min(days) - dt.timedelta(days=30)
    end = max([*days, facts.vintage_on]) + dt.timedelta(days=40)
    return [start.isoformat(), end.isoformat()]


def _heights(facts: FrontierFacts, look: Look, marks: list[Mark]) -> list[float]:
    """The range of the values: the base is in view where the whole time is."""
    ends = [
        bound
        for mark in marks
        for bound in ((mark.low, mark.high) if mark.official else (None,))
        if bound is not None and (bound > 0 or not look.log)
    ]
    values = [mark.value for mark in marks] + ends + [step.value for step in facts.steps]
    base = _base(look)
    if look.log:
        values += [base] if look.start is None or not values else []
        logs = [math.log10(value) for value in values if value > 0]
        return [round(min(logs) - 0.04, 4), round(max(logs) + 0.05, 4)]
    return value_range(values, anchor=base if look.start is None else None)


def _base(look: Look) -> float:
    return 0.0 if look.view == "since-base" else BASE


def _base_line(look: Look, bounds: list[float]) -> list[dict[str, Any]]:
    """The line at the base, where it is in view."""
    at = _base(look)
    low, high = (10**bound for bound in bounds) if look.log else bounds
    if not low <= at <= high:
        return []
    return [
        {
            "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": at, "y1": at,
            "layer": "below", "line": {"color": "var(--rule-strong)", "width": 1},
        }
    ]  # fmt: skip


def _traces(
    facts: FrontierFacts, marks: list[Mark], look: Look, tips: Tips, *, narrow: bool
) -> list[dict[str, Any]]:
    """What was not chosen in grey behind the rest, provisional systems behind the frontier."""
    named = {slug for slug, _name in look.focus.systems}
    near = [mark for mark in marks if look.focus.has(mark.system)]
    # What was chosen by name lies on top.
    near.sort(key=lambda mark: mark.system.slug in named)
    behind = [] if look.focus.alone else [m for m in marks if not look.focus.has(m.system)]
    size = (7 if narrow else 9) + (2 if look.focus else 0)
    return [
        *([frontier_marks.faded(behind, tips)] if behind else []),
        frontier_marks.marks(near, tips, official=False, size=size),
        step_line(facts, look.start),
        frontier_marks.marks(near, tips, official=True, size=size),
    ]


def _figure(facts: FrontierFacts, look: Look, tips: Tips, *, narrow: bool) -> Figure:
    marks = [mark for mark in facts.marks if mark.value > 0 or not look.log]
    days, bounds = _days(facts, look, marks), _heights(facts, look, marks)
    shapes, numbers = _changes(facts, dt.date.fromisoformat(days[0]), narrow)
    return {
        "data": _traces(facts, marks, look, tips, narrow=narrow),
        "layout": plain_layout(
            margin={
                "l": 44 if narrow else 58,
                "r": 10 if narrow else 24,
                "t": 24,
                "b": 30,
            },
            xaxis=plain_axis(type="date", range=days, showgrid=False),
            yaxis=plain_axis(
                type="log" if look.log else "linear",
                range=bounds,
                title="" if narrow else frontier_words.axis(facts, look),
                ticksuffix="%" if look.view == "since-base" else "",
            ),
            shapes=[*shapes, *_base_line(look, bounds)],
            annotations=numbers + labels(facts, look, narrow=narrow),
        ),
    }


def frontier_chart(
    facts: FrontierFacts,
    *,
    look: Look | None = None,
    state: dict[str, str],
    controls: tuple[Control, ...] = (),
) -> Chart:
    """The frontier of `facts.series` over all systems, as `look` asks. Needs at least one mark."""
    look = look or Look()
    systems = [mark.system for mark in facts.marks]
    picker = frontier_words.picker(systems, look.focus, frontier_words.other_keys(look))
    if look.view == "since-previous":
        return rise_chart(facts, start=look.start, state=state, controls=controls, picker=picker)
    seen = windowed(since_base(facts) if look.view == "since-base" else facts, look.start)
    tips = {mark.system.slug: frontier_words.hover(mark, look) for mark in seen.marks}
    return Chart(
        name="frontier",
        title=frontier_words.title(seen, look),
        subtitle=frontier_words.subtitle(facts, seen, look),
        description=frontier_words.description(seen, look),
        wide=_figure(seen, look, tips, narrow=False),
        narrow=_figure(seen, look, tips, narrow=True),
        columns=frontier_words.columns(look),
        rows=frontier_words.rows(seen, look),
        state=state,
        keys=frontier_words.keys(seen.marks, look),
        picker=picker,
        wide_size=(960, 440),
        narrow_size=(400, 380),
        unit=frontier_words.unit(facts, look),
        interval=frontier_words.interval(),
        controls=controls,
    )
