"""Releases of readers' own baskets: examined once each, where somebody's rule asks about them."""

from __future__ import annotations

from django.db import transaction

from alerts import selectors
from alerts.models import Event, OwnExamination
from alerts.own_pairs import Stored, examined, release_dates
from alerts.recording import events_of
from alerts.services.telling import tell
from baskets.models import OwnBasket, OwnRelease
from baskets.selectors.own import release_before


def examine_own_release(stored: OwnRelease) -> OwnExamination | None:
    """Store the verdict on a release of an own basket, its events, and who is to hear of them.

    All or nothing, and only once, as `examine_release` does it. Nobody hears of a release that was
    made after a later one had been told of: that one was compared with what stood before both. None
    where the basket was deleted or hidden meanwhile.
    """
    done = OwnExamination.objects.filter(own_release=stored).first()
    if done is not None:
        return done
    old = release_before(stored)
    before = Stored.of(old) if old else None
    verdict = examined(Stored.of(stored), before, release_dates())
    with transaction.atomic():
        there = OwnBasket.objects.filter(pk=stored.own_id, hidden_at=None)
        if not there.select_for_update(no_key=True).exists():
            return None
        examination, created = OwnExamination.objects.get_or_create(
            own_release=stored, defaults={"outcome": verdict.outcome.value}
        )
        if created:
            told = verdict.told and not _overtaken(stored)
            events = events_of(
                stored.release, verdict.findings, reconstructed=not told, own=stored.own
            )
            Event.every.bulk_create(events)
            if told:
                tell(stored.release, [event.pk for event in events], own=stored)
    return examination


def _overtaken(stored: OwnRelease) -> bool:
    """Whether a later release of the basket was made before this one and waits for no telling.

    One that still waits is compared with this one, so that each tells its own part.
    """
    later = OwnRelease.objects.filter(
        own=stored.own_id, release__number__gt=stored.release.number, pk__lt=stored.pk
    )
    waiting = selectors.unexamined_own_releases().values("pk")
    return later.exclude(pk__in=waiting).exists()
