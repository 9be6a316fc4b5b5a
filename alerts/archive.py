"""Stored events: as signals judge them, and as the archive lists them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from alerts.models import Event
from alerts.rules import Heard, Kind, Terms
from alerts.rules.kinds import ACHIEVED, GAUGED, GAUGED_IN, IN_POINTS, PROGRESS, UNCERTAIN
from baskets.models import Basket, OwnBasket, Release
from evals.models import System

COLUMNS = (
    *("id", "release__number", "on", "reconstructed", "kind", "cause", "series"),
    *("system__slug", "system__developer__slug", "previous_system__slug", "eval__slug"),
    *("move", "move_low", "move_high", "probability", "coverage", "official", "recovered"),
    *("facts__returned", "previous_system__developer__slug"),
)
NAMED = (
    "system__developer",
    "previous_system",
    "eval",
    "version",
    "release__basket",
    "feed__source",
    "own",
)


TAKES_BACK = Q(kind=Kind.FRONTIER, recovered=True)

MOST_ROWS = 1000
"""Of what a feed reads at once; older messages than these hold are not in it."""


def heard(events: QuerySet[Event]) -> list[Heard]:
    """Events as signals judge them, in the order of their days and releases."""
    rows = events.order_by("on", "release__number", "id").values_list(*COLUMNS)
    return [_heard(row) for row in rows]


def newest(events: QuerySet[Event], *, most: int = MOST_ROWS) -> list[Heard]:
    """The same of whole releases, the newest, as far as they have up to `most` events together.

    Of a release that alone has more the first ones found are missing.
    """
    rows = events.order_by("-on", "-release__number", "-id").values_list(*COLUMNS)
    found = [_heard(row) for row in rows[: most + 1]]
    if len(found) > most:
        whole = [event for event in found if event.place != found[-1].place]
        found = whole or found[:most]
    return found[::-1]


def _heard(row: tuple[Any, ...]) -> Heard:
    pk, place, *middle, returned, rival = row
    # An event without a release is an occasion of its own.
    at = -pk if place is None else place
    named = (name or "" for name in middle[4:8])
    values = [pk, at, *middle[:4], *named, *middle[8:], bool(returned), rival or ""]
    return Heard(*values)


def asked_for(terms: Terms, events: QuerySet[Event]) -> QuerySet[Event]:
    """Of the events those that a rule can ask for, as `rules.matches` judges them.

    Here it is said in SQL once more so that a feed reads no row for nothing.
    """
    found = events.filter(official=True, kind__in=terms.kinds)
    found = found.exclude(facts__has_key="returned")
    if terms.series:
        there = Q(series__in=[*terms.series, ""])
        if not terms.series & GAUGED_IN:
            there |= Q(kind__in=GAUGED)
        found = found.filter(there)
    if terms.evals:
        found = found.filter(Q(eval__isnull=True) | Q(eval__slug__in=terms.evals))
    if terms.systems or terms.developers:
        found = found.filter(_of(terms))
    back = Q(recovered=True, kind__in=ACHIEVED)
    if terms.causes:
        told = Q(cause__in=terms.causes)
        found = found.filter(told | back if terms.causes & PROGRESS else told)
    else:
        found = found.filter(Q(cause__in=PROGRESS) | back | ~Q(kind__in=ACHIEVED))
    far = Q(move__gte=terms.minimum) | Q(move__lte=-terms.minimum)
    found = found.filter(far | TAKES_BACK | ~Q(kind__in=IN_POINTS))
    if terms.coverage is not None:
        found = found.filter(Q(coverage__isnull=True) | Q(coverage__gte=terms.coverage))
    return _sure(terms, found)


def _of(terms: Terms) -> Q:
    systems, developers = terms.systems, terms.developers
    named = Q(system__slug__in=systems) | Q(system__developer__slug__in=developers)
    other = Q(previous_system__slug__in=systems)
    other |= Q(previous_system__developer__slug__in=developers)
    return named | (TAKES_BACK & other)


def _sure(terms: Terms, events: QuerySet[Event]) -> QuerySet[Event]:
    certain = ~Q(kind__in=UNCERTAIN) | (TAKES_BACK & ~Q(series__contains="/"))
    if terms.significant:
        events = events.filter(certain | Q(move_low__gt=0) | Q(move_high__lt=0))
    if terms.probability is not None:
        events = events.filter(certain | Q(probability__gte=terms.probability))
    return events


def of_basket(basket: Basket) -> QuerySet[Event]:
    """All that happened to a basket, and to the feeds that every basket rests on."""
    return Event.objects.filter(Q(release__basket=basket) | Q(release__isnull=True))


def with_names(events: QuerySet[Event]) -> QuerySet[Event]:
    """Events with all that words ask for."""
    return events.select_related(*NAMED).defer("release__bundle", "release__summary")


MOST_BESIDE = 30


def by_id(ids: Collection[int]) -> dict[int, Event]:
    """Events with their names, by id; those of readers' own baskets that are not hidden too."""
    shown = Event.every.filter(pk__in=ids, own__hidden_at__isnull=True)
    return {event.pk: event for event in with_names(shown)}


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


def of_own(own: OwnBasket) -> QuerySet[Event]:
    """What happened to a reader's own basket, newest first, with names."""
    events = Event.every.filter(own=own).order_by("-on", "-release__number", "id")
    return with_names(events)


def neighbours(one: Event) -> list[Event]:
    """What else the same release brought, in the order in which it was found."""
    if one.release_id is None:
        return []
    others = Event.every.filter(release=one.release_id, own=one.own_id).exclude(pk=one.pk)
    return list(with_names(others).order_by("id")[:MOST_BESIDE])


def systems_with_events() -> list[tuple[str, str]]:
    """The slugs and names of the systems that something happened to, by name."""
    moved = Event.objects.filter(system__isnull=False).values("system")
    rows = System.objects.filter(pk__in=moved)
    return list(rows.order_by("name").values_list("slug", "name"))


def first_day(basket: Basket) -> dt.date | None:
    """The date of a basket's first release."""
    days = Release.objects.filter(basket=basket).order_by("number")
    return days.values_list("vintage_on", flat=True).first()
