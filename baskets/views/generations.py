"""Index by generation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from baskets.charts import words
from baskets.charts.figures_generations import generations_chart
from baskets.selectors.generations import generation_facts
from baskets.views import page

SWITCH = ("capability", "safety", "alignment", "headline", "balanced")


@page.public_page
def generations(request: HttpRequest) -> HttpResponse:
    """One panel per developer and a table of every generation."""
    series = page.choice(request, "series", SWITCH, "capability")
    release, kept = page.shown_release(request)
    if release is None:
        return page.no_release(request, "generations", kept)
    facts = generation_facts(release, series)
    context = {
        "section": "generations",
        "release": release,
        "facts": facts,
        "series": series,
        "switch": [(name, words.series_name(name)) for name in SWITCH],
        "chart": generations_chart(facts, state={**kept, "series": series})
        if facts.developers
        else None,
    }
    return render(request, "baskets/generations.html", context)
