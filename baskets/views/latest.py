"""What an open page asks now and then: which release is the newest."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from baskets.models import Release
from baskets.selectors import releases
from baskets.views import page


@page.public_page
def latest(request: HttpRequest) -> HttpResponse:
    """Number, vintage and address of a basket's newest release; all null where there is none.

    `basket` in the address names another basket than the official one.
    """
    slug = page.text(request, "basket") or releases.OFFICIAL_BASKET
    newest = releases.current(slug)
    return JsonResponse(
        {
            "release": newest.number if newest else None,
            "vintage_on": newest.vintage_on if newest else None,
            "address": _address(newest) if newest else None,
        }
    )


def _address(release: Release) -> str:
    """The page of the release; one of another basket than the official one has its basket's."""
    if release.basket.slug == releases.OFFICIAL_BASKET:
        return reverse("baskets:release", args=[release.number])
    page_of_basket = reverse("baskets:basket", args=[release.basket.slug])
    return f"{page_of_basket}?release={release.number}"
