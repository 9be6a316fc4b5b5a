"""The frontier of a series under the official weights and under readers' own ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import frontier_lines, frontier_words, palette, words
from baskets.charts.chart import Chart, Key
from baskets.charts.frame import Figure
from baskets.selectors.catalog import SystemName
from baskets.selectors.whatif_parts import FrontierStep

Names = Mapping[str, SystemName]
LONGEST_LABEL = 22
# Told apart by dash and mark too, in print and by whoever sees no hues.
DASHES = ("solid", "dash", "longdash")
MARKS = ("circle", "square", "diamond")
COLOURS = ("", "dev-deepseek", "dev-xai")


@dataclass(frozen=True)
class Line:
    """One frontier; name: as its owner gave it, empty for the official one."""

    name: str
    steps: tuple[FrontierStep, ...]


@dataclass(frozen=True)
class _Look:
    """How the line at a place is drawn."""

    colour: str
    dash: str
    mark: str
    width: float


def _look(place: int, series: str) -> _Look:
    """Place 0 is the official line, dotted and soft; the first own one has the series' hue."""
    if place == 0:
        return _Look(palette.token("ink-soft"), "dot", "circle-open", 1.5)
    own = place - 1
    colour = palette.token(COLOURS[own]) if own else palette.series_colour(series)
    return _Look(colour, DASHES[own], MARKS[own], 2.5 if own == 0 else 2.0)


def _named(line: Line) -> str:
    return line.name or _("official")


def _short(line: Line) -> str:
    name = _named(line)
    return name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1].rstrip() + "…"


def _trace(line: Line, look: _Look, until: dt.date, names: Names) -> dict[str, Any]:
    label = _named(line)
    tips = [f"{names[s.system].name}<br>{label}: {words.points(s.value)}" for s in line.steps]
    count = len(line.steps)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label,
        "x": [step.released_on.isoformat() for step in line.steps] + [until.isoformat()],
        "y": [round(step.value, 3) for step in (*line.steps, line.steps[-1])],
        "hovertext": [*tips, ""],
        "hoverinfo": "text",
        "line": {"color": look.colour, "width": look.width, "shape": "hv", "dash": look.dash},
        "marker": {
            "symbol": [look.mark] * count + ["circle"],
            "color": look.colour,
            "size": [6] * count + [0],
            "opacity": 1,
        },
    }


def _figure(lines: Sequence[Line], series: str, until: dt.date, names: Names, *, narrow: bool
            ) -> Figure:  # fmt: skip
    traces, ends = [], []
    for place, line in enumerate(lines):
        if not line.steps:
            continue
        look = _look(place, series)
        traces.append(_trace(line, look, until, names))
        facts = {"name": _short(line), "value": words.points(line.steps[-1].value, 0)}
        text = facts["value"] if narrow else _("%(name)s %(value)s") % facts
        ends.append(frontier_lines.end_label(line.steps[-1], until, text, look.colour))
    every = [step for line in lines for step in line.steps]
    right = 56 if narrow else 190
    return {
        "data": traces,
        "layout": frontier_lines.layout(every, until, ends, narrow=narrow, right=right),
    }


def own_chart(
    lines: Sequence[Line],
    *,
    series: str,
    base: str,
    until: dt.date,
    names: Names,
    state: dict[str, str],
) -> Chart:
    """The official frontier, first, and up to three own ones. Needs a step of any of them."""
    last = max([until, *(step.released_on for line in lines for step in line.steps)])
    looks = [_look(place, series) for place in range(len(lines))]
    return Chart(
        name="own",
        title=_("%(series)s: the frontier under official and under own weights")
        % {"series": words.series_name(series)},
        subtitle=_(
            "Highest official index by release date, %(base)s = 100. Own weights are readers', not "
            "the project's."
        )
        % {"base": base},
        description=_("Step lines over time; the table has every step of each."),
        wide=_figure(lines, series, last, names, narrow=False),
        narrow=_figure(lines, series, last, names, narrow=True),
        columns=frontier_lines.columns(_("The official weights, or an own basket's name")),
        rows=tuple(
            (_named(line), s.released_on, names[s.system].name, s.value, s.low, s.high)
            for line in lines
            for s in line.steps
        ),
        state=state,
        keys=tuple(
            Key(look.mark, look.colour, _named(line))
            for line, look in zip(lines, looks, strict=True)
        ),
        wide_size=(960, 380),
        narrow_size=(400, 320),
        unit=_("index points, %(base)s = 100") % {"base": base},
        interval=frontier_words.interval(),
    )
