"""What the preview picture of each page says, from the release that the page shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from baskets.charts import palette, words
from baskets.charts.figures_eval import eval_chart
from baskets.charts.figures_frontier import frontier_chart
from baskets.charts.frame import Figure
from baskets.charts.social import Card, Number
from baskets.models import Release
from baskets.prose import front_sentence
from baskets.prose.compared import names_of
from baskets.selectors.catalog import system_names
from baskets.selectors.comparing import compared_systems
from baskets.selectors.evals import counted_in, goalposts_of
from baskets.selectors.front import DOMAINS, Standing
from baskets.selectors.frontier import FrontierFacts, frontier_facts, steps_of
from baskets.selectors.profile import ProfileRow, profile_facts
from baskets.selectors.scores import eval_history
from baskets.views import page
from baskets.views.compare_query import asked_systems
from baskets.views.page import Shown
from evals.models import Eval, System

MOST_NUMBERS = 4
"""Numbers that stand side by side on a card."""

Maker = Callable[[HttpRequest, Release, Shown], Card | None]


def _stamp(release: Release) -> str:
    return _("%(basket)s, release %(number)s, known on %(day)s") % {
        "basket": release.basket.name,
        "number": release.number,
        "day": words.day(release.vintage_on),
    }


def _card(release: Release, title: str, numbers: Iterable[Number], figure: Figure | None) -> Card:
    site = urlsplit(settings.SITE_URL).netloc
    return Card(title, tuple(numbers), figure, _stamp(release), site)


def _standings(release: Release) -> list[Standing]:
    systems, base = system_names(), release.basket.base.name
    return [
        Standing(
            series,
            FrontierFacts(
                series=series,
                base=base,
                vintage_on=release.vintage_on,
                steps=steps_of(release, series, systems),
                marks=(),
                changes=(),
            ),
            0,
            0,
        )
        for series in DOMAINS
    ]


def _domain(standing: Standing) -> Number:
    last = standing.last
    label, colour = words.series_name(standing.series), palette.series_colour(standing.series)
    if last is None:
        return Number(label, "–", _("no official value yet"), colour)
    bounds = words.interval(last.low, last.high, 0)
    below = f"{bounds} (95%)" if bounds else last.system.name
    return Number(label, words.points(last.value, 0), below, colour)


def _frontier(release: Release) -> Figure | None:
    facts = frontier_facts(release, "capability")
    return frontier_chart(facts, state={}).wide if facts.marks else None


def _whole(release: Release, title: str) -> Card:
    """The three domains and the frontier of capability under a title."""
    numbers = [_domain(standing) for standing in _standings(release)]
    return _card(release, title, numbers, _frontier(release))


def _home(_request: HttpRequest, release: Release, _shown: Shown) -> Card:
    return _whole(release, front_sentence(_standings(release)))


def _generations(_request: HttpRequest, release: Release, _shown: Shown) -> Card:
    return _whole(release, _("Index by generation, developer by developer"))


def _release(_request: HttpRequest, release: Release, _shown: Shown) -> Card:
    said = _("Release %(number)s: %(sentence)s") % {
        "number": release.number,
        "sentence": front_sentence(_standings(release)),
    }
    return _whole(release, said)


def _basket(_request: HttpRequest, release: Release, _shown: Shown) -> Card:
    return _whole(release, release.basket.name)


def _value(row: ProfileRow) -> Number:
    bounds = words.interval(row.low, row.high, 0)
    below = f"{bounds} (95%)" if bounds else ""
    if not row.official:
        below = _("provisional")
    colour = palette.series_colour(row.series)
    return Number(words.series_name(row.series), words.points(row.value, 0), below, colour)


def _pointed(figure: Figure, facts: FrontierFacts, *systems: System) -> Figure:
    """The frontier with these systems alone named, and ringed."""
    kept = [a for a in figure["layout"]["annotations"] if a.get("name") != "mark"]
    wanted = {system.slug for system in systems}
    marks = [mark for mark in facts.marks if mark.system.slug in wanted]
    if not marks:
        return {**figure, "layout": {**figure["layout"], "annotations": kept}}
    days = [mark.system.released_on.isoformat() for mark in marks]
    ring = {
        "type": "scatter", "mode": "markers", "x": days,
        "y": [round(mark.value, 3) for mark in marks], "hoverinfo": "skip",
        "marker": {
            "symbol": "circle-open", "size": 18, "color": "var(--ink)", "line": {"width": 2},
        },
    }  # fmt: skip
    labels = [
        {
            "name": "mark", "text": mark.system.name, "x": day, "y": round(mark.value, 3),
            "showarrow": False, "font": {"size": 15, "color": "var(--ink)", "weight": 600},
        }
        for mark, day in zip(marks, days, strict=True)
    ]  # fmt: skip
    layout = {**figure["layout"], "annotations": [*kept, *labels]}
    return {"data": [ring, *figure["data"]], "layout": layout}


def _system(request: HttpRequest, release: Release, shown: Shown) -> Card | None:
    named = System.objects.select_related("developer").filter(slug=page.text(request, "system"))
    found = named.first()
    if found is None or not shown.known.includes(found.released_on):
        return None
    own = profile_facts(release, found, None)
    rows = [row for row in (*own.headlines, *own.rows) if row.series in ("headline", *DOMAINS)]
    title = _("%(system)s, %(developer)s") % {
        "system": found.name,
        "developer": found.developer.name,
    }
    facts = frontier_facts(release, "capability")
    figure = frontier_chart(facts, state={}).wide if facts.marks else None
    pointed = _pointed(figure, facts, found) if figure else None
    return _card(release, title, [_value(row) for row in rows], pointed)


def _compare(request: HttpRequest, release: Release, _shown: Shown) -> Card | None:
    """Capability of each of the systems, and where they stand on its frontier."""
    systems = asked_systems(request)
    facts = frontier_facts(release, "capability")
    if len(systems) < 2 or not facts.marks:
        return None
    found = compared_systems(release, systems)
    colour = palette.series_colour("capability")
    numbers = [
        Number(one.name.name, words.points(value.value, 0),
               f"{words.interval(value.low, value.high, 0)} (95%)" if value.low else "", colour)
        for one in found if (value := one.values.get("capability"))
    ]  # fmt: skip
    title = _("%(systems)s: capability") % {"systems": names_of([one.name for one in found])}
    figure = _pointed(frontier_chart(facts, state={}).wide, facts, *systems)
    return _card(release, title, numbers[:MOST_NUMBERS], figure)


def _eval(request: HttpRequest, release: Release, shown: Shown) -> Card | None:
    item = Eval.objects.select_related("domain").filter(slug=page.text(request, "eval")).first()
    if item is None:
        return None
    counted = counted_in(item, release.basket.slug, shown.known)
    goalposts = goalposts_of(item, counted[0].weight if counted else None)
    history = eval_history(item, release, goalposts, shown.known)
    if not history.rows:
        return None
    colour = palette.series_colour(item.domain.slug)
    unit = words.unit_name(item.unit)
    numbers = [
        Number(_("Highest score") if not history.lower_is_better else _("Lowest score"),
               words.number(history.best.value), f"{history.best.system.name}, {unit}", colour)
    ] if history.best else []  # fmt: skip
    if item.human_baseline is not None:
        numbers.append(Number(_("Human baseline"), words.number(item.human_baseline), unit))
    return _card(release, item.name, numbers, eval_chart(history, state={}).wide)


CARDS: dict[str, Maker] = {
    "home": _home,
    "generations": _generations,
    "release": _release,
    "basket": _basket,
    "system": _system,
    "eval": _eval,
    "compare": _compare,
}
