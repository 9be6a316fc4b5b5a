"""Rank stability, and the saturation of evals: how far the order and its evals can be trusted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from baskets.charts import words
from baskets.charts.figures_ranks import ranks_chart
from baskets.charts.figures_watch import watch_chart
from baskets.prose.ranks import drawn, neighbours
from baskets.selectors.ranks import stability_of
from baskets.selectors.watch import watch_table
from baskets.views import looks, page
from baskets.views.charts_compared import domain_option

SERIES = ("headline", "capability", "safety", "alignment", "balanced")


@page.public_page
def stability(request: HttpRequest) -> HttpResponse:
    """Ranks under other defensible weights, and neighbours that measurement cannot tell apart."""
    series = page.choice(request, "series", SERIES, SERIES[0])
    shown = page.shown(request)
    if shown.release is None:
        return page.nothing_known(request, "stability", shown)
    found = stability_of(shown.release, series)
    context = {
        "found": found,
        "series": series,
        "switch": [(name, words.series_name(name)) for name in SERIES],
        "chart": ranks_chart(found, state={**shown.kept, "series": series})
        if found.ranked
        else None,
        "drawn": drawn(found) if found.recorded else [],
        "neighbours": neighbours(found),
    }
    return page.answer(request, "baskets/stability.html", "stability", shown, **context)


@page.public_page
def saturation(request: HttpRequest) -> HttpResponse:
    """How full the counted evals are, and which still tell systems apart."""
    shown = page.shown(request)
    asked = looks.asked(request, shown, (domain_option(),))
    if shown.release is None:
        return page.nothing_known(request, "saturation", shown)
    rows = watch_table(shown.release, asked.values["domain"])
    chart = watch_chart(rows, state=asked.state, controls=asked.controls) if rows else None
    context = {"chart": chart, "everywhere": not asked.values["domain"]}
    return page.answer(request, "baskets/saturation.html", "saturation", shown, **context)
