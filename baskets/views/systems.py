"""One system whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from baskets.charts import words
from baskets.charts.chart import Chart
from baskets.charts.figures_profile import profile_chart
from baskets.charts.figures_waterfall import contributions_chart
from baskets.models import Release
from baskets.prose import system_sentences
from baskets.selectors.catalog import beside_of, eval_names, system_name
from baskets.selectors.decomposition import drivers
from baskets.selectors.moves import Driver
from baskets.selectors.profile import ProfileFacts, predecessor, profile_facts
from baskets.selectors.scores import conflicts, scores_of_system
from baskets.selectors.waterfall import between_systems
from baskets.views import ledger, page
from evals.models import System

SERIES = ("headline", "capability", "safety", "alignment")
MOST_DRIVERS = 40
"""Evals that a difference lists unless all are asked for; the others are one row."""


@page.public_page
def system(request: HttpRequest, slug: str) -> HttpResponse:
    """One system: its profile, what separates it from its predecessor, and all its scores."""
    found = System.objects.select_related("developer", "generation").filter(slug=slug).first()
    if found is None:
        raise Http404(_("There is no system of this name."))
    series = page.choice(request, "series", ["", *SERIES], "")
    whole = page.choice(request, "evals", ["", "all"], "") == "all"
    shown = page.shown(request)
    scores = scores_of_system(found, shown.release, shown.known)
    if not (scores or shown.known.includes(found.released_on)):
        return page.nothing_known(request, "systems", shown, found.name)
    context: dict[str, Any] = {
        "system": found,
        "beside": beside_of(found, shown.known),
        **ledger.widest(conflicts(scores)),
        **ledger.score_list(request, scores),
    }
    if shown.release is not None:
        context |= _measured(shown.release, found, series, shown.kept)
        context |= _listed(context.get("drivers", ()), whole=whole)
    return page.answer(request, "baskets/system.html", "systems", shown, **context)


def _measured(release: Release, found: System, series: str, kept: dict[str, str]) -> dict[str, Any]:
    """What a release says about the system."""
    before = predecessor(release, found)
    facts = profile_facts(release, found, before)
    state = {**kept, "system": found.slug}
    return {
        "facts": facts,
        "answer": system_sentences(facts),
        "chart": profile_chart(facts, state=state) if facts.rows else None,
        "summary_rows": [row for row in (*facts.headlines, *facts.rows) if "/" not in row.series],
        **_difference(release, found, before, facts, series, kept),
    }


def _listed(rows: Sequence[Driver], *, whole: bool) -> dict[str, Any]:
    """The evals of a difference that stand on the page, and what the others add together."""
    # A list that is hardly longer is given whole.
    most = len(rows) if whole or len(rows) <= MOST_DRIVERS * 5 // 4 else MOST_DRIVERS
    return {
        "all_drivers": whole,
        "listed": rows[:most],
        "others": len(rows) - most,
        "others_points": math.fsum(row.points for row in rows[most:]),
    }


def _difference(
    release: Release,
    found: System,
    before: System | None,
    facts: ProfileFacts,
    asked: str,
    kept: dict[str, str],
) -> dict[str, Any]:
    """Contributions against the predecessor, or against the base where that has no value."""
    own = {row.series for row in (*facts.headlines, *facts.rows)}
    offered = [name for name in SERIES if name in own]
    series = asked if asked in offered else next(iter(offered), "")
    base = release.basket.base
    result: dict[str, Any] = {"offered": [(n, words.series_name(n)) for n in offered]}
    for other in (before, base):
        if not series or other is None or other.pk == found.pk:
            continue
        rows = drivers(
            release,
            system=found.slug,
            against=other.slug,
            series=series,
            evals=eval_names(),
        )
        if rows:
            return result | {
                "series": series,
                "against": other,
                "waterfall": _waterfall(release, facts, found, other, series, rows, kept),
                "drivers": rows,
                "total": sum(row.points for row in rows),
                "extent": max(abs(row.points) for row in rows),
            }
    return result


def _waterfall(
    release: Release,
    facts: ProfileFacts,
    found: System,
    other: System,
    series: str,
    rows: Sequence[Driver],
    kept: dict[str, str],
) -> Chart:
    """From the other system's value to this one's, which lie as far apart as the drivers sum to."""
    value = next(r.value for r in (*facts.headlines, *facts.rows) if r.series == series)
    fall = between_systems(
        rows,
        series=series,
        system=system_name(found),
        against=system_name(other),
        values=(value, value - math.fsum(row.points for row in rows)),
    )
    state = {**kept, "systems": f"{found.slug},{other.slug}", "series": series}
    return contributions_chart(fall, base=release.basket.base.name, state=state)
