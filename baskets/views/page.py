"""What every public page shares: caching, plain answers to bad addresses, the release it shows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from baskets.models import Release
from baskets.selectors import releases

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


def sealed_file(view: View) -> View:
    """GET only and 400 for a bad address; the view itself says how long its answer may be kept."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except BadQuery as bad:
            return render(request, "400.html", {"reason": str(bad)}, status=400)

    return require_safe(answer)


def text(request: HttpRequest, name: str) -> str:
    """The value of a query parameter, or an empty text. BadQuery for a repeated or endless one."""
    values = request.GET.getlist(name)
    if len(values) > 1:
        raise BadQuery(_("“%(name)s” is given more than once.") % {"name": name})
    value = values[0] if values else ""
    if len(value) > LONGEST_VALUE or not value.isprintable():
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


def shown_release(request: HttpRequest) -> tuple[Release | None, dict[str, str]]:
    """The release to show, by `as_of` where the address has it, and the state to keep in links."""
    as_of = date(request, "as_of")
    release = releases.current(as_of=as_of)
    return release, {"as_of": as_of.isoformat()} if as_of else {}


def no_release(request: HttpRequest, section: str, state: dict[str, str]) -> HttpResponse:
    """The page for a site, or a date, that has no release."""
    context = {"section": section, "as_of": state.get("as_of")}
    return render(request, "baskets/no_release.html", context)
