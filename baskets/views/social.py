"""Preview pictures of pages, for sites where their addresses are shared."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from baskets.charts.social import card_svg
from baskets.views import page
from baskets.views.cards import CARDS
from baskets.views.twins import png_answer


@page.public_page
def social(request: HttpRequest, name: str) -> HttpResponse:
    """The picture of the page of this name, 1200 by 630; 404 where the page has nothing to show.

    The page's subject and its past are in the query: `system`, `eval`, `basket`, `release`,
    `as_of`.
    """
    if name not in CARDS:
        raise Http404(_("There is no picture at this address."))
    shown = page.shown_of_basket(request)
    card = CARDS[name](request, shown.release, shown) if shown.release else None
    if card is None:
        raise Http404(_("There is nothing to show in this picture."))
    return png_answer(card_svg(card), f"{name}.png", zoom=1)
