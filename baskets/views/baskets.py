"""Baskets: the list, and one basket with its versions and links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from baskets.charts import words
from baskets.charts.figures_weights import weights_chart
from baskets.models import Basket
from baskets.selectors import baskets as selectors
from baskets.selectors.baskets import VersionFacts
from baskets.selectors.challenges import answered
from baskets.selectors.proposals import proposals
from baskets.selectors.watch import lifecycles
from baskets.views import page
from baskets.views.page import Shown


@page.public_page
def baskets(request: HttpRequest) -> HttpResponse:
    """Every basket and its published versions."""
    shown = page.shown(request, dated_only=True)
    found = selectors.baskets_known(shown.known) if shown.past else selectors.baskets()
    rows = [(each, shown.kept_for(each.slug)) for each in found]
    return page.answer(request, "baskets/baskets.html", "baskets", shown, baskets=rows)


@page.public_page
def basket(request: HttpRequest, slug: str) -> HttpResponse:
    """One basket: weights old beside new, what entered and left, and how versions are linked."""
    found = Basket.objects.select_related("base").filter(slug=slug).first()
    if found is None:
        raise Http404(_("There is no basket of this name."))
    shown = page.shown(request, slug)
    if shown.past and shown.release is None:
        return page.nothing_known(request, "baskets", shown)
    versions = selectors.version_facts(found, shown.release, shown.known)
    chosen, later = _chosen(request, shown, found, versions)
    context = {
        "basket": found,
        "later": later,
        "numbers": [facts.version for facts in versions],
        "proposals": [] if shown.past else proposals(found),
        "questions": answered(found, shown.known),
        "questionable": not shown.past and _newest(chosen, versions),
        "chosen": chosen[0].version.number if chosen else None,
        "lifecycles": lifecycles(shown.release) if shown.release else {},
        "versions": [(facts, _chart(facts, found, shown.kept), _groups(facts)) for facts in chosen],
        "reasons": [
            (name, found.domain_rationale[name])
            for name in words.DOMAINS
            if name in found.domain_rationale
        ],
    }
    return page.answer(request, "baskets/basket.html", "baskets", shown, **context)


def _chosen(
    request: HttpRequest, shown: Shown, found: Basket, versions: Sequence[VersionFacts]
) -> tuple[list[VersionFacts], str]:
    """The version that the address asks for, by default the newest; none where there is none.

    The newest also for one that came after the past date, and with it what the page says of that.
    """
    newest = sorted(versions, key=lambda facts: facts.version.number)[-1:]
    number = page.whole_number(request, "version")
    if number is None:
        return newest, ""
    chosen = [facts for facts in versions if facts.version.number == number]
    if chosen:
        return chosen, ""
    published = found.versions.filter(number=number, published_at__isnull=False)
    if not (shown.past and published.exists()):
        raise Http404(_("The basket has no such version."))
    return newest, shown.later_basket(number)


def _newest(chosen: Sequence[VersionFacts], versions: Sequence[VersionFacts]) -> bool:
    """Whether the version that is shown is the one whose weights can be questioned."""
    newest = max((facts.version.number for facts in versions), default=None)
    return bool(chosen) and chosen[0].version.number == newest


def _chart(facts: VersionFacts, found: Basket, kept: dict[str, str]) -> object:
    number = facts.version.number
    return weights_chart(
        list(facts.rows),
        basket=found.name,
        number=number,
        state={**kept, "basket": found.slug, "version": str(number)},
    )


def _groups(facts: VersionFacts) -> dict[str, Any]:
    """The rows that are in the version, by domain, and those that left."""
    inside = [row for row in facts.rows if row.share is not None]
    inside.sort(key=lambda row: -(row.share or 0))
    return {
        "counted": len(inside),
        "domains": [
            (
                domain,
                share,
                before,
                [row for row in inside if row.eval.domain == domain],
            )
            for domain, share, before in facts.domains
        ],
        "gone": [row for row in facts.rows if row.share is None],
    }
