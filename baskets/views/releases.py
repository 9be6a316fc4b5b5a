"""Releases: the list, and one release written out."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from baskets.charts import state, words
from baskets.charts.chart import Chart
from baskets.prose import next_release, paragraphs, release_sentence, release_title
from baskets.selectors import releases as selectors
from baskets.selectors.news import news
from baskets.selectors.release_pages import ReleasePage, release_page, release_rows
from baskets.views import page
from baskets.views.charts_compared import frontier_moved_chart

PER_PAGE = 50
FOR_EVER = 365 * 24 * 3600


@page.public_page
def releases(request: HttpRequest) -> HttpResponse:
    """Every release, newest first, reconstructed ones marked."""
    shown = page.shown(request, dated_only=True)
    until = shown.release.number if shown.past and shown.release else None
    known = selectors.known_releases(until=until).defer("bundle", "summary").order_by("-number")
    part = page.part(request, known, PER_PAGE)
    return page.answer(
        request,
        "baskets/releases.html",
        "releases",
        shown,
        part=part,
        rows=release_rows(part),
    )


@page.public_page
def release(request: HttpRequest, number: int) -> HttpResponse:
    """One release in words: where the series stood, what moved since the one before, its seal."""
    asked = page.shown(request, dated_only=True)
    choice = page.choice(request, "series", ["", *words.SERIES], "")
    until = (asked.release.number if asked.release else 0) if asked.past else None
    found = release_page(number, until=until)
    if found is None:
        if asked.past and selectors.numbered(number):
            name = _("release %(number)s") % {"number": number}
            return page.nothing_known(request, "releases", asked, name)
        raise Http404(_("There is no release of this number."))
    shown = replace(asked, release=found.release)
    newest = found.following is None and not shown.past
    return page.answer(
        request,
        "baskets/release.html",
        "releases",
        shown,
        page=found,
        live=newest,
        frontier_change=_frontier_change(found, choice, asked.kept),
        headline=release_title(found.domains, found.series),
        sentence=release_sentence(found.domains),
        paragraphs=paragraphs(news(found), upcoming=next_release() if newest else ""),
    )


def _frontier_change(found: ReleasePage, series: str, kept: dict[str, str]) -> Chart | None:
    """Why the frontier is not where it was, by default in the series in which it moved most."""
    if found.previous is None:
        return None
    moved = [row for row in found.series if row.move is not None]
    if not series:
        if not moved:
            return None
        series = max(moved, key=lambda row: abs(row.move or 0.0)).series
    controls = state.controls((state.series_option(),), {"series": series})
    made = frontier_moved_chart(found.previous, found.release, series, kept)
    return replace(made, controls=controls) if made else None


@page.sealed_file
def bundle(request: HttpRequest, number: int) -> HttpResponse:
    """The bytes that the release's SHA-256 seals; they never change, so they may be kept for ever.

    `basket` in the address names another basket than the official one.
    """
    slug = page.text(request, "basket") or selectors.OFFICIAL_BASKET
    found = selectors.numbered(number, slug)
    if found is None:
        raise Http404(_("There is no release of this number."))
    response = HttpResponse(selectors.bundle_text(found), content_type="application/json")
    response["Cache-Control"] = f"public, max-age={FOR_EVER}, immutable"
    response["ETag"] = f'"{found.sha256}"'
    response["Content-Disposition"] = f'attachment; filename="{slug}-release-{number}.json"'
    return response
