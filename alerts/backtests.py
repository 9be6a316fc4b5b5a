"""What a rule would have sent over the whole history of a basket, and what did not last of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from alerts import archive, rules
from alerts.models import Event
from alerts.rules import Heard, Kind, Terms
from baskets.models import Basket, IndexPoint
from baskets.selectors import releases

ALSO = frozenset({Kind.MOVED})
"""Kinds that say whether another was revised away."""


@dataclass(frozen=True)
class Tested:
    """One message that a rule would have sent.

    revised_away: the ids of its events that later releases took back.
    """

    message: rules.Message
    revised_away: frozenset[int]

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids of its events in the order of telling."""
        return tuple(event.id for event in self.message.events)

    @property
    def all_gone(self) -> bool:
        """Whether nothing that it said still holds."""
        return len(self.revised_away) == len(self.message.events)


@dataclass(frozen=True)
class BackTest:
    """The messages of a rule over a basket's history, oldest first, since its first release.

    events: by what stands for their ids, where they are not stored; else None.
    """

    basket: Basket
    terms: Terms
    since: dt.date | None
    messages: tuple[Tested, ...]
    events: Mapping[int, Event] | None = None

    @property
    def reconstructed(self) -> int:
        """How many messages come from reconstructed releases."""
        return sum(tested.message.reconstructed for tested in self.messages)

    @property
    def gone(self) -> int:
        """How many messages said something that was revised away later."""
        return sum(bool(tested.revised_away) for tested in self.messages)

    @property
    def newest_first(self) -> list[Tested]:
        """The messages, newest first."""
        return list(reversed(self.messages))


def back_test(terms: Terms, basket: Basket) -> BackTest:
    """Try a rule on every release of a basket, in four queries."""
    events = archive.of_basket(basket).filter(kind__in=terms.kinds | ALSO)
    heard = archive.heard(events)
    asked = [event for event in heard if event.kind in terms.kinds]
    messages = list(rules.history(terms, asked))
    values = newest_values(basket, {event.series for said in messages for event in said.events})
    return BackTest(
        basket=basket,
        terms=terms,
        since=archive.first_day(basket),
        messages=tested(messages, heard, values),
    )


def tested(
    messages: Iterable[rules.Message],
    heard: Sequence[Heard],
    values: Mapping[str, Mapping[str, float]],
) -> tuple[Tested, ...]:
    """Messages with what was revised away of them; values: official, of the newest release."""
    by_series = _by_series(heard)
    return tuple(
        Tested(said, frozenset(_gone(said.events, by_series, values))) for said in messages
    )


def _by_series(heard: Sequence[Heard]) -> Mapping[str, list[Heard]]:
    found: dict[str, list[Heard]] = defaultdict(list)
    for event in heard:
        found[event.series].append(event)
    return found


def _gone(
    events: Sequence[Heard],
    by_series: Mapping[str, list[Heard]],
    values: Mapping[str, Mapping[str, float]],
) -> list[int]:
    return [
        event.id
        for event in events
        if rules.revised_away(event, by_series.get(event.series, ()), values)
    ]


def newest_values(basket: Basket, series: set[str]) -> Mapping[str, Mapping[str, float]]:
    """The official values of the newest release in some series."""
    newest = releases.current(basket.slug)
    if newest is None or not series:
        return {}
    points = IndexPoint.objects.filter(release=newest, official=True, series__in=series)
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for name, system, value in points.values_list("series", "system__slug", "value"):
        found[name][system] = value
    return found
