"""A release is examined once: what happened in it is stored, and who is to hear of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from alerts import pairs, rules
from alerts.models import Event, Examination
from alerts.services.telling import tell
from baskets.models import BasketVersion, Release
from evals.models import Eval, System

DRIVERS = 3
"""Contributions that are kept with an event, the largest."""

PRECISION = 6


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
    events = _events(release, verdict, told=verdict.told and not again)
    # What an earlier edition stored stands, with its address.
    Event.objects.bulk_create(events, ignore_conflicts=again)
    if verdict.told and not again:
        tell(release, [event.pk for event in events])


def _events(release: Release, verdict: rules.Verdict, *, told: bool) -> list[Event]:
    found = verdict.findings
    named = {name for one in found for name in (one.system, one.previous) if name}
    systems = System.objects.in_bulk(named, field_name="slug") if named else {}
    asked = {one.eval for one in found if one.eval} | {
        name for one in found for name, _points in one.drivers[:DRIVERS]
    }
    evals = Eval.objects.in_bulk(asked, field_name="slug") if asked else {}
    numbers = [one.version for one in found if one.version is not None]
    versions = {
        version.number: version
        for version in BasketVersion.objects.filter(basket=release.basket_id, number__in=numbers)
    }
    return [
        Event(
            release=release,
            on=release.vintage_on,
            reconstructed=not told,
            kind=one.kind.value,
            cause=one.cause.value,
            series=one.series,
            system=systems.get(one.system or ""),
            previous_system=systems.get(one.previous or ""),
            eval=evals.get(one.eval or ""),
            version=versions.get(one.version or 0),
            contributions=_largest(one.drivers, evals),
            facts=dict(one.facts),
            official=one.official,
            recovered=one.recovered,
            **_numbers(one),
        )
        for one in found
    ]


def _numbers(one: rules.Finding) -> dict[str, float | None]:
    names = ("before", "after", "low", "high", "move", "move_low", "move_high")
    found = {name: getattr(one, name) for name in (*names, "probability", "coverage")}
    return {k: None if v is None else round(float(v), PRECISION) for k, v in found.items()}


def _largest(
    drivers: Sequence[tuple[str, float]], evals: dict[str, Eval]
) -> list[dict[str, object]]:
    return [
        {
            "eval": name,
            "name": evals[name].name if name in evals else name,
            "points": round(points, PRECISION),
        }
        for name, points in drivers[:DRIVERS]
        if points
    ]
