"""Everything that the front page shows, as one release has it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count

from baskets.models import IndexPoint, Release
from baskets.selectors.analyses import Analyses, analyses_about
from baskets.selectors.catalog import SystemName, eval_names, system_names
from baskets.selectors.frontier import (
    FrontierFacts,
    Step,
    basket_changes,
    frontier_facts,
    steps_of,
)
from baskets.selectors.gap import Gap, gaps
from baskets.selectors.moves import Mover, movers
from baskets.selectors.remembered import remembered

DOMAINS = ("capability", "safety", "alignment")
HEADLINES = ("headline", "balanced")


@dataclass(frozen=True)
class Standing:
    """Where one series stands: its frontier without the marks, and how many systems count."""

    series: str
    facts: FrontierFacts
    officials: int
    provisional: int

    @property
    def last(self) -> Step | None:
        """The step that set the frontier, None where no system is official."""
        return self.facts.steps[-1] if self.facts.steps else None


@dataclass(frozen=True)
class FrontPage:
    """The front page: domains, headlines, one frontier whole, gaps and latest movers."""

    release: Release
    domains: tuple[Standing, ...]
    headlines: tuple[Standing, ...]
    frontier: FrontierFacts
    gaps: tuple[Gap, ...]
    movers: tuple[Mover, ...]
    first_vintage_on: dt.date
    analyses: Analyses


def _counts(release: Release) -> dict[tuple[str, bool], int]:
    points = IndexPoint.objects.filter(
        release=release, on_official_version=True, series__in=[*DOMAINS, *HEADLINES]
    )
    rows = points.order_by().values_list("series", "official").annotate(count=Count("pk"))
    return defaultdict(int, {(series, official): count for series, official, count in rows})


def _standing(
    release: Release,
    series: str,
    systems: dict[str, SystemName],
    counts: dict[tuple[str, bool], int],
) -> Standing:
    facts = FrontierFacts(
        series=series,
        base=release.basket.base.name,
        vintage_on=release.vintage_on,
        steps=steps_of(release, series, systems),
        marks=(),
        changes=basket_changes(release),
    )
    return Standing(series, facts, counts[series, True], counts[series, False])


@remembered(8)
def front_page(release: Release, *, series: str) -> FrontPage:
    """The front page of a release with the frontier of `series` drawn whole."""
    systems = system_names()
    counts = _counts(release)
    standings = [_standing(release, name, systems, counts) for name in (*DOMAINS, *HEADLINES)]
    leaders = [(s.series, s.last.system.slug) for s in standings if s.last is not None]
    first = (
        Release.objects.filter(basket=release.basket_id)
        .order_by("number")
        .values_list("vintage_on", flat=True)[0]
    )
    return FrontPage(
        release=release,
        domains=tuple(s for s in standings if s.series in DOMAINS),
        headlines=tuple(s for s in standings if s.series in HEADLINES),
        frontier=frontier_facts(release, series, systems),
        gaps=gaps(release),
        movers=movers(release, systems, eval_names()),
        first_vintage_on=first,
        analyses=analyses_about(release, leaders),
    )
