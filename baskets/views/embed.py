"""A chart alone, as a page that any site may put in a frame."""

from __future__ import annotations

from csp.constants import NONE
from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt

from baskets.charts import palette
from baskets.charts.citation import pinned
from baskets.selectors.releases import OFFICIAL_BASKET
from baskets.views import page
from baskets.views.charts import chart_of

ANYWHERE = {"frame-ancestors": ["*"], "form-action": [NONE]}


def _embed(request: HttpRequest, name: str) -> HttpResponse:
    """The chart of this name in the state of the address; without one, why, in the same frame."""
    try:
        return _drawn(request, name)
    except page.BadQuery as bad:
        reason, status = str(bad), 400
    except Http404 as missing:
        reason, status = str(missing), 404
    theme = request.GET.get("theme", "")
    context = {"reason": reason, "theme": theme if theme in palette.THEMES else ""}
    return render(request, "charts/embed.html", context, status=status)


def _drawn(request: HttpRequest, name: str) -> HttpResponse:
    """The chart with its release and a way to the site.

    `theme` fixes light or dark; without it the page follows the reader's system.
    """
    theme = page.choice(request, "theme", ("", *palette.THEMES), "")
    shown = page.shown_of_basket(request)
    built = chart_of(request, name, shown)
    context = {
        "chart": built,
        "release": shown.release,
        "kept": shown.kept_for(OFFICIAL_BASKET),
        "theme": theme,
        "permanent": pinned(built.embed_address, shown.release) if built and shown.release else "",
    }
    return render(request, "charts/embed.html", context, status=200 if built else 404)


embed = xframe_options_exempt(csp_replace(ANYWHERE)(page.public_page(_embed)))
# What an owner renames or deletes must be so at once.
unlisted_embed = xframe_options_exempt(csp_replace(ANYWHERE)(page.unlisted(_embed)))
