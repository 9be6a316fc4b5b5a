"""All that happened to a reader's own basket, found anew from its releases and never stored.

Only releases that a rule waited for are examined and stored. A back-test and a feed need the others
too, so they are examined when somebody asks, the newest `LONGEST` of them, and kept by the process
until there is another release.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from alerts import rules
from alerts.backtests import BackTest, tested
from alerts.models import Event
from alerts.own_pairs import Stored, examined, official_values, release_dates
from alerts.recording import events_of
from alerts.rules import Heard, Terms
from baskets.models import OwnBasket, OwnRelease

LONGEST = 60
"""Releases; each takes about 30 milliseconds of a processor the first time."""

KEPT = 16


class Made(NamedTuple):
    """The release that made an event: its number, and when it was made."""

    number: int
    at: dt.datetime


@dataclass(frozen=True)
class Past:
    """The events of an own basket in the order of its releases, and its newest official values.

    events, made: the events and what made them, by the numbers that stand for ids. since: the day
    of the first release that was read.
    """

    heard: tuple[Heard, ...]
    events: Mapping[int, Event]
    made: Mapping[int, Made]
    values: Mapping[str, Mapping[str, float]]
    since: dt.date | None


def past_of(own: OwnBasket, *, before_reading: Callable[[], None] = lambda: None) -> Past:
    """What happened to an own basket in its newest `LONGEST` releases.

    before_reading: called where this process has not read them yet; what it raises is passed on.
    """
    newest = OwnRelease.objects.filter(own=own).order_by("-release__number")
    made = tuple(newest.values_list("pk", flat=True)[:LONGEST])
    slot = _slot(own.pk, own.name, made)
    if not slot:
        before_reading()
        slot.append(_past(made))
    return slot[0]


def back_test_own(terms: Terms, own: OwnBasket) -> BackTest:
    """Try a rule on the releases of an own basket."""
    past = past_of(own)
    asked = [event for event in past.heard if event.kind in terms.kinds]
    return BackTest(
        basket=own.basket,
        terms=terms,
        since=past.since,
        messages=tested(rules.history(terms, asked), past.heard, past.values),
        events=past.events,
    )


@lru_cache(maxsize=KEPT)
def _slot(own_id: int, name: str, made: tuple[int, ...]) -> list[Past]:
    """Where a past is kept by the keys of its releases, which never change; the name stands in the
    events."""
    return []


def _past(made: tuple[int, ...]) -> Past:
    """The same, read anew."""
    rows = OwnRelease.objects.select_related("own__basket", "release__basket")
    rows = rows.defer("release__bundle", "release__summary")
    released = release_dates()
    found: list[tuple[Event, Made]] = []
    since: dt.date | None = None
    before: Stored | None = None
    # Read one by one, the oldest first: contents are long, and only two are needed at a time.
    for pk in reversed(made):
        row = rows.get(pk=pk)
        new = Stored.of(row)
        verdict = examined(new, before, released)
        events = events_of(row.release, verdict.findings,
                           reconstructed=not verdict.told, own=row.own)  # fmt: skip
        found += [(event, Made(row.release.number, row.created_at)) for event in events]
        before, since = new, since or row.release.vintage_on
    return Past(
        heard=tuple(_heard(number, event) for number, (event, _made) in enumerate(found, 1)),
        events={number: event for number, (event, _made) in enumerate(found, 1)},
        made={number: made for number, (_event, made) in enumerate(found, 1)},
        values=official_values(before.content) if before else {},
        since=since,
    )


def _heard(number: int, event: Event) -> Heard:
    """An event that is not stored, as signals judge it."""
    system, against, release = event.system, event.previous_system, event.release
    assert release is not None
    return Heard(
        id=number,
        place=release.number,
        on=event.on,
        reconstructed=event.reconstructed,
        kind=event.kind,
        cause=event.cause,
        series=event.series,
        system=system.slug if system else "",
        developer=system.developer.slug if system else "",
        against=against.slug if against else "",
        eval="",
        move=event.move,
        move_low=event.move_low,
        move_high=event.move_high,
        probability=event.probability,
        coverage=event.coverage,
        official=event.official,
        recovered=event.recovered,
        returned=bool(event.facts.get("returned")),
        rival=against.developer.slug if against else "",
    )
