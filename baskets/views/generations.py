"""Index by generation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from baskets.charts.figures_generations import generations_chart
from baskets.selectors.generations import generation_facts
from baskets.selectors.ladder import ladder_of
from baskets.views import looks, page


@page.public_page
def generations(request: HttpRequest) -> HttpResponse:
    """One panel per developer and a table of every generation."""
    shown = page.shown(request)
    if shown.release is None:
        return page.nothing_known(request, "generations", shown)
    asked = looks.generations(request, shown, shown.release)
    series = asked.series
    facts = generation_facts(shown.release, series)
    context = {
        "facts": facts,
        "ladder": ladder_of(shown.release, series),
        "series": series,
        "chart": generations_chart(
            facts, look=asked.look, state=asked.state, controls=asked.controls
        )
        if facts.developers
        else None,
    }
    return page.answer(request, "baskets/generations.html", "generations", shown, **context)
