"""Which own baskets an address names, and which of their releases a page shows."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from baskets.models import OwnBasket
from baskets.models.own import ID_LENGTH, SIGNS
from baskets.selectors.own import own_basket, visible
from baskets.views import page

MOST = 3
LONGEST = 200
_ID = re.compile(rf"[{SIGNS}]{{{ID_LENGTH}}}")


def one(public_id: str) -> OwnBasket:
    """The own basket of this id. Http404 for one that is not there, or is hidden."""
    # An address may hold what no database takes.
    found = own_basket(public_id) if _ID.fullmatch(public_id) else None
    if found is None:
        raise Http404(_("There is no own basket at this address, or it is not shown."))
    return found


def added(request: HttpRequest) -> str:
    """The id in what was typed or pasted as `add`, which may be a whole address; else empty.

    BadQuery for a text in which there is none.
    """
    typed = page.text(request, "add").strip()
    found = re.findall(rf"(?<![a-z0-9])[{SIGNS}]{{{ID_LENGTH}}}(?![a-z0-9])", typed)
    if typed and not found:
        raise page.BadQuery(_("“add” holds no address of an own basket."))
    return found[-1] if found else ""


def several(request: HttpRequest) -> list[OwnBasket]:
    """The own baskets that `own` names, separated by commas, in that order; none without it.

    BadQuery for more than three, for one that is named twice, and for baskets of several parents;
    Http404 for one that is not there.
    """
    named = [name for name in page.text(request, "own", longest=LONGEST).split(",") if name]
    if len(named) > MOST:
        raise page.BadQuery(
            _("At most %(n)s own baskets can be compared with the official one.") % {"n": MOST}
        )
    if len(set(named)) < len(named):
        raise page.BadQuery(_("“own” names a basket more than once."))
    found = {own.public_id: own for own in visible().filter(public_id__in=named)}
    if len(found) < len(named):
        raise Http404(_("There is no own basket at this address, or it is not shown."))
    if len({own.basket_id for own in found.values()}) > 1:
        raise page.BadQuery(_("Own baskets can be compared only where they began with one basket."))
    return [found[name] for name in named]
