"""Findings as events: rows to be stored, or never to be, with the names that words ask for."""

from __future__ import annotations

from collections.abc import Sequence

from alerts import rules
from alerts.models import Event
from baskets.models import BasketVersion, OwnBasket, Release
from evals.models import Eval, System

DRIVERS = 3
"""Contributions that are kept with an event, the largest."""

PRECISION = 6


def events_of(
    release: Release,
    findings: Sequence[rules.Finding],
    *,
    reconstructed: bool,
    own: OwnBasket | None = None,
) -> list[Event]:
    """What was found in a release, or in what a reader's own basket makes of it; not stored."""
    systems = _systems(findings)
    asked = {one.eval for one in findings if one.eval} | {
        name for one in findings for name, _points in one.drivers[:DRIVERS]
    }
    evals = Eval.objects.in_bulk(asked, field_name="slug") if asked else {}
    numbers = [one.version for one in findings if one.version is not None]
    versions = {
        version.number: version
        for version in BasketVersion.objects.filter(basket=release.basket_id, number__in=numbers)
    }
    return [
        Event(
            release=release,
            own=own,
            on=release.vintage_on,
            reconstructed=reconstructed,
            kind=one.kind.value,
            cause=one.cause.value,
            series=one.series,
            system=systems.get(one.system or ""),
            previous_system=systems.get(one.previous or ""),
            eval=evals.get(one.eval or ""),
            version=versions.get(one.version or 0),
            contributions=_largest(one, evals),
            facts=dict(one.facts),
            official=one.official,
            recovered=one.recovered,
            **_numbers(one),
        )
        for one in findings
    ]


def _systems(findings: Sequence[rules.Finding]) -> dict[str, System]:
    named = {name for one in findings for name in (one.system, one.previous) if name}
    known = System.objects.select_related("developer")
    return known.in_bulk(named, field_name="slug") if named else {}


def _numbers(one: rules.Finding) -> dict[str, float | None]:
    names = ("before", "after", "low", "high", "move", "move_low", "move_high")
    found = {name: getattr(one, name) for name in (*names, "probability", "coverage")}
    return {k: None if v is None else round(float(v), PRECISION) for k, v in found.items()}


def _largest(one: rules.Finding, evals: dict[str, Eval]) -> list[dict[str, object]]:
    return [
        {
            "eval": name,
            "name": evals[name].name if name in evals else name,
            "points": round(points, PRECISION),
            **({"estimated": True} if name in one.estimated else {}),
        }
        for name, points in one.drivers[:DRIVERS]
        if points
    ]
