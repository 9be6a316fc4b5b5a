"""Index by generation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from baskets.charts.figures_generations import generations_chart
from baskets.charts.figures_ladder import ladder_chart
from baskets.selectors.generations import GenerationFacts, generation_facts, groups_of
from baskets.selectors.ladder import ladder_of
from baskets.views import looks, page
from evals.models import Developer

MOST_SHARED = 1000
"""Shared evals that the steps of all developers open into; beyond, those of one developer do."""


@page.public_page
def generations(request: HttpRequest) -> HttpResponse:
    """One panel per developer and a table of every generation."""
    shown = page.shown(request)
    if shown.release is None:
        return page.nothing_known(request, "generations", shown)
    asked = looks.generations(request, shown, shown.release)
    series = asked.series
    facts = generation_facts(shown.release, series)
    ladder = ladder_of(shown.release, series)
    developer = _developer(request, facts)
    groups = groups_of(facts, ladder, developer)
    shared = sum(len(rung.evals) for group in groups for rung in group.rungs)
    context = {
        "facts": facts,
        "makers": [maker for maker, _rest in facts.developers],
        "developer": developer,
        "groups": groups,
        "opens": bool(developer) or shared <= MOST_SHARED,
        "ladder": ladder,
        "rungs": ladder_chart(ladder, series=series, state={**shown.kept, "series": series})
        if ladder.developers
        else None,
        "series": series,
        "later": asked.later,
        "chart": generations_chart(
            facts, look=asked.look, state=asked.state, controls=asked.controls
        )
        if facts.developers
        else None,
    }
    return page.answer(request, "baskets/generations.html", "generations", shown, **context)


def _developer(request: HttpRequest, facts: GenerationFacts) -> str:
    """The developer that the address asks for; empty for all. BadQuery for an unknown one."""
    asked = page.text(request, "developer")
    known = {maker.developer_slug for maker, _rest in facts.developers}
    if asked and asked not in known and not Developer.objects.filter(slug=asked).exists():
        raise page.BadQuery(_("“%(name)s” must be a developer.") % {"name": "developer"})
    return asked
