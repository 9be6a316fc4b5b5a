"""What every public page shares: caching, plain answers to bad addresses, the release it shows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from baskets.charts import words
from baskets.models import Release
from baskets.selectors import releases
from baskets.selectors.known import EVERYTHING, Known, known_on, known_with

LONGEST_VALUE = 200
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
View = Callable[..., HttpResponse]


class BadQuery(Exception):
    """A value in the address cannot be read; the text says which one and what is allowed."""


def public_page(view: View) -> View:
    """A page that is the same for every reader: GET only, cacheable, 400 for a bad address.

    The view must read no cookie and no session, and its template must hold no form token.
    """
    return cache_control(public=True, max_age=0, must_revalidate=True)(sealed_file(view))


def unlisted(view: View) -> View:
    """A page that reads no cookie, for whoever has its address: kept nowhere, indexed nowhere."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    return cache_control(private=True, max_age=0, must_revalidate=True)(sealed_file(marked))


def sealed_file(view: View) -> View:
    """GET only and 400 for a bad address; the view itself says how long its answer may be kept."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except BadQuery as bad:
            return render(request, "400.html", {"reason": str(bad)}, status=400)

    return require_safe(guarded)


def text(request: HttpRequest, name: str, *, longest: int = LONGEST_VALUE) -> str:
    """The value of a query parameter, or an empty text. BadQuery for a repeated or endless one."""
    values = request.GET.getlist(name)
    if len(values) > 1:
        raise BadQuery(_("“%(name)s” is given more than once.") % {"name": name})
    # A Chinese keyboard types the wide space.
    value = (values[0] if values else "").replace("\u3000", " ").replace("\xa0", " ")
    if len(value) > longest or not value.isprintable():
        raise BadQuery(_("“%(name)s” is too long or not printable.") % {"name": name})
    return value


def choice(request: HttpRequest, name: str, allowed: Sequence[str], default: str) -> str:
    """A query parameter that must be one of `allowed`; `default` where it is absent or empty."""
    value = text(request, name) or default
    if value not in allowed:
        options = ", ".join(option for option in allowed if option)
        raise BadQuery(
            _("“%(name)s” must be one of: %(options)s.") % {"name": name, "options": options}
        )
    return value


def date(request: HttpRequest, name: str) -> dt.date | None:
    """A query parameter as a date, written YYYY-MM-DD; None where it is absent or empty."""
    value = text(request, name)
    if not value:
        return None
    try:
        if DAY.fullmatch(value) is None:
            raise ValueError(value)
        return dt.date.fromisoformat(value)
    except ValueError:
        raise BadQuery(
            _("“%(name)s” must be a date such as 2026-03-31.") % {"name": name}
        ) from None


def whole_number(request: HttpRequest, name: str) -> int | None:
    """A query parameter as a number from 1 to 32,767; None where it is absent or empty."""
    value = text(request, name)
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 5 and 1 <= int(value) <= 32767):
        raise BadQuery(_("“%(name)s” must be a whole number from 1.") % {"name": name})
    return int(value)


def part(
    request: HttpRequest, rows: Sequence[Any] | QuerySet[Any, Any], size: int = 100
) -> Page[Any]:
    """The part of a long list that `page` in the address asks for. Http404 where there is none."""
    paginator = Paginator(rows, size)
    number = whole_number(request, "page") or 1
    if number > paginator.num_pages:
        raise Http404(_("This list has only %(n)s pages.") % {"n": paginator.num_pages})
    return paginator.page(number)


@dataclass(frozen=True)
class Shown:
    """The release that a page shows, and the past date or release it was asked for, if any.

    `pinned` is a release that was asked for by its number: what came later, be it on the same day,
    is left out. `not_yet` is a date in the future that was asked for: nothing can be known as of
    it, so the newest release is shown, and the page says so.
    """

    release: Release | None
    as_of: dt.date | None = None
    not_yet: dt.date | None = None
    pinned: Release | None = None
    basket: str = releases.OFFICIAL_BASKET

    @property
    def past(self) -> bool:
        """Whether something else than the present was asked for."""
        return self.as_of is not None or self.pinned is not None

    @property
    def last_day(self) -> dt.date | None:
        """The last day of what was known; None for the present."""
        return self.pinned.vintage_on if self.pinned else self.as_of

    def later_basket(self, number: int) -> str:
        """What a page of a past date says of a basket that was asked for and came later."""
        said = _("Basket %(number)s was not known on %(day)s.")
        return said % {"number": number, "day": words.day(self.last_day) if self.last_day else ""}

    @property
    def kept(self) -> dict[str, str]:
        """The part of the address that the charts of the page keep."""
        named = {} if self.basket == releases.OFFICIAL_BASKET else {"basket": self.basket}
        return named | self.kept_for(self.basket)

    def kept_for(self, basket_slug: str) -> dict[str, str]:
        """The part of the address that a link to a page of this basket keeps.

        Another basket's releases have numbers of their own: there the pin is a date.
        """
        if self.pinned is not None and basket_slug == self.basket:
            return {"release": str(self.pinned.number)}
        return {"as_of": self.last_day.isoformat()} if self.last_day else {}

    @property
    def known(self) -> Known:
        """What was known on the date, or when the release was made."""
        if self.pinned is not None:
            return known_with(self.pinned)
        if self.release is None:
            # Before the first release nothing was recorded here: what had been published counts.
            return Known(self.as_of, reconstructed=True) if self.as_of else EVERYTHING
        return known_on(self.release, self.as_of)


def shown(
    request: HttpRequest, basket_slug: str = releases.OFFICIAL_BASKET, *, dated_only: bool = False
) -> Shown:
    """The basket's release of the address, `release=19` or `as_of=2026-03-31`, else the newest.

    `dated_only`: a page that shows no release of its own asks for none without either. Http404 for
    a release that there is not, BadQuery for one that came after the date beside it.
    """
    as_of = date(request, "as_of")
    number = whole_number(request, "release")
    if number is not None:
        pinned = releases.numbered(number, basket_slug)
        if pinned is None:
            raise Http404(_("There is no release of this number."))
        if as_of is not None and as_of < pinned.vintage_on:
            said = _("“release” %(number)s came later than “as_of”: leave one of them out.")
            raise BadQuery(said % {"number": number})
        return Shown(pinned, pinned=pinned, basket=basket_slug)
    if as_of is None and dated_only:
        return Shown(None, basket=basket_slug)
    if as_of is not None and as_of > timezone.now().date():
        return Shown(releases.current(basket_slug), not_yet=as_of, basket=basket_slug)
    return Shown(releases.current(basket_slug, as_of=as_of), as_of, basket=basket_slug)


def shown_of_basket(request: HttpRequest) -> Shown:
    """The same of the basket that the address names by `basket`, by default the official one."""
    return shown(request, text(request, "basket") or releases.OFFICIAL_BASKET)


def answer(
    request: HttpRequest, template: str, section: str, shown: Shown, **context: Any
) -> HttpResponse:
    """The page of a section, with the banner of a past date and links that keep it."""
    if shown.as_of is not None and shown.release is None:
        return nothing_known(request, section, shown)
    return render(request, template, shared(section, shown) | context)


def nothing_known(
    request: HttpRequest, section: str, shown: Shown, subject: str = ""
) -> HttpResponse:
    """The page for a site without a release, or a date on which nothing of `subject` was known."""
    context = shared(section, shown) | {
        "subject": subject,
        "first": releases.first_vintage(shown.basket) if shown.as_of else None,
    }
    return render(request, "baskets/no_release.html", context)


def shared(section: str, shown: Shown) -> dict[str, Any]:
    """What the frame of every page needs."""
    return {
        "section": section,
        "release": shown.release,
        "as_of": shown.as_of,
        "not_yet": shown.not_yet,
        "pinned": shown.pinned,
        "past": shown.past,
        "last_day": shown.last_day,
        "kept": shown.kept_for(releases.OFFICIAL_BASKET),
        "live": not shown.past,
        "of_basket": shown.basket,
        "official": shown.basket == releases.OFFICIAL_BASKET,
    }
