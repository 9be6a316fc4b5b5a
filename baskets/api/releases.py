"""The releases of a basket."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Router, Schema

from baskets.api.reading import (
    CACHED,
    BasketSlug,
    Cursor,
    Limit,
    When,
    asked,
    page_of,
)
from baskets.models import Release
from baskets.selectors import releases

router = Router(tags=["releases"])


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
    next: str | None


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


@router.get("/releases", response=ReleasesOut, summary="The releases, newest first")
def release_list(
    request: HttpRequest,
    response: HttpResponse,
    when: When,
    basket: BasketSlug = releases.OFFICIAL_BASKET,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> ReleasesOut:
    """Every release of a basket, or those that were known then."""
    newest = asked(basket, when).number if when.release else None
    known = releases.known_releases(basket, as_of=when.as_of, until=newest)
    found = known.select_related("basket")
    rows, following = page_of(
        request, response, found, by="-number", cursor=cursor, limit=limit, kind="releases"
    )
    response["Cache-Control"] = CACHED
    return ReleasesOut(
        basket=basket, releases=[release_out(release) for release in rows], next=following
    )


@router.get("/releases/{number}", response=ReleaseOut, summary="One release")
def release(
    request: HttpRequest,
    response: HttpResponse,
    number: Annotated[int, Path(ge=1, le=2_147_483_647)],
    basket: BasketSlug = releases.OFFICIAL_BASKET,
) -> ReleaseOut:
    """One release, which never changes; its bundle holds everything it was computed from."""
    found = releases.numbered(number, basket)
    if found is None:
        raise Http404("There is no release of this number.")
    response["Cache-Control"] = CACHED
    return release_out(found)
