"""Frontiers under several sets of weights on one scale: what their charts have in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts.axes import value_range
from baskets.charts.chart import Column, plain_axis, plain_layout
from baskets.selectors.whatif_parts import FrontierStep


def end_label(step: FrontierStep, until: dt.date, text: str, colour: str) -> dict[str, Any]:
    """What stands behind the end of a frontier."""
    return {
        "name": "end", "text": text, "x": until.isoformat(), "y": round(step.value, 3),
        "xanchor": "left", "showarrow": False, "font": {"size": 12, "color": colour},
    }  # fmt: skip


def layout(
    steps: Sequence[FrontierStep],
    until: dt.date,
    ends: Sequence[dict[str, Any]],
    *,
    narrow: bool,
    right: int,
) -> dict[str, Any]:
    """The layout around all steps of all lines; right: units kept for the labels of the ends."""
    first = min(step.released_on for step in steps) - dt.timedelta(days=30)
    last = until + dt.timedelta(days=20)
    return plain_layout(
        margin={"l": 44 if narrow else 58, "r": right, "t": 16, "b": 30},
        xaxis=plain_axis(type="date", range=[first.isoformat(), last.isoformat()], showgrid=False),
        yaxis=plain_axis(
            type="linear",
            range=value_range([step.value for step in steps]),
            title="" if narrow else _("Index points"),
        ),
        annotations=list(ends),
    )


def columns(note: str) -> tuple[Column, ...]:
    """The columns of the table; note: what the weights of a row may be."""
    return (
        Column("weights", _("Weights"), note=note),
        Column("released_on", _("Released"), "date"),
        Column("system", _("System")),
        Column("value", _("Index"), "points"),
        Column("low", _("95% from"), "points"),
        Column("high", _("to"), "points"),
    )
