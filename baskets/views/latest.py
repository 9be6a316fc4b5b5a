"""What an open page asks now and then: which release is the newest."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from baskets.selectors import releases
from baskets.views import page


@page.public_page
def latest(request: HttpRequest) -> HttpResponse:
    """Number, vintage and address of the newest release; all null where there is none."""
    newest = releases.current()
    return JsonResponse(
        {
            "release": newest.number if newest else None,
            "vintage_on": newest.vintage_on if newest else None,
            "address": reverse("baskets:release", args=[newest.number]) if newest else None,
        }
    )
