"""The feed of releases."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from baskets.feed import NEWEST, release_feed
from baskets.selectors import releases
from baskets.views import page


@page.public_page
def feed(request: HttpRequest) -> HttpResponse:
    """The newest releases as Atom."""
    newest = releases.known_releases(releases.OFFICIAL_BASKET).order_by("-number")[:NEWEST]
    text = release_feed(list(newest), site=settings.SITE_URL, address=request.path)
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")
