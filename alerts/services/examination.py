"""A release is examined once: what happened in it is stored, and who is to hear of it."""

from __future__ import annotations

from django.db import transaction

from alerts import pairs, rules
from alerts.models import Event, Examination
from alerts.recording import events_of
from alerts.services.telling import tell
from baskets.models import Release


def examine_release(release: Release) -> Examination:
    """Store the verdict on `release`, its events and one delivery per matching subscription.

    All or nothing, and only once: a second call, even at the same time, returns what the first
    one stored. The verdict depends on the releases up to this one alone, so the order of calls is
    free. A release that an earlier edition of the rules looked at gets the events that it lacks,
    and nobody is told of those.
    """
    done = Examination.objects.filter(release=release, edition=rules.EDITION).first()
    if done is not None:
        return done
    verdict = rules.examine(pairs.pair_of(release))
    with transaction.atomic():
        examination, created = Examination.objects.get_or_create(
            release=release, edition=rules.EDITION, defaults={"outcome": verdict.outcome.value}
        )
        if created:
            _store(release, verdict)
    return examination


def _store(release: Release, verdict: rules.Verdict) -> None:
    looks = Examination.objects.filter(release=release).exclude(edition=rules.EDITION)
    again = looks.exists()
    told = verdict.told and not again
    events = events_of(release, verdict.findings, reconstructed=not told)
    # What an earlier edition stored stands, with its address.
    Event.objects.bulk_create(events, ignore_conflicts=again)
    if told:
        tell(release, [event.pk for event in events])
