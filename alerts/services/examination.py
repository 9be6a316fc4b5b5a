"""A release is examined once: what it moved is stored, and who is to hear of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q

from alerts import drivers, rules, selectors
from alerts.models import Delivery, Event, Examination, Subscription
from baskets.models import Release
from evals.models import System


def examine_release(release: Release) -> Examination:
    """Store the verdict on `release`, its events and one delivery per matching subscription.

    All or nothing, and only once: a second call, even at the same time, returns what the first
    one stored. The verdict depends on the two releases alone, so the order of calls is free.
    """
    verdict = selectors.verdict_on(release)
    with transaction.atomic():
        examination, created = Examination.objects.get_or_create(
            release=release, edition=1, defaults={"outcome": verdict.outcome.value}
        )
        if created and verdict.moves:
            _store_deliveries(release, _store_events(release, verdict.moves))
    return examination


def _store_events(release: Release, moves: Sequence[rules.Move]) -> list[Event]:
    slugs = {standing.system for move in moves for standing in (move.before, move.after)}
    systems = {system.slug: system for system in System.objects.filter(slug__in=slugs)}
    return Event.objects.bulk_create(_event(release, move, systems) for move in moves)


def _event(release: Release, move: rules.Move, systems: Mapping[str, System]) -> Event:
    # Known for the system that the new frontier passed in its own release.
    rise = move.after.rise if move.after.passed == move.before.system else None
    return Event(
        release=release,
        on=release.vintage_on,
        kind=rules.FRONTIER,
        cause="new_score",
        series=move.series,
        system=systems[move.after.system],
        before=move.before.value,
        after=move.after.value,
        low=move.after.low,
        high=move.after.high,
        move=move.move,
        move_low=rise[0] if rise else None,
        move_high=rise[1] if rise else None,
        previous_system=systems[move.before.system],
        contributions=drivers.largest_contributions(release, move),
    )


def _store_deliveries(release: Release, events: Sequence[Event]) -> None:
    wanted = Q()
    for event in events:
        wanted |= Q(series=event.series, threshold__lte=event.move)
    Delivery.objects.bulk_create(
        [
            Delivery(subscription=subscription, kind=Delivery.Kind.ALERT, release=release)
            for subscription in Subscription.objects.active().filter(wanted)
        ],
        batch_size=1000,
    )
