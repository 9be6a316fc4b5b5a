"""Stored events: as signals judge them, and as the archive lists them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from alerts.models import Event
from alerts.rules import Heard
from baskets.models import Basket, Release
from evals.models import System

COLUMNS = (
    *("id", "release__number", "on", "reconstructed", "kind", "cause", "series"),
    *("system__slug", "system__developer__slug", "previous_system__slug", "eval__slug"),
    *("move", "move_low", "move_high", "probability", "coverage", "official", "recovered"),
)
NAMED = (
    "system__developer",
    "previous_system",
    "eval",
    "version",
    "release__basket",
    "feed__source",
)


def heard(events: QuerySet[Event]) -> list[Heard]:
    """Events as signals judge them, in the order of their days and releases."""
    rows = events.order_by("on", "release__number", "id").values_list(*COLUMNS)
    # An event without a release is an occasion of its own.
    return [
        Heard(
            pk,
            -pk if place is None else place,
            *rest[:4],
            *(name or "" for name in rest[4:8]),
            *rest[8:],
        )
        for pk, place, *rest in rows
    ]


def of_basket(basket: Basket) -> QuerySet[Event]:
    """All that happened to a basket, and to the feeds that every basket rests on."""
    return Event.objects.filter(Q(release__basket=basket) | Q(release__isnull=True))


def with_names(events: QuerySet[Event]) -> QuerySet[Event]:
    """Events with all that words ask for."""
    return events.select_related(*NAMED).defer("release__bundle", "release__summary")


MOST_BESIDE = 30


def by_id(ids: Collection[int]) -> dict[int, Event]:
    """Events with their names, by id."""
    return {event.pk: event for event in with_names(Event.objects.filter(pk__in=ids))}


@dataclass(frozen=True)
class Sought:
    """What a reader looks for; empty is anything. `domain` takes its subdomains with it."""

    text: str = ""
    kind: str = ""
    cause: str = ""
    domain: str = ""
    system: str = ""
    until: dt.date | None = None


def found(sought: Sought) -> QuerySet[Event]:
    """The events that fit, newest first, with their names."""
    events = Event.objects.all()
    for name, value in (("kind", sought.kind), ("cause", sought.cause)):
        if value:
            events = events.filter(**{name: value})
    if sought.domain:
        inside = Q(series=sought.domain) | Q(series__startswith=f"{sought.domain}/")
        events = events.filter(inside)
    if sought.system:
        events = events.filter(
            Q(system__slug=sought.system) | Q(previous_system__slug=sought.system)
        )
    if sought.until:
        events = events.filter(on__lte=sought.until)
    for word in sought.text.split()[:8]:
        events = events.filter(_about(word))
    # Of one release in the order in which its examination found them, the gravest first.
    return with_names(events).order_by("-on", "-release__number", "id")


def _about(word: str) -> Q:
    return (
        Q(system__name__icontains=word)
        | Q(previous_system__name__icontains=word)
        | Q(system__developer__name__icontains=word)
        | Q(eval__name__icontains=word)
        | Q(series__icontains=word)
    )


def event(event_id: int) -> Event | None:
    """One event with its names."""
    return with_names(Event.objects.filter(pk=event_id)).first()


def neighbours(one: Event) -> list[Event]:
    """What else the same release brought, in the order in which it was found."""
    if one.release_id is None:
        return []
    others = Event.objects.filter(release=one.release_id).exclude(pk=one.pk)
    return list(with_names(others).order_by("id")[:MOST_BESIDE])


def systems_with_events() -> list[tuple[str, str]]:
    """The slugs and names of the systems that something happened to, by name."""
    rows = System.objects.filter(events__isnull=False).distinct()
    return list(rows.order_by("name").values_list("slug", "name"))


def first_day(basket: Basket) -> dt.date | None:
    """The date of a basket's first release."""
    days = Release.objects.filter(basket=basket).order_by("number")
    return days.values_list("vintage_on", flat=True).first()
