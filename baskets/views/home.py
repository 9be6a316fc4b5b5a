"""The front page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from baskets.charts.figures_frontier import frontier_chart
from baskets.charts.figures_gap import gap_chart, verdict
from baskets.charts.figures_sparkline import sparkline_chart
from baskets.prose import beside, front_sentence, next_release, release_sentence
from baskets.selectors.front import FrontPage, Standing, front_page
from baskets.selectors.moves import extent
from baskets.views import looks, page
from baskets.views.looks import Asked

SHOWN_MOVERS = 10


@page.public_page
def home(request: HttpRequest) -> HttpResponse:
    """Three domain indices first, then the headline, the frontier, the gap and what moved."""
    shown = page.shown(request)
    if shown.release is None:
        return page.nothing_known(request, "home", shown)
    asked = looks.frontier(request, shown, shown.release)
    front = front_page(shown.release, series=asked.series)
    context = _context(front, asked, shown.kept)
    # What comes next is news of today, not of the past date.
    upcoming = "" if shown.past else next_release()
    return page.answer(
        request, "baskets/home.html", "home", shown, next_release=upcoming, **context
    )


def _context(front: FrontPage, asked: Asked, kept: dict[str, str]) -> dict[str, object]:
    shown = front.movers[:SHOWN_MOVERS]
    return {
        "front": front,
        "headline": front_sentence(front.domains),
        "sentence": release_sentence(front.domains),
        "tiles": [(s, _spark(s, kept), _beside(front, s)) for s in front.domains],
        "headlines": [(standing, _beside(front, standing)) for standing in front.headlines],
        "frontier": frontier_chart(
            front.frontier, look=asked.look, state=asked.state, controls=asked.controls
        )
        if front.frontier.marks
        else None,
        "series": asked.series,
        "later": asked.later,
        "gap": gap_chart(front.gaps, state=kept) if front.gaps else None,
        "verdicts": [(gap, verdict(gap)) for gap in front.gaps],
        "movers": shown,
        "extent": extent(shown),
    }


def _spark(standing: Standing, kept: dict[str, str]) -> object:
    if not standing.facts.steps:
        return None
    return sparkline_chart(standing.facts, state={**kept, "series": standing.series})


def _beside(front: FrontPage, standing: Standing) -> str:
    """What stands beside a value: core measures and other judgements."""
    if standing.last is None:
        return ""
    return beside(front.analyses, standing.series, standing.last.system.slug)
