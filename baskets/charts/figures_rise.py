"""What each system added to the frontier before it, with the interval of the rise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baskets.charts import palette, words
from baskets.charts.axes import value_range
from baskets.charts.chart import Chart, Column, plain_axis, plain_layout
from baskets.charts.focus import Focus, Picker
from baskets.charts.focus_words import focused
from baskets.charts.frame import Figure
from baskets.charts.state import Control
from baskets.selectors.frontier import FrontierFacts, Step

NARROW_LABELS = 6


def _risen(facts: FrontierFacts, start: dt.date | None) -> list[Step]:
    """The steps that passed another system, from `start` on, oldest first."""
    first = start or dt.date.min
    return [s for s in facts.steps if s.change is not None and s.system.released_on >= first]


def _hover(step: Step) -> str:
    bounds = words.rise(step.rise_low, step.rise_high)
    passed = step.previous_system
    lines = [
        step.system.name,
        words.signed(step.change) + (f" (95%: {bounds})" if bounds else ""),
        _("on %(system)s") % {"system": passed.name} if passed else "",
        words.day(step.system.released_on),
    ]
    return "<br>".join(line for line in lines if line)


def _stems(steps: Sequence[Step], colour: str) -> dict[str, Any]:
    x: list[str | None] = []
    y: list[float | None] = []
    for step in steps:
        day = step.system.released_on.isoformat()
        x += [day, day, None]
        y += [0.0, round(step.change or 0.0, 3), None]
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip",
        "line": {"color": colour, "width": 3},
    }  # fmt: skip


def _lines(series: str, steps: list[Step], focus: Focus) -> list[dict[str, Any]]:
    """The stems of the steps that were chosen in the series' colour, behind them the others."""
    near = [step for step in steps if focus.has(step.system)]
    rest = [step for step in steps if not focus.has(step.system)]
    behind = [_stems(rest, "var(--rule-strong)")] if rest else []
    return [*behind, _stems(near, palette.series_colour(series))]


def _marks(steps: list[Step], focus: Focus) -> dict[str, Any]:
    rises = [(s.change or 0.0, s.rise_low, s.rise_high) for s in steps]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [step.system.released_on.isoformat() for step in steps],
        "y": [round(change, 3) for change, _low, _high in rises],
        "hovertext": [_hover(step) for step in steps],
        "hoverinfo": "text",
        "marker": {
            "symbol": [palette.developer_mark(s.system.developer_slug) for s in steps],
            "color": [
                palette.developer_colour(s.system.developer_slug)
                if focus.has(s.system)
                else "var(--rule-strong)"
                for s in steps
            ],
            "size": 9,
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [None if high is None else round(high - c, 3) for c, _low, high in rises],
            "arrayminus": [None if low is None else round(c - low, 3) for c, low, _high in rises],
            "color": "var(--ink-soft)",
            "thickness": 1,
            "width": 0,
        },
    }


def _figure(facts: FrontierFacts, start: dt.date | None, focus: Focus, *, narrow: bool) -> Figure:
    steps = _risen(facts, start)
    days = [step.system.released_on for step in steps]
    first = start or min(days, default=facts.vintage_on) - dt.timedelta(days=60)
    ends = [end for s in steps for end in (s.change, s.rise_low, s.rise_high) if end is not None]
    largest = sorted(
        (step for step in steps if focus.has(step.system)), key=lambda step: -(step.change or 0.0)
    )
    labels = [
        {
            "name": "mark", "text": step.system.name, "x": step.system.released_on.isoformat(),
            "y": round(step.change or 0.0, 3), "showarrow": False,
            "font": {"size": 12, "color": "var(--ink)"},
        }
        for step in largest[: NARROW_LABELS if narrow else len(largest)]
    ]  # fmt: skip
    return {
        "data": [*_lines(facts.series, steps, focus), _marks(steps, focus)],
        "layout": plain_layout(
            margin={"l": 44 if narrow else 58, "r": 10 if narrow else 24, "t": 24, "b": 30},
            xaxis=plain_axis(
                type="date",
                range=[
                    first.isoformat(),
                    (max([*days, facts.vintage_on]) + dt.timedelta(days=40)).isoformat(),
                ],
                showgrid=False,
            ),
            yaxis=plain_axis(
                range=value_range(ends, anchor=0.0, head=0.12),
                title="" if narrow else _("points above the frontier before"),
                zeroline=True,
                zerolinecolor="var(--rule-strong)",
            ),
            annotations=labels,
        ),
    }


def _columns() -> tuple[Column, ...]:
    return (
        Column("system", _("System")),
        Column("developer", _("Developer")),
        Column("released_on", _("Released"), "date"),
        Column("passed", _("Passed")),
        Column("rise", _("Rise, points"), "points"),
        Column("rise_low", _("95% from"), "points"),
        Column("rise_high", _("to"), "points"),
        Column("ahead", _("Probability ahead"), "share"),
    )


def _cells(step: Step) -> tuple[Any, ...]:
    passed = step.previous_system.name if step.previous_system else ""
    rise = (step.change, step.rise_low, step.rise_high)
    system = step.system
    return (system.name, system.developer, system.released_on, passed, *rise, step.ahead)


def _title(facts: FrontierFacts, steps: list[Step]) -> str:
    name = words.series_name(facts.series)
    if not steps:
        return _("%(series)s: nothing raised the frontier in this time") % {"series": name}
    largest = max(steps, key=lambda step: step.change or 0.0)
    return _("%(series)s: the largest rise is %(rise)s points, by %(system)s") % {
        "series": name,
        "rise": words.signed(largest.change, 0),
        "system": largest.system.name,
    }


def _subtitle(facts: FrontierFacts, steps: list[Step], focus: Focus) -> str:
    """How to read the chart, and who is in colour: it leaves nobody out."""
    said = _(
        "Points by which a system passed the frontier before it, by release date. Thin bars "
        "are 95% intervals; one that reaches zero says that the rise is within noise."
    )
    return said + focused(
        replace(focus, alone=False),
        [step.system for step in steps],
        [step.system for step in _risen(facts, None)],
        absent=_("Never raised the frontier: %(names)s."),
    )


def rise_chart(
    facts: FrontierFacts,
    *,
    start: dt.date | None,
    state: dict[str, str],
    controls: tuple[Control, ...] = (),
    picker: Picker | None = None,
) -> Chart:
    """The rise of each step of the frontier over the one before, from `start` on.

    What the picker chose is in colour, the rest grey.
    """
    focus = picker.focus if picker else Focus()
    steps = _risen(facts, start)
    count = ngettext("%(n)s system raised the frontier.", "%(n)s systems raised the frontier.",
                     len(steps)) % {"n": len(steps)}  # fmt: skip
    return Chart(
        name="frontier",
        title=_title(facts, steps),
        subtitle=_subtitle(facts, steps, focus),
        description=count,
        wide=_figure(facts, start, focus, narrow=False),
        narrow=_figure(facts, start, focus, narrow=True),
        columns=_columns(),
        rows=tuple(_cells(step) for step in reversed(steps)),
        state=state,
        wide_size=(960, 400),
        narrow_size=(400, 360),
        unit=_("index points"),
        interval=_("95% interval of the difference, on paired replicates"),
        controls=controls,
        picker=picker,
    )
