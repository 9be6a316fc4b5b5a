"""Whether what a digest tells still holds: it may come after the release that undid it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Q

from alerts import archive, rules
from alerts.backtests import newest_values
from alerts.models import Event
from alerts.own_pairs import official_values
from baskets.models import Basket, OwnBasket, OwnRelease
from baskets.selectors.own_content import read


def revised_away(events: Sequence[Event]) -> frozenset[int]:
    """The ids of those that later releases took back; events that no release made all stay."""
    of_basket: dict[tuple[Basket, OwnBasket | None], list[Event]] = defaultdict(list)
    for event in events:
        if event.release is not None:
            of_basket[event.release.basket, event.own].append(event)
    return frozenset(
        pk for (basket, own), some in of_basket.items() for pk in _gone(basket, own, some)
    )


def _gone(basket: Basket, own: OwnBasket | None, events: Sequence[Event]) -> list[int]:
    ids, series = {event.pk for event in events}, {event.series for event in events}
    first = min(event.release.number for event in events if event.release)
    stored = Event.every.filter(release__basket=basket, own=own, series__in=series)
    heard = archive.heard(stored.filter(Q(pk__in=ids) | Q(release__number__gt=first)))
    values = newest_values(basket, series) if own is None else _own_values(own)
    return [one.id for one in heard if one.id in ids and rules.revised_away(one, heard, values)]


def _own_values(own: OwnBasket) -> Mapping[str, Mapping[str, float]]:
    newest = OwnRelease.objects.filter(own=own).order_by("-release__number").first()
    return official_values(read(newest)) if newest else {}
