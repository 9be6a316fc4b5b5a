"""The published frontier of a series and the one under a reader's weights, on one scale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import frontier_lines, frontier_words, palette, words
from baskets.charts.chart import Chart, Key
from baskets.charts.frame import Figure
from baskets.selectors.catalog import SystemName
from baskets.selectors.whatif_parts import FrontierStep, SeriesPreview

Names = Mapping[str, SystemName]


def _line(
    steps: Sequence[FrontierStep], until: dt.date, names: Names, *, own: bool, series: str
) -> dict[str, Any]:
    """A frontier as a line of steps with a mark for each; the published one dotted and soft."""
    colour = palette.series_colour(series) if own else palette.token("ink-soft")
    label = _("with these weights") if own else _("as published")
    tips = [f"{names[step.system].name}<br>{label}: {words.points(step.value)}" for step in steps]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label,
        "x": [step.released_on.isoformat() for step in steps] + [until.isoformat()],
        "y": [round(step.value, 3) for step in (*steps, steps[-1])],
        "hovertext": [*tips, ""],
        "hoverinfo": "text",
        "line": {
            "color": colour,
            "width": 2.5 if own else 1.5,
            "shape": "hv",
            "dash": "solid" if own else "dot",
        },
        "marker": {
            "symbol": ["circle" if own else "circle-open"] * len(steps) + ["circle"],
            "color": colour,
            "size": [7 if own else 6] * len(steps) + [0],
            "opacity": 1,
        },
    }


def _figure(found: SeriesPreview, until: dt.date, names: Names, *, narrow: bool) -> Figure:
    lines, ends = [], []
    for steps, own in ((found.before, False), (found.after, True)):
        if steps:
            lines.append(_line(steps, until, names, own=own, series=found.series))
            colour = palette.series_colour(found.series) if own else palette.token("ink-soft")
            name = _("yours %(value)s") if own else _("published %(value)s")
            text = name % {"value": words.points(steps[-1].value, 0)}
            ends.append(frontier_lines.end_label(steps[-1], until, text, colour))
    both = (*found.before, *found.after)
    right = 96 if narrow else 120
    return {
        "data": lines,
        "layout": frontier_lines.layout(both, until, ends, narrow=narrow, right=right),
    }


def _rows(found: SeriesPreview, names: Names) -> tuple[tuple[Any, ...], ...]:
    return tuple(
        (label, step.released_on, names[step.system].name, step.value, step.low, step.high)
        for label, steps in ((_("published"), found.before), (_("yours"), found.after))
        for step in steps
    )


def whatif_chart(
    found: SeriesPreview, *, base: str, until: dt.date, names: Names, state: dict[str, str]
) -> Chart:
    """The two frontiers of a series up to a date. Needs a step of either."""
    series = words.series_name(found.series)
    last = max([until, *(step.released_on for step in (*found.before, *found.after))])
    return Chart(
        name="what-if",
        title=_("%(series)s: the frontier as published and with these weights")
        % {"series": series},
        subtitle=_("Highest official index by release date, %(base)s = 100.") % {"base": base},
        description=_("Two step lines over time; the table has every step of both."),
        wide=_figure(found, last, names, narrow=False),
        narrow=_figure(found, last, names, narrow=True),
        columns=frontier_lines.columns(_("The published weights or the reader's")),
        rows=_rows(found, names),
        state=state,
        keys=(
            Key("circle-open", palette.token("ink-soft"), _("as published (dotted)")),
            Key("circle", palette.series_colour(found.series), _("with these weights")),
        ),
        wide_size=(960, 380),
        narrow_size=(400, 320),
        unit=_("index points, %(base)s = 100") % {"base": base},
        interval=frontier_words.interval(),
    )
