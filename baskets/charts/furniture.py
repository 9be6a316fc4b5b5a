"""What stands around a chart: links that change its state, and the code that embeds it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from django.http import QueryDict

from baskets.charts.chart import Chart
from baskets.charts.focus import MOST, Maker, Picker
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


@dataclass(frozen=True)
class Picks:
    """The links of a picker: each developer put in or taken out, each chosen system taken out.

    `clear` shows all alike again. A form adds a name to `kept`, the other parameters of the
    address; `settled` is the address once a name is understood, and `offers` what one may mean.
    """

    makers: list[tuple[Maker, Choice]]
    systems: list[Choice]
    clear: Choice | None
    offers: list[Choice]
    kept: list[tuple[str, str]]
    settled: str


def picks(picker: Picker, query: QueryDict) -> Picks:
    """What a reader can bring out from here. An `add` of the address counts as chosen."""
    focus, state = picker.focus, picker.focus.state
    made, named = _slugs(state, "developers"), _slugs(state, "systems")

    def link(value: str, label: str, *, chosen: bool, **changed: list[str]) -> Choice:
        slugs = {"developers": made, "systems": named} | changed
        return Choice(value, label, f"?{_chosen(query, slugs)}", chosen)

    settled = _chosen(query, {"developers": made, "systems": named})
    return Picks(
        makers=[
            (maker, link(maker.slug, maker.name, chosen=maker.slug in made,
                         developers=_turned(made, maker.slug)))
            for maker in picker.makers
        ],
        systems=[
            link(slug, name, chosen=True, systems=_turned(named, slug))
            for slug, name in focus.systems
        ],
        clear=link("", "", chosen=False, developers=[], systems=[])
        if focus or focus.later
        else None,
        offers=[
            link(offer.slug, offer.name, chosen=False, **{offer.parameter: _turned(
                made if offer.parameter == "developers" else named, offer.slug)})
            for offer in focus.offers
            if offer.slug not in (*made, *named)
        ],
        kept=[(name, str(value)) for name, value in QueryDict(settled).items()],
        settled=f"?{settled}",
    )  # fmt: skip


def _slugs(state: dict[str, str], name: str) -> list[str]:
    return state[name].split(",") if name in state else []


def _turned(slugs: list[str], slug: str) -> list[str]:
    """The list without the slug, or with it at its end; a full one loses its first for that."""
    return [one for one in slugs if one != slug] if slug in slugs else [*slugs, slug][-MOST:]


def _chosen(query: QueryDict, slugs: dict[str, list[str]]) -> str:
    """The address's parameters with these developers and systems chosen."""
    after = query.copy()
    for name in ("add", *slugs):
        after.pop(name, None)
    for name, chosen in slugs.items():
        if chosen:
            after[name] = ",".join(chosen)
    if not any(slugs.values()):
        after.pop("others", None)
    return after.urlencode(safe=",")


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
