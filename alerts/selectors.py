"""What the alerts room reads: releases as facts for the rules, and rows of work."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from alerts import rules, tokens
from alerts.models import Delivery, Event
from baskets.models import Release
from baskets.selectors import releases

PER_SWEEP = 500


def unexamined_releases() -> QuerySet[Release]:
    """Releases of the official basket that nobody looked at yet, oldest first, bundles deferred."""
    official = Release.objects.filter(basket__slug=releases.OFFICIAL_BASKET)
    return official.filter(examinations__isnull=True).defer("bundle").order_by("number")


def verdict_on(release: Release) -> rules.Verdict:
    """What `alerts.rules` says of a release and the one before it."""
    if release.reconstructed:
        return rules.examine(None, _untold())
    previous = releases.previous(release)
    return rules.examine(None if previous is None else facts_of(previous), facts_of(release))


def facts_of(release: Release) -> rules.Facts:
    """One release as the rules see it."""
    if release.reconstructed:
        return _untold()
    problem = releases.bundle(release)["problem"]
    counted = {eval_id for version in problem["baskets"] for eval_id in version["weights"]}
    summary = release.summary
    return rules.Facts(
        reconstructed=False,
        yardstick=_yardstick(release.engine_version, problem, counted),
        frontier=_frontier(summary["series"]),
        official={series: frozenset(slugs) for series, slugs in summary["official"].items()},
        cells=_cells(problem, counted),
    )


def _untold() -> rules.Facts:
    """A reconstructed release: nothing in it is ever compared, so nothing of it is read."""
    return rules.Facts(reconstructed=True, yardstick="")


def _yardstick(engine_version: str, problem: Mapping[str, Any], counted: set[str]) -> str:
    """A hash of all that decides how scores become an index, and of none of the scores."""
    method = {k: v for k, v in problem["method"].items() if k not in {"seed", "replicates"}}
    evals = sorted((e for e in problem["evals"] if e["id"] in counted), key=lambda e: str(e["id"]))
    parts = [engine_version, method, problem["baskets"], evals]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _frontier(series: Mapping[str, Any]) -> dict[str, rules.Standing]:
    """The last step of each frontier: the highest official value so far."""
    return {
        name: rules.Standing(
            last["system"],
            float(last["value"]),
            last.get("low"),
            last.get("high"),
            last.get("previous_system"),
            _rise(last.get("difference")),
        )
        for name, facts in series.items()
        if name in rules.SERIES and facts["frontier"]
        for last in [facts["frontier"][-1]]
    }


def _rise(difference: Mapping[str, float] | None) -> tuple[float, float] | None:
    return (difference["low"], difference["high"]) if difference else None


def _cells(problem: Mapping[str, Any], counted: set[str]) -> dict[str, frozenset[rules.Cell]]:
    domain = {e["id"]: str(e["domain"]) for e in problem["evals"]}
    cells: dict[str, set[rules.Cell]] = defaultdict(set)
    for score in problem["scores"]:
        if score["eval"] in counted:
            cell = rules.Cell(score["eval"], domain[score["eval"]], float(score["value"]))
            cells[score["system"]].add(cell)
    return {system: frozenset(found) for system, found in cells.items()}


def due(deliveries: QuerySet[Delivery], *, now: dt.datetime) -> QuerySet[Delivery]:
    """Those that nobody holds and whose time has come, also after a holder's death."""
    waiting = Q(state=Delivery.State.PENDING, due_at__lte=now)
    abandoned = Q(state=Delivery.State.SENDING, lease_until__lte=now)
    return deliveries.filter(waiting | abandoned)


def due_deliveries(*, now: dt.datetime | None = None) -> list[int]:
    """The ids of up to `PER_SWEEP` due deliveries, those that waited longest first."""
    found = due(Delivery.objects.all(), now=now or timezone.now())
    return list(found.order_by("due_at").values_list("pk", flat=True)[:PER_SWEEP])


def asked(token: str, *, lock: bool = False) -> Delivery:
    """The confirmation that a token answers, its subscription locked if the caller will change it.

    Raises tokens.TokenExpired or tokens.TokenError; also where the subscription was ended after
    the question was asked, so that an old link cannot bring it back.
    """
    delivery_id = tokens.read_confirm_token(token)
    deliveries = Delivery.objects.filter(kind=Delivery.Kind.CONFIRM, threshold__isnull=False)
    if lock:
        deliveries = deliveries.select_for_update(of=("subscription",))
    delivery = deliveries.select_related("subscription").filter(pk=delivery_id).first()
    if delivery is None:
        raise tokens.TokenError
    ended_at = delivery.subscription.ended_at
    if ended_at is not None and ended_at >= delivery.created_at:
        raise tokens.TokenError
    return delivery


def event_of(delivery: Delivery) -> Event:
    """The event that an alert is about: its subscription's series, in its release."""
    return _with_names(Event.objects.all()).get(
        release=delivery.release_id, series=delivery.subscription.series
    )


def past_events(*, limit: int) -> list[Event]:
    """The newest events with the names a page shows."""
    return list(_with_names(Event.objects.all())[:limit])


def event(event_id: int) -> Event | None:
    """One event with the names a page shows."""
    return _with_names(Event.objects.filter(pk=event_id)).first()


def _with_names(events: QuerySet[Event]) -> QuerySet[Event]:
    return events.select_related("system", "previous_system", "release").defer("release__bundle")
