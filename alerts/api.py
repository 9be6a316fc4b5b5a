"""The events of the index for programs."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from ninja import Path, Query, Router, Schema

from alerts import archive, wording
from alerts.models import Event
from alerts.rules import Cause, Kind
from baskets.api.reading import CACHED, NAME, Cursor, Limit, checked, page_of

router = Router(tags=["events"])
router.add_decorator(checked, mode="view")

Text = Annotated[str, Query(max_length=100, description="words in systems, developers and evals")]
Domain = Annotated[str, Query(pattern=r"^[a-z]{1,40}$", description="with its subdomains")]
System = Annotated[
    str, Query(pattern=NAME, description="slug; as the one that moved or was passed")
]


class DriverOut(Schema):
    """What one eval adds to the move, in points; `estimated` where it has a fill for a score."""

    eval: str
    name: str
    points: float
    estimated: bool = False


class EventOut(Schema):
    """Something that happened in a release, or to an import feed.

    `before`, `after` and `move` are index points for series, goalpost points for regressions, those
    per year for gaps, and the eval's unit for baselines; `move` is the part that `cause` made, and
    `probability` that of its having its sign. Only `new_system` and `new_score` are progress.
    `reconstructed` events were found with hindsight and never told.
    """

    id: int
    url: str
    on: dt.date
    kind: Kind
    cause: Cause
    title: str
    text: str
    basket: str | None
    release: int | None
    reconstructed: bool
    series: str
    system: str | None
    previous_system: str | None
    eval: str | None
    basket_version: int | None
    before: float | None
    after: float | None
    low: float | None
    high: float | None
    move: float | None
    move_low: float | None
    move_high: float | None
    probability: float | None
    coverage: float | None
    official: bool
    recovered: bool
    drivers: list[DriverOut]


class EventsOut(Schema):
    """Events in the order in which they were stored, the last one first."""

    events: list[EventOut]
    next: str | None


def event_out(event: Event) -> EventOut:
    """The event as the API shows it, in English."""
    with translation.override("en"):
        said = wording.describe(event)
    numbers = ("before", "after", "low", "high", "move", "move_low", "move_high")
    return EventOut(
        id=event.pk,
        url=settings.SITE_URL + reverse("alerts:event", args=[event.pk]),
        on=event.on,
        kind=Kind(event.kind),
        cause=Cause(event.cause),
        title=said.title,
        text=" ".join(said.sentences),
        basket=event.release.basket.slug if event.release else None,
        release=event.release.number if event.release else None,
        reconstructed=event.reconstructed,
        series=event.series,
        system=event.system.slug if event.system else None,
        previous_system=event.previous_system.slug if event.previous_system else None,
        eval=event.eval.slug if event.eval else None,
        basket_version=event.version.number if event.version else None,
        official=event.official,
        recovered=event.recovered,
        probability=event.probability,
        coverage=event.coverage,
        drivers=[DriverOut(**row) for row in event.contributions],
        **{name: getattr(event, name) for name in numbers},
    )


@router.get("/events", response=EventsOut, summary="What happened, the newest first")
def event_list(
    request: HttpRequest,
    response: HttpResponse,
    kind: Kind | None = None,
    cause: Cause | None = None,
    domain: Domain = "",
    system: System = "",
    q: Text = "",
    limit: Limit = 100,
    cursor: Cursor = "",
) -> EventsOut:
    """New frontiers, crossed baselines, revisions and the rest, each with its cause and noise."""
    sought = archive.Sought(
        text=q, kind=kind or "", cause=cause or "", domain=domain, system=system
    )
    rows, following = page_of(
        request,
        response,
        archive.found(sought),
        by="-id",
        cursor=cursor,
        limit=limit,
        kind="events",
    )
    return EventsOut(events=[event_out(event) for event in rows], next=following)


@router.get("/events/{number}", response=EventOut, summary="One event")
def one_event(
    request: HttpRequest,
    response: HttpResponse,
    number: Annotated[int, Path(ge=1, le=2_147_483_647)],
) -> EventOut:
    """One event, which never changes."""
    found = archive.event(number)
    if found is None:
        raise Http404("There is no event with this number.")
    response["Cache-Control"] = CACHED
    return event_out(found)
