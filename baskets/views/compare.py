"""Two to six systems side by side; the address is the whole state."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from baskets.charts import words
from baskets.charts.chart import Chart
from baskets.charts.figures_compare import comparison_chart
from baskets.charts.figures_pareto import pareto_chart
from baskets.charts.figures_waterfall import contributions_chart
from baskets.charts.state import Option
from baskets.models import Release
from baskets.prose import compared as prose
from baskets.selectors.catalog import SystemName
from baskets.selectors.comparing import Comparing, comparing
from baskets.selectors.comparing_examples import examples
from baskets.selectors.pareto import DOMAINS, pareto_facts
from baskets.views import looks, page
from baskets.views.compare_query import MOST, asked_systems, to_add
from baskets.views.page import Shown
from evals import spreadsheet
from evals.models import System

SERIES = ("capability", "safety", "alignment", "headline", "balanced")


def address(slugs: list[str], shown: Shown, **more: str) -> str:
    """The comparison of some systems, on the past date that is shown."""
    asked = {"systems": ",".join(slugs)} if slugs else {}
    query = urlencode({**asked, **more, **shown.kept}, safe=",")
    path = reverse("baskets:compare")
    return f"{path}?{query}" if query else path


def against_option() -> Option:
    """Which domain stands against capability."""
    return Option("against", _("Against"), tuple((d, words.series_name(d)) for d in DOMAINS))


@page.public_page
def compare(request: HttpRequest) -> HttpResponse:
    """The systems of the address beside each other, or what to compare."""
    series = page.choice(request, "series", SERIES, SERIES[0])
    systems = asked_systems(request)
    typed = page.text(request, "add").strip()
    shown = page.shown(request)
    if shown.release is None:
        return page.nothing_known(request, "compare", shown)
    context: dict[str, Any] = {"series": series, "typed": typed, "most": MOST}
    if typed and len(systems) < MOST:
        found = to_add(typed, shown.known, systems)
        slugs = [system.slug for system in systems]
        if len(found) == 1:
            return HttpResponseRedirect(address([*slugs, found[0].slug], shown, series=series))
        context["candidates"] = [
            (find, address([*slugs, find.slug], shown, series=series)) for find in found
        ]
    context |= _picked(systems, series, shown)
    if len(systems) >= 2:
        context |= _side_by_side(shown.release, systems, series, shown)
    else:
        context |= _nothing_yet(request, shown.release, systems, shown)
    return page.answer(request, "baskets/compare.html", "compare", shown, **context)


def _picked(systems: list[System], series: str, shown: Shown) -> dict[str, Any]:
    """The chosen systems, each with the addresses without it and with it in front."""
    slugs = [system.slug for system in systems]
    picked = []
    for system in systems:
        others = [slug for slug in slugs if slug != system.slug]
        without = address(others, shown, series=series)
        picked.append((system, without, address([system.slug, *others], shown, series=series)))
    return {"picked": picked, "slugs": ",".join(slugs)}


def _nothing_yet(
    request: HttpRequest, release: Release, systems: list[System], shown: Shown
) -> dict[str, Any]:
    """What to compare: good examples, or with the one system that was chosen."""
    chosen = [system.slug for system in systems]
    offered = [
        (prose.example_title(one), prose.names_of(one.systems),
         address([s.slug for s in one.systems], shown))
        for one in examples(release)
    ]  # fmt: skip
    partners = {
        name.slug: name
        for one in examples(release) if chosen
        for name in one.systems if name.slug not in chosen
    }  # fmt: skip
    asked = looks.asked(request, shown, (against_option(),))
    facts = pareto_facts(release, asked.values["against"])
    drawn = not chosen and bool(facts.systems)
    return {
        "examples": offered,
        "partners": [(n, address([*chosen, n.slug], shown)) for n in partners.values()],
        "pareto": pareto_chart(facts, state=asked.state, controls=asked.controls)
        if drawn
        else None,
    }


def _side_by_side(
    release: Release, systems: list[System], series: str, shown: Shown
) -> dict[str, Any]:
    found = comparing(release, systems, series)
    state = {**shown.kept, "systems": ",".join(system.slug for system in systems)}
    names = [one.name for one in found.systems]
    return {
        "found": found,
        "not_known": ", ".join(
            one.name.name
            for one in found.systems
            if not one.values and not shown.known.includes(one.name.released_on)
        ),
        "heading": prose.heading(found),
        "summary": prose.summary(found),
        "counted": prose.counted(found),
        "switch": [(name, words.series_name(name)) for name in SERIES if name in found.offered],
        "chart": profiles(found, release, state),
        "waterfall": waterfall(found, release, shown.kept),
        "matrix": [
            (one, one.values.get(series), _beside(names, row))
            for one, row in zip(found.systems, found.ahead, strict=True)
        ],
        "leads": [(row, _beside(names, row.values)) for row in found.leads],
        "parts": any("/" in row.series for row in found.leads),
        "shared": _by_domain(found, names),
        "opened": series if series in words.DOMAINS else "capability",
        "csv": f"{reverse('baskets:compare-csv')}?{urlencode(state, safe=',')}",
    }


def _beside(names: Sequence[SystemName], values: Sequence[Any]) -> list[tuple[SystemName, Any]]:
    """Each value with its system."""
    return list(zip(names, values, strict=True))


def _by_domain(found: Comparing, names: Sequence[SystemName]) -> list[tuple[str, list[Any]]]:
    """The shared evals of each domain, their cells with the systems."""
    return [
        (domain, [(row, _beside(names, row.cells)) for row in rows])
        for domain, rows in groupby(found.shared, key=lambda row: row.eval.domain)
    ]


def profiles(found: Comparing, release: Release, state: dict[str, str]) -> Chart | None:
    """The profiles side by side; None where the systems share no series."""
    if not found.leads:
        return None
    base = release.basket.base.name
    return comparison_chart(found.systems, found.leads, base=base, state=state)


def waterfall(found: Comparing, release: Release, kept: dict[str, str]) -> Chart | None:
    """From the second system to the first; None where it cannot be taken apart."""
    if found.waterfall is None:
        return None
    one, other = found.systems[0].name.slug, found.systems[1].name.slug
    state = {**kept, "systems": f"{one},{other}", "series": found.series}
    return contributions_chart(found.waterfall, base=release.basket.base.name, state=state)


@page.public_page
def compare_csv(request: HttpRequest) -> HttpResponse:
    """The evals that at least two of the systems were measured on, one row each."""
    systems = asked_systems(request)
    if len(systems) < 2:
        raise page.BadQuery(_("“systems” must name at least two systems, with a comma between."))
    shown = page.shown(request)
    if shown.release is None:
        return page.nothing_known(request, "compare", shown)
    found = comparing(shown.release, systems, SERIES[0])
    slugs = [system.slug for system in systems]
    head = ["eval", "name", "domain", "subdomain", "unit"]
    for part in ("value", "points", "stderr_points"):
        head += [f"{slug}_{part}" for slug in slugs]
    head += ["leader", "lead_points", "lead_low", "lead_high"]
    response = HttpResponse(
        spreadsheet.table(head, _csv_rows(found)), content_type="text/csv; charset=utf-8"
    )
    name = f"comparison-release-{shown.release.number}.csv"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _csv_rows(found: Comparing) -> list[list[spreadsheet.Cell]]:
    rows: list[list[spreadsheet.Cell]] = []
    for row in found.shared:
        item = row.eval
        cells: list[spreadsheet.Cell] = [
            item.slug, item.name, item.domain, item.subdomain, item.unit
        ]  # fmt: skip
        for part in ("value", "points", "stderr"):
            cells += [getattr(cell, part) if cell else None for cell in row.cells]
        cells += [row.leader.slug if row.leader else "", row.lead, row.low, row.high]
        rows.append(cells)
    return rows
