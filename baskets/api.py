"""Read API of the index."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Query, Router, Schema
from pydantic import BeforeValidator

from baskets.models import IndexPoint, Release
from baskets.selectors import releases

router = Router(tags=["index"])

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def written_as_day(value: object) -> object:
    """The value as it is, if it is written YYYY-MM-DD; seconds since 1970 are no date to people."""
    if isinstance(value, str) and DAY.fullmatch(value) is None:
        raise ValueError("a date is written YYYY-MM-DD")
    return value


Day = Annotated[dt.date, BeforeValidator(written_as_day)]


Slug = Annotated[str, Query(pattern=r"^[-a-zA-Z0-9_]{1,50}$", description="slug of the basket")]
KnownOn = Annotated[
    Day | None, Query(description="only what was known at the end of this date, YYYY-MM-DD (UTC)")
]
CACHED = "public, max-age=0, must-revalidate"


class PointOut(Schema):
    """One system's value in one series, on its official version."""

    system: str
    name: str
    developer: str
    generation: str
    released_on: dt.date
    series: str
    basket_version: int
    value: float
    low: float | None
    high: float | None
    coverage: float
    imputed_share: float
    official: bool


class IndexOut(Schema):
    """A basket's index as one release states it."""

    basket: str
    release: int
    base: str
    points: list[PointOut]


class ReleaseOut(Schema):
    """An edition of the index: when it was known, why it was made, and where its seal's bytes are.

    `reconstructed` releases were computed afterwards, from what had been published by `vintage_on`.
    `seal` covers the release and the seal of the one before; empty on releases made before seals.
    """

    basket: str
    number: int
    vintage_on: dt.date
    created_at: dt.datetime
    reconstructed: bool
    cause: str
    sha256: str
    problem_sha256: str
    seal: str
    made_with: dict[str, str]
    bundle: str


class ReleasesOut(Schema):
    """A basket's releases, newest first."""

    basket: str
    releases: list[ReleaseOut]


def release_out(release: Release) -> ReleaseOut:
    """The release as the API shows it; `bundle` is the address of the sealed bytes."""
    slug = release.basket.slug
    path = reverse("baskets:bundle", args=[release.number])
    query = "" if slug == releases.OFFICIAL_BASKET else f"?basket={slug}"
    return ReleaseOut(
        basket=slug,
        number=release.number,
        vintage_on=release.vintage_on,
        created_at=release.created_at,
        reconstructed=release.reconstructed,
        cause=release.cause,
        sha256=release.sha256,
        problem_sha256=release.problem_sha256,
        seal=release.seal,
        made_with=release.summary.get("made_with") or {"engine": release.engine_version},
        bundle=f"{settings.SITE_URL}{path}{query}",
    )


def point_out(point: IndexPoint) -> PointOut:
    """The point as the API shows it."""
    system = point.system
    return PointOut(
        system=system.slug,
        name=system.name,
        developer=system.developer.name,
        generation=system.generation.name,
        released_on=system.released_on,
        series=point.series,
        basket_version=point.version.number,
        value=point.value,
        low=point.low,
        high=point.high,
        coverage=point.coverage,
        imputed_share=point.imputed_share,
        official=point.official,
    )


@router.get("/index", response=IndexOut, summary="The index, now or as it was known on a date")
def index(
    request: HttpRequest,
    response: HttpResponse,
    basket: Slug = releases.OFFICIAL_BASKET,
    as_of: KnownOn = None,
) -> IndexOut:
    """All points of the newest release whose vintage is not later than `as_of`."""
    release = releases.current(basket, as_of=as_of)
    if release is None:
        raise Http404("No release of this basket is known for that date.")
    points = releases.official_version_points(release)
    response["Cache-Control"] = CACHED
    return IndexOut(
        basket=basket,
        release=release.number,
        base=release.basket.base.slug,
        points=[point_out(point) for point in points],
    )


@router.get("/releases", response=ReleasesOut, summary="The releases, newest first")
def release_list(
    request: HttpRequest,
    response: HttpResponse,
    basket: Slug = releases.OFFICIAL_BASKET,
    as_of: KnownOn = None,
) -> ReleasesOut:
    """Every release of a basket, or those whose vintage is not later than `as_of`."""
    found = releases.known_releases(basket, as_of=as_of).select_related("basket")
    response["Cache-Control"] = CACHED
    return ReleasesOut(
        basket=basket, releases=[release_out(release) for release in found.order_by("-number")]
    )


@router.get("/releases/{number}", response=ReleaseOut, summary="One release")
def release(
    request: HttpRequest,
    response: HttpResponse,
    number: Annotated[int, Path(ge=1, le=2_147_483_647)],
    basket: Slug = releases.OFFICIAL_BASKET,
) -> ReleaseOut:
    """One release, which never changes; its bundle holds everything it was computed from."""
    found = releases.numbered(number, basket)
    if found is None:
        raise Http404("There is no release of this number.")
    response["Cache-Control"] = CACHED
    return release_out(found)
