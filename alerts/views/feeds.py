"""A rule as a feed: the rule stands in the address, and nobody signs up for anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.clients import client_of
from alerts import archive, plain, rule_words, selectors, services, wording
from alerts.own_pairs import KINDS
from alerts.own_past import Past, past_of
from alerts.rules import BadTerms, Kind, Message, Terms, history
from alerts.views.answers import THROTTLED
from alerts.views.refusing import bad_terms, never_told, refusal
from alerts.wording import Description
from baskets.models import OwnBasket
from baskets.views import page
from baskets.views.own_query import one

NEWEST = 50
MOST_SAID = 50
"""Events that are said whole in one entry; its title counts them all."""
MOST_READ = 120
"""Pasts of own baskets that are read anew for one client within an hour."""


@dataclass(frozen=True)
class Entry:
    """One message of the rule: `ident` and `url` are those of its first event."""

    ident: str
    url: str
    title: str
    at: dt.datetime
    descriptions: tuple[Description, ...]


@dataclass(frozen=True)
class Channel:
    """A feed: what it is about, the page that it belongs to, and what it tells."""

    title: str
    home: str
    entries: list[Entry]


@cache_control(public=True, max_age=0, must_revalidate=True)
@require_safe
def atom(request: HttpRequest) -> HttpResponse:
    """What a rule tells, as Atom."""
    return _answer(request, _official, as_atom, kinds=tuple(Kind))


@cache_control(public=True, max_age=0, must_revalidate=True)
@require_safe
def json(request: HttpRequest) -> HttpResponse:
    """What a rule tells, as JSON Feed 1.1."""
    return _answer(request, _official, as_json, kinds=tuple(Kind))


@page.unlisted
def own_atom(request: HttpRequest, public_id: str) -> HttpResponse:
    """What a rule tells of a reader's own basket, as Atom."""
    return _answer(request, partial(_own, request, one(public_id)), as_atom, kinds=KINDS)


@page.unlisted
def own_json(request: HttpRequest, public_id: str) -> HttpResponse:
    """What a rule tells of a reader's own basket, as JSON Feed 1.1."""
    return _answer(request, partial(_own, request, one(public_id)), as_json, kinds=KINDS)


def _answer(
    request: HttpRequest,
    channel: Callable[[Terms], Channel],
    write: Callable[[HttpRequest, Terms, Channel], HttpResponse],
    *,
    kinds: Collection[Kind],
) -> HttpResponse:
    try:
        terms = Terms.from_query(dict(request.GET.lists()))
    except BadTerms as error:
        return refusal(bad_terms(error))
    if why := never_told(terms, kinds=kinds):
        return refusal(why)
    try:
        return write(request, terms, channel(terms))
    except services.TooManyRequests:
        text = _("Too many requests")
        return HttpResponse(text, status=THROTTLED, content_type="text/plain; charset=utf-8")


def as_atom(request: HttpRequest, terms: Terms, channel: Channel) -> HttpResponse:
    """The feed as Atom."""
    feed = Atom1Feed(
        title=channel.title,
        link=settings.SITE_URL + channel.home,
        description=rule_words.terms_in_words(terms),
        language=get_language(),
        author_name=_("AGI Index"),
        feed_url=_address(request, terms),
    )
    for entry in channel.entries:
        feed.add_item(
            title=entry.title,
            link=entry.url,
            description=_html(entry.descriptions),
            pubdate=entry.at,
            updateddate=entry.at,
            unique_id=entry.ident,
        )
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )


def as_json(request: HttpRequest, terms: Terms, channel: Channel) -> HttpResponse:
    """The feed as JSON Feed 1.1."""
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "description": rule_words.terms_in_words(terms),
        "home_page_url": settings.SITE_URL + channel.home,
        "feed_url": _address(request, terms),
        "language": get_language(),
        "items": [_item(entry) for entry in channel.entries],
    }
    return JsonResponse(
        body, content_type="application/feed+json", json_dumps_params={"ensure_ascii": False}
    )


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.ident,
        "url": entry.url,
        "title": entry.title,
        "content_html": _html(entry.descriptions),
        "date_published": entry.at.isoformat(),
    }


def _official(terms: Terms) -> Channel:
    """The newest messages of a rule, newest first; what was reconstructed is never told.

    A silence after a message is counted from the oldest one among the rows that are read.
    """
    basket = selectors.official_basket()
    channel = Channel(_("AGI Index: alerts"), reverse("alerts:index"), [])
    if basket is None:
        return channel
    events = archive.of_basket(basket).filter(reconstructed=False)
    heard = archive.newest(archive.asked_for(terms, events))
    messages = list(history(terms, heard))[-NEWEST:]
    known = archive.by_id({event.id for message in messages for event in message.events})
    channel.entries.extend(
        _entry([known[event.id] for event in message.events]) for message in messages[::-1]
    )
    return channel


def _own(request: HttpRequest, own: OwnBasket, terms: Terms) -> Channel:
    """The same of a reader's own basket, whose events are not stored for everybody.

    Raises TooManyRequests for a client that has had `MOST_READ` pasts read within an hour.
    """
    client = f"own feed {client_of(request)}"
    counted = partial(services.count_request, client, now=now(), most=MOST_READ)
    past = past_of(own, before_reading=counted)
    heard = [event for event in past.heard if not event.reconstructed]
    messages = list(history(terms, heard))[-NEWEST:]
    title = _("Alerts of own basket “%(name)s”") % {"name": own.name}
    home = reverse("alerts:own", args=[own.public_id])
    return Channel(title, home, [_own_entry(own, past, said) for said in messages[::-1]])


def _own_entry(own: OwnBasket, past: Past, said: Message) -> Entry:
    made = past.made[said.events[0].id]
    path = reverse("baskets:own-basket", args=[own.public_id])
    address = f"{settings.SITE_URL}{path}?release={made.number}"
    descriptions = tuple(wording.describe(past.events[event.id]) for event in said.events)
    title = plain.headline([one.title for one in descriptions])
    return Entry(f"{address}#alerts", address, title, made.at, descriptions)


def _entry(events: Sequence[Any]) -> Entry:
    first = events[0]
    path = reverse("alerts:event", args=[first.pk])
    descriptions = tuple(wording.describe(event) for event in events)
    return Entry(
        ident=f"{settings.SITE_URL}/alerts/events/{first.pk}/",
        url=settings.SITE_URL + path,
        title=plain.headline([one.title for one in descriptions]),
        at=first.created_at,
        descriptions=descriptions,
    )


def _html(descriptions: Sequence[Description]) -> str:
    lines = [
        (line,)
        for one in descriptions[:MOST_SAID]
        for line in (one.title, *one.sentences, plain.drivers(one))
        if line
    ]
    return str(format_html_join("", "<p>{}</p>", lines))


def _address(request: HttpRequest, terms: Terms) -> str:
    query = urlencode(terms.to_query())
    return str(settings.SITE_URL) + request.path + (f"?{query}" if query else "")
