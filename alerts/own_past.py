"""All that happened to a reader's own basket, found anew from its releases and never stored.

Only releases that a rule waited for are examined and stored. A back-test and a feed need the others
too, so they are examined when somebody asks, the newest `LONGEST` of them, and kept by the process
until there is another release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from alerts import rules
from alerts.backtests import BackTest, tested
from alerts.models import Event
from alerts.own_pairs import Stored, examined, release_dates
from alerts.recording import events_of
from alerts.rules import Heard, Terms
from baskets.models import OwnBasket, OwnRelease

LONGEST = 60
"""Releases; each takes about 30 milliseconds of a processor the first time."""

KEPT = 16


@dataclass(frozen=True)
class Past:
    """The events of an own basket in the order of its releases, and its newest official values.

    events, made: the events and the releases that made them, by the numbers that stand for ids.
    """

    heard: tuple[Heard, ...]
    events: Mapping[int, Event]
    made: Mapping[int, OwnRelease]
    values: Mapping[str, Mapping[str, float]]
    since: OwnRelease | None


def past_of(own: OwnBasket) -> Past:
    """What happened to an own basket in its newest `LONGEST` releases."""
    made = OwnRelease.objects.filter(own=own).order_by("-release__number")
    return _past(own.pk, own.name, tuple(made.values_list("pk", flat=True)[:LONGEST]))


def back_test_own(terms: Terms, own: OwnBasket) -> BackTest:
    """Try a rule on the releases of an own basket."""
    past = past_of(own)
    asked = [event for event in past.heard if event.kind in terms.kinds]
    return BackTest(
        basket=own.basket,
        terms=terms,
        since=past.since.release.vintage_on if past.since else None,
        messages=tested(rules.history(terms, asked), past.heard, past.values),
        events=past.events,
    )


@lru_cache(maxsize=KEPT)
def _past(own_id: int, name: str, made: tuple[int, ...]) -> Past:
    """The same by the keys of the releases, which never change; the name stands in the events."""
    rows = OwnRelease.objects.filter(pk__in=made).select_related("own__basket", "release__basket")
    # Read one by one: contents are long, and only two are needed at a time.
    ordered = list(rows.defer("release__bundle", "content").order_by("release__number"))
    released = release_dates()
    events: list[tuple[Event, OwnRelease]] = []
    before: Stored | None = None
    for row in ordered:
        new = Stored.of(row)
        verdict = examined(new, before, released)
        found = events_of(row.release, verdict.findings,
                          reconstructed=not verdict.told, own=row.own)  # fmt: skip
        events += [(event, row) for event in found]
        before = new
    return Past(
        heard=tuple(_heard(number, event) for number, (event, _row) in enumerate(events, 1)),
        events={number: event for number, (event, _row) in enumerate(events, 1)},
        made={number: row for number, (_event, row) in enumerate(events, 1)},
        values=_values(before),
        since=ordered[0] if ordered else None,
    )


def _values(newest: Stored | None) -> Mapping[str, Mapping[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in newest.content["systems"] if newest else ():
        if row["official"]:
            found.setdefault(row["series"], {})[row["system"]] = row["value"]
    return found


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
    )
