"""Search: from any page to any system, eval, developer, release or section of the methodology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from baskets.charts import words
from baskets.selectors.search import KINDS, Find, search
from baskets.views import page
from baskets.views.page import Shown
from evals.subjects import subdomain_name

MOST, MOST_SUGGESTED = 100, 10


@dataclass(frozen=True)
class Result:
    """A find as a reader sees it."""

    kind: str
    slug: str
    name: str
    url: str
    detail: str


# Every beginning of every word is an address of its own: they may be kept by a browser, and not in
# the memory of the server, from where they would drive the pages.
@cache_control(max_age=0, must_revalidate=True)
@page.sealed_file
def results(request: HttpRequest) -> HttpResponse:
    """The page of what a query found."""
    query = page.text(request, "q").strip()
    kind = page.choice(request, "kind", ["", *KINDS], "")
    shown = page.shown(request, dated_only=True)
    kinds = [kind] if kind else KINDS
    found = _found(query, shown, kinds, MOST)
    context = {
        "query": query,
        "kind": kind,
        "kinds": [(name, label) for name, label in _kinds().items()],
        "results": [(_kinds()[find.kind], result(find, shown.kept)) for find in found],
        "full": len(found) == MOST,
    }
    return page.answer(request, "baskets/search.html", "search", shown, **context)


@cache_control(max_age=60)
@page.sealed_file
def suggestions(request: HttpRequest) -> HttpResponse:
    """The best finds as JSON, for whoever is still typing; `kind` asks for one kind only."""
    query = page.text(request, "q").strip()
    kind = page.choice(request, "kind", ["", *KINDS], "")
    shown = page.shown(request, dated_only=True)
    kinds = [kind] if kind else KINDS
    found = _found(query, shown, kinds, MOST_SUGGESTED)
    return JsonResponse({"results": [vars(result(find, shown.kept)) for find in found]})


def _found(query: str, shown: Shown, kinds: Sequence[str], most: int) -> list[Find]:
    # Before the first release nothing was known.
    if not query or (shown.past and shown.release is None):
        return []
    return search(query, shown.known, most=most, kinds=kinds)


def result(find: Find, kept: dict[str, str]) -> Result:
    """The find with its address, on the past date that the page shows."""
    name = find.name
    if find.kind == "release":
        name = _("Release %(number)s") % {"number": find.slug}
    return Result(find.kind, find.slug, name, _address(find, kept), _detail(find))


def _address(find: Find, kept: dict[str, str]) -> str:
    asked, anchor = dict(kept), ""
    match find.kind:
        case "developer":
            path = reverse("baskets:systems")
            asked = {"developer": find.slug, **asked}
        case "section":
            path, anchor = reverse("baskets:methodology"), f"#{find.slug}"
        case kind:
            path = reverse(f"baskets:{kind}", args=[find.slug])
    return f"{path}{'?' + urlencode(asked) if asked else ''}{anchor}"


def _detail(find: Find) -> str:
    facts = find.facts
    day = words.day(facts.released_on) if facts.released_on else ""
    match find.kind:
        case "system" if not day:
            return _("System by %(developer)s") % {"developer": facts.developer}
        case "system":
            return _("System by %(developer)s, released %(day)s") % {
                "developer": facts.developer,
                "day": day,
            }
        case "eval":
            return _("Eval of %(domain)s, %(subdomain)s") % {
                "domain": words.series_name(facts.domain),
                "subdomain": subdomain_name(facts.subdomain),
            }
        case "developer":
            return _("Developer; systems: %(count)s") % {"count": facts.systems}
        case "release":
            return _("Known on %(day)s") % {"day": day}
    return _("Section of the methodology")


def _kinds() -> dict[str, str]:
    return {
        "system": _("System"),
        "eval": _("Eval"),
        "developer": _("Developer"),
        "release": _("Release"),
        "section": _("Methodology"),
    }
