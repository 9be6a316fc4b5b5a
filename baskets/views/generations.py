"""Index by generation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from baskets.charts import words
from baskets.charts.figures_generations import generations_chart
from baskets.selectors.generations import generation_facts
from baskets.selectors.ladder import ladder_of
from baskets.views import page

SWITCH = ("capability", "safety", "alignment", "headline", "balanced")


@page.public_page
def generations(request: HttpRequest) -> HttpResponse:
    """One panel per developer and a table of every generation."""
    series = page.choice(request, "series", SWITCH, "capability")
    shown = page.shown(request)
    if shown.release is None:
        return page.nothing_known(request, "generations", shown)
    facts = generation_facts(shown.release, series)
    context = {
        "facts": facts,
        "ladder": ladder_of(shown.release, series),
        "series": series,
        "switch": [(name, words.series_name(name)) for name in SWITCH],
        "chart": generations_chart(facts, state={**shown.kept, "series": series})
        if facts.developers
        else None,
    }
    return page.answer(request, "baskets/generations.html", "generations", shown, **context)
