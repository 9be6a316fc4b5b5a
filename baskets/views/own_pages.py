"""What everybody with its address sees of a reader's own basket: page, files, feed, comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baskets.charts.words import series_name
from baskets.models import OwnBasket, OwnRelease, Release
from baskets.own_feed import own_feed
from baskets.prose.own import said_of
from baskets.prose.whatif import refused_as
from baskets.selectors import own as selectors
from baskets.selectors.catalog import SystemName, eval_names, system_names
from baskets.selectors.own_content import Json, read, text_of
from baskets.selectors.whatif_parts import FrontierStep
from baskets.views import own_charts, page
from baskets.views.own_query import MOST, added, one, several
from baskets.views.page import Shown
from evals import spreadsheet

PER_PAGE = 25
LISTED = 25
COLUMNS = (
    "release", "vintage_on", "reconstructed", "version", "series", "system", "value", "low", "high",
    "worst", "best", "coverage", "official", "sha256",
)  # fmt: skip


def switch() -> list[tuple[str, str]]:
    """The series that a page of own baskets can show, with their names."""
    return [(name, series_name(name)) for name in selectors.SERIES]


def shown_own(request: HttpRequest, own: OwnBasket) -> tuple[Shown, OwnRelease | None]:
    """What the address asks for, and the own basket's release of it, None before there is one."""
    shown = page.shown(request, own.basket.slug)
    if shown.pinned is not None:
        return shown, selectors.numbered_of(own, shown.pinned.number)
    if shown.release is None:
        return shown, None
    return shown, selectors.newest_of(own, until=shown.release)


@page.unlisted
def own_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """An own basket: its frontier beside the official one, ranks, weights, releases."""
    own = one(public_id)
    shown, stored = shown_own(request, own)
    series = page.choice(request, "series", selectors.SERIES, selectors.SERIES[0])
    context: dict[str, Any] = {
        "own": own,
        "series": series,
        "switch": switch(),
        "waiting": selectors.waiting_of(own),
        "stored": stored,
        "part": page.part(request, selectors.releases_of(own, until=shown.release), PER_PAGE),
        "versions": list(own.versions.select_related("anchor").defer("anchor__bundle")),
        "change": _what_if(own),
        "address": settings.SITE_URL + reverse("baskets:own-basket", args=[own.public_id]),
    }
    if stored is not None:
        context |= _facts(own, stored, shown, series)
    return page.answer(request, "baskets/own_basket.html", "baskets", shown, **context)


def _facts(own: OwnBasket, stored: OwnRelease, shown: Shown, series: str) -> dict[str, Any]:
    """What one release of an own basket says. The parent's release is the one it was made from."""
    release, content, names = stored.release, read(stored), system_names()
    facts: dict[str, Any] = {"release": release, "behind": shown.release != release}
    if stored.refusal:
        said = content["refusal"]
        return facts | {"refusal": refused_as(said["name"], said["detail"])}
    kept = Shown(release, pinned=release, basket=own.basket.slug).kept
    ranked = selectors.ranking(content, release, series, names)
    weights, number = selectors.shares(content, release, eval_names())
    standings = selectors.standings_of(stored.summary, release)
    return facts | {
        "said": said_of(standings, series, names),
        "standings": [
            (row, names[row.own.system] if row.own else None,
             names[row.official.system] if row.official else None)
            for row in standings
        ],
        "chart": own_charts.drawn([own], {own.pk: content}, release, series, names, kept),
        "systems": ranked[:LISTED],
        "more_systems": len(ranked) - LISTED,
        "weights": weights,
        "parent_version": number,
        "replicates": content["replicates"],
    }  # fmt: skip


def _what_if(own: OwnBasket) -> str:
    """The what-if with the newest weights, from which others can be saved."""
    newest = own.versions.latest("number")
    path = reverse("baskets:what-if", args=[own.basket.slug])
    return f"{path}?{urlencode(sorted({**newest.adjustments, 'own': own.public_id}.items()))}"


@page.unlisted
def own_state(request: HttpRequest, public_id: str) -> HttpResponse:
    """How many releases are still being made, for a page that waits."""
    waiting = selectors.waiting_of(one(public_id))
    body = _sentence(waiting)
    response = HttpResponse(body, content_type="text/plain; charset=utf-8")
    response["X-Waiting"] = str(waiting.coming)
    return response


def _sentence(waiting: selectors.Waiting) -> str:
    return ngettext(
        "%(n)d release is still being computed.",
        "%(n)d releases are still being computed.",
        waiting.coming,
    ) % {"n": waiting.coming}


@page.unlisted
def own_csv(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every value of one release, by default of the newest."""
    own = one(public_id)
    _shown, stored = shown_own(request, own)
    if stored is None:
        raise Http404(_("This own basket has no such release yet."))
    head = (
        stored.release.number,
        stored.release.vintage_on,
        stored.reconstructed,
        stored.version.number,
    )
    rows = (
        (*head, *(row[name] for name in COLUMNS[4:-1]), stored.sha256)
        for row in read(stored)["systems"]
    )
    name = f"own-{own.public_id}-release-{stored.release.number}.csv"
    body = spreadsheet.table(COLUMNS, rows)
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@page.unlisted
def own_sealed(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """The bytes that the SHA-256 of a release seals."""
    stored = selectors.numbered_of(one(public_id), number)
    if stored is None:
        raise Http404(_("This own basket has no such release yet."))
    response = HttpResponse(text_of(stored), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="own-{public_id}-{number}.json"'
    return response


@page.unlisted
def own_atom(request: HttpRequest, public_id: str) -> HttpResponse:
    """The newest releases of an own basket as Atom."""
    own = one(public_id)
    found = list(selectors.releases_of(own)[:PER_PAGE])
    text = own_feed(own, found, site=settings.SITE_URL, address=request.path)
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


@page.unlisted
def compared(request: HttpRequest) -> HttpResponse:
    """Up to three own baskets and the official one: one chart and one table."""
    more = added(request)
    if more or "add" in request.GET:
        named = [name for name in page.text(request, "own").split(",") if name]
        query = request.GET.copy()
        query.pop("add")
        query["own"] = ",".join(dict.fromkeys([*named, *([more] if more else [])]))
        return HttpResponseRedirect(f"{request.path}?{query.urlencode(safe=',')}")
    owns = several(request)
    if not owns:
        return page.answer(request, "baskets/own_compare.html", "baskets", Shown(None), most=MOST)
    shown = page.shown(request, owns[0].basket.slug)
    series = page.choice(request, "series", selectors.SERIES, selectors.SERIES[0])
    release = selectors.together(owns, until=shown.release)
    context: dict[str, Any] = {"owns": owns, "series": series, "most": MOST, "switch": switch()}
    if release is not None:
        found, names = selectors.contents(owns, release), system_names()
        kept = Shown(release, pinned=release, basket=release.basket.slug).kept
        context |= {
            "release": release,
            "chart": own_charts.drawn(owns, found, release, series, names, kept),
            "rows": _rows(owns, found, release, names),
        }
    return page.answer(request, "baskets/own_compare.html", "baskets", shown, **context)


def _rows(
    owns: Sequence[OwnBasket],
    found: Mapping[int, Json],
    release: Release,
    names: Mapping[str, SystemName],
) -> list[tuple[str, list[tuple[str, FrontierStep | None, SystemName | None]]]]:
    """By series, of the official basket and of each own one: its name, its newest step."""
    labels = [_("Official"), *(own.name for own in owns)]
    rows = []
    for series in selectors.SERIES:
        steps = [selectors.official_steps(release, series)]
        steps += [selectors.steps_of(found[own.pk], series) for own in owns]
        ends = [each[-1] if each else None for each in steps]
        cells = [
            (label, end, names[end.system] if end else None)
            for label, end in zip(labels, ends, strict=True)
        ]
        rows.append((series, cells))
    return rows
