"""The page for an address where nothing is."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from baskets.selectors.near import near
from baskets.views import page
from baskets.views.page import Shown

# A name by itself, or in one of the sections, with or without a language before it.
NAMED = re.compile(r"/(?:zh-han[st]/)?(?:(systems|evals|baskets|compare)/)?([\w.-]{2,120})/?")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 with what the view said, names that are near to the one asked for, and the search."""
    shown = _shown(request)
    asked = NAMED.fullmatch(request.path)
    reason = exception.args[0] if exception.args else ""
    context = page.shared("", shown) | {
        "reason": reason if isinstance(reason, str) else "",
        "asked": asked[2] if asked else "",
        "near": near(asked[2], shown.known) if asked else [],
        # A page that is not there has no release of its own to watch.
        "live": False,
        "missing": True,
    }
    return render(request, "404.html", context, status=404)


def _shown(request: HttpRequest) -> Shown:
    try:
        return page.shown(request)
    except (page.BadQuery, Http404):
        return Shown(None)
