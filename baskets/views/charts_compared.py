"""Charts of differences and of trust: how the address's state becomes each of them."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from baskets.charts import words
from baskets.charts.chart import Chart
from baskets.charts.figures_ladder import ladder_chart
from baskets.charts.figures_pareto import pareto_chart
from baskets.charts.figures_ranks import ranks_chart
from baskets.charts.figures_watch import watch_chart
from baskets.charts.figures_waterfall import frontier_change_chart
from baskets.charts.state import Option, series_option
from baskets.models import Release
from baskets.selectors import releases
from baskets.selectors.catalog import system_names
from baskets.selectors.comparing import comparing
from baskets.selectors.ladder import ladder_of
from baskets.selectors.pareto import pareto_facts
from baskets.selectors.ranks import stability_of
from baskets.selectors.watch import watch_table
from baskets.selectors.waterfall import frontier_change
from baskets.views import compare, looks, page
from baskets.views.compare_query import asked_systems
from baskets.views.page import Shown


def comparison(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    """Profiles side by side."""
    systems = asked_systems(request)
    if len(systems) < 2:
        return None
    found = comparing(release, systems, compare.SERIES[0])
    state = {**shown.kept, "systems": ",".join(system.slug for system in systems)}
    return compare.profiles(found, release, state)


def contributions(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    """The waterfall from the second system to the first."""
    series = page.choice(request, "series", compare.SERIES, compare.SERIES[0])
    systems = asked_systems(request)[:2]
    if len(systems) < 2:
        return None
    return compare.waterfall(comparing(release, systems, series), release, shown.kept)


def frontier_moved(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    """The waterfall of the frontier from `since`, by default the release before, to the release."""
    asked = looks.asked(request, shown, (series_option(),))
    earlier = page.whole_number(request, "since")
    then = releases.numbered(earlier) if earlier else releases.previous(release)
    if then is None or then.number >= release.number:
        return None
    return frontier_moved_chart(then, release, asked.series, shown.kept)


def frontier_moved_chart(
    then: Release, now: Release, series: str, kept: dict[str, str]
) -> Chart | None:
    """The frontier between two releases; None where either has none."""
    found = frontier_change(then, now, series, system_names())
    if found is None:
        return None
    # The release is the pin already; a date beside it would say less.
    kept = {name: value for name, value in kept.items() if name != "as_of"}
    numbers = {"release": str(now.number), "since": str(then.number)}
    return frontier_change_chart(found, state={**kept, **numbers, "series": series})


def ladder(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    """The like-for-like ladder."""
    asked = looks.asked(request, shown, (series_option(),))
    found = ladder_of(release, asked.series)
    if not found.developers:
        return None
    return ladder_chart(found, series=asked.series, state=asked.state)


def saturation(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    """The saturation watch."""
    asked = looks.asked(request, shown, (domain_option(),))
    rows = watch_table(release, asked.values["domain"])
    return watch_chart(rows, state=asked.state, controls=asked.controls) if rows else None


def domain_option() -> Option:
    """All domains, or one."""
    domains = tuple((name, words.series_name(name)) for name in words.DOMAINS)
    return Option("domain", _("Domain"), (("", _("All")), *domains))


def pareto(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    """Capability against another domain."""
    asked = looks.asked(request, shown, (compare.against_option(),))
    facts = pareto_facts(release, asked.values["against"])
    if not facts.systems:
        return None
    return pareto_chart(facts, state=asked.state, controls=asked.controls)


def rank_stability(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    """Ranks under other weights."""
    asked = looks.asked(request, shown, (series_option(),))
    found = stability_of(release, asked.series)
    return ranks_chart(found, state=asked.state) if found.ranked else None


BUILDERS = {
    "comparison": comparison,
    "contributions": contributions,
    "frontier-change": frontier_moved,
    "ladder": ladder,
    "saturation": saturation,
    "pareto": pareto,
    "rank-stability": rank_stability,
}
