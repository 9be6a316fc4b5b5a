"""What stands around a chart: links that change its state, and the code that embeds it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from django.http import QueryDict

from baskets.charts.chart import Chart
from baskets.charts.state import Control

ROOM = 230
"""Pixels that the title, controls, key and source line of an embedded chart take."""


@dataclass(frozen=True)
class Choice:
    """One value of a control: where its link leads and whether it is the one that is shown."""

    value: str
    label: str
    query: str
    chosen: bool


def choices(control: Control, query: QueryDict) -> list[Choice]:
    """A link for every value on offer, which keeps the rest of the page's address."""
    found = []
    for value, label in control.offered:
        after = query.copy()
        after.pop(control.option.name, None)
        if value != control.option.standard:
            after[control.option.name] = value
            for other in control.option.clears:
                after.pop(other, None)
        encoded = after.urlencode()
        found.append(Choice(value, label, f"?{encoded}", value == control.chosen))
    return found


def controls(chart: Chart, query: QueryDict, *, below: bool) -> list[tuple[Control, list[Choice]]]:
    """The controls that stand below the picture, or those above it, with their links."""
    return [
        (control, choices(control, query))
        for control in chart.controls
        if control.option.below is below
    ]


def embed_code(chart: Chart, site: str) -> str:
    """The HTML that puts the chart in a frame on another page."""
    source = escape(site + chart.embed_address)
    height = chart.wide_size[1] + ROOM
    return (
        f'<iframe src="{source}" title="{escape(chart.title)}" width="100%" height="{height}" '
        'loading="lazy" allow="fullscreen" style="border:0"></iframe>'
    )
