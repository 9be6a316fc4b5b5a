"""How the versions of a basket came to be: who proposed and approved them, when and why."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from baskets.models import Basket
from baskets.selectors.proposals import histories
from baskets.selectors.watch import lifecycles
from baskets.views import page


@page.public_page
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """Every version that was published or proposed, with its steps and each weight's reason."""
    found = Basket.objects.select_related("base").filter(slug=slug).first()
    if found is None:
        raise Http404(_("There is no basket of this name."))
    shown = page.shown(request, slug)
    if shown.past and shown.release is None:
        return page.nothing_known(request, "baskets", shown)
    context = {
        "basket": found,
        "versions": histories(found, shown.known),
        "lifecycles": lifecycles(shown.release) if shown.release else {},
    }
    return page.answer(request, "baskets/history.html", "baskets", shown, **context)
