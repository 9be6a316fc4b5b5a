"""The archive of events: all of them, sought and filtered by the address, and each by its own."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from alerts import archive, places, rule_words, wording
from alerts.models import Event
from alerts.rules import DOMAINS, Cause, Kind
from baskets.charts.words import series_name
from baskets.selectors import releases
from baskets.views import page
from baskets.views.own_query import one
from evals.models import System

PER_PAGE = 50


@page.public_page
def events(request: HttpRequest) -> HttpResponse:
    """Events, newest first; what is sought is in the address."""
    sought = _sought(request)
    part = page.part(request, archive.found(sought), PER_PAGE)
    context = {
        "section": "alerts",
        "part": part,
        "rows": [wording.describe(event) for event in part],
        "sought": sought,
        "kinds": [(kind.value, rule_words.KINDS[kind]) for kind in Kind],
        "causes": [(cause.value, rule_words.CAUSES[cause]) for cause in Cause],
        "domains": [(domain, series_name(domain)) for domain in DOMAINS],
        "systems": archive.systems_with_events(),
        "filtered": sought != archive.Sought(),
    }
    return render(request, "alerts/events.html", context)


def _sought(request: HttpRequest) -> archive.Sought:
    """What the address asks for. BadQuery for a value that there is not, 404 for a system."""
    system = page.text(request, "system")
    if system and not System.objects.filter(slug=system).exists():
        raise Http404(_("There is no system of this name."))
    return archive.Sought(
        text=page.text(request, "q")[:100].strip(),
        kind=page.choice(request, "kind", ["", *Kind], ""),
        cause=page.choice(request, "cause", ["", *Cause], ""),
        domain=page.choice(request, "domain", ["", *DOMAINS], ""),
        system=system,
    )


@page.public_page
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event, with its cause, its noise, its drivers, and what else its release brought."""
    found = archive.event(event_id)
    if found is None:
        raise Http404(_("There is no event with this number."))
    return _shown(request, found)


@page.unlisted
def own_event(request: HttpRequest, public_id: str, event_id: int) -> HttpResponse:
    """The same of a reader's own basket, for whoever has its address."""
    found = archive.of_own(one(public_id)).filter(pk=event_id).first()
    if found is None:
        raise Http404(_("There is no event with this number."))
    return _shown(request, found)


def _shown(request: HttpRequest, found: Event) -> HttpResponse:
    beside = [wording.describe(other) for other in archive.neighbours(found)]
    context = {
        "section": "alerts",
        "description": wording.describe(found),
        "release_url": release_url(found),
        "beside": [(places.event_path(other.event), other.title) for other in beside],
    }
    return render(request, "alerts/event.html", context)


def release_url(event: Event) -> str:
    """The page of the event's release; empty where no release made it."""
    if event.release is None:
        return ""
    if event.own is not None:
        path = reverse("baskets:own-basket", args=[event.own.public_id])
        return f"{path}?release={event.release.number}"
    basket = event.release.basket.slug
    address = reverse("baskets:release", args=[event.release.number])
    return address if basket == releases.OFFICIAL_BASKET else f"{address}?basket={basket}"
