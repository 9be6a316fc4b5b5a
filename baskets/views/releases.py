"""Releases: the list, and one release written out."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from baskets.selectors.release_pages import release_list, release_page
from baskets.sentence import release_sentence
from baskets.views import page


@page.public_page
def releases(request: HttpRequest) -> HttpResponse:
    """Every release, newest first, reconstructed ones marked."""
    context = {"section": "releases", "rows": release_list()}
    return render(request, "baskets/releases.html", context)


@page.public_page
def release(request: HttpRequest, number: int) -> HttpResponse:
    """One release in words: where the series stood, what moved since the one before, its seal."""
    found = release_page(number)
    if found is None:
        raise Http404(_("There is no release of this number."))
    context = {
        "section": "releases",
        "release": found.release,
        "page": found,
        "sentence": release_sentence(found.domains),
    }
    return render(request, "baskets/release.html", context)
