"""Readers' own baskets: what each makes of the releases of its parent."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Router, Schema

from baskets.api.reading import Cursor, Limit, page_of
from baskets.models import OwnBasket, OwnRelease
from baskets.models.own import ID_LENGTH, SIGNS
from baskets.selectors import own as selectors
from baskets.selectors.own_content import read

router = Router(tags=["own baskets"])
PublicId = Annotated[str, Path(pattern=rf"^[{SIGNS}]{{{ID_LENGTH}}}$", example="abcdefgh23456789")]
PRIVATE = "private, max-age=0, must-revalidate"


class OwnOut(Schema):
    """A reader's own basket: weights beside the official ones, which are not the project's.

    `adjustments` are the newest weights as a what-if's address has them; `waiting` says how many
    releases are still being computed.
    """

    id: str
    name: str
    basket: str
    page: str
    created_at: dt.datetime
    forked_from: str | None
    version: int
    adjustments: dict[str, str]
    waiting: int


class StepOut(Schema):
    """The newest system of a frontier, in index points with its 95% interval."""

    system: str
    released_on: dt.date
    value: float
    low: float | None
    high: float | None


class OwnReleaseOut(Schema):
    """What an own basket makes of one release of its parent.

    `reconstructed`: the parent's release came before the weights were saved. `refusal` names why
    there is no index with them. `sealed` is the address of the bytes that `sha256` seals.
    """

    own: str
    number: int
    vintage_on: dt.date
    created_at: dt.datetime
    reconstructed: bool
    version: int
    engine: str
    refusal: str
    frontier: dict[str, StepOut]
    parent_sha256: str
    sha256: str
    sealed: str


class OwnReleasesOut(Schema):
    """The releases of an own basket, newest first."""

    own: str
    releases: list[OwnReleaseOut]
    next: str | None


class OwnValueOut(Schema):
    """A system's value in one series; `worst` and `best` are its bounds."""

    series: str
    system: str
    value: float
    low: float | None
    high: float | None
    worst: float | None
    best: float | None
    coverage: float
    official: bool


class OwnSegmentOut(Schema):
    """A version of the chain: the parent's version `of` under weights that sum to 1."""

    id: str
    of: str
    version: int
    effective_on: dt.date | None
    weights: dict[str, float]


class OwnWholeOut(OwnReleaseOut):
    """The same with its weights and every value."""

    replicates: int
    baskets: list[OwnSegmentOut]
    systems: list[OwnValueOut]


def _found(public_id: str) -> OwnBasket:
    found = selectors.own_basket(public_id)
    if found is None:
        raise Http404("There is no own basket at this address, or it is not shown.")
    return found


def _out(own: OwnBasket, stored: OwnRelease) -> dict[str, object]:
    path = reverse("baskets:own-sealed", args=[own.public_id, stored.release.number])
    return {
        "own": own.public_id,
        "number": stored.release.number,
        "vintage_on": stored.release.vintage_on,
        "created_at": stored.created_at,
        "reconstructed": stored.reconstructed,
        "version": stored.version.number,
        "engine": stored.engine_version,
        "refusal": stored.refusal,
        "frontier": stored.summary,
        "parent_sha256": stored.release.sha256,
        "sha256": stored.sha256,
        "sealed": settings.SITE_URL + path,
    }


@router.get("/own/{public_id}", response=OwnOut, summary="A reader's own basket")
def own_basket(request: HttpRequest, response: HttpResponse, public_id: PublicId) -> OwnOut:
    """An own basket and its newest weights."""
    own = _found(public_id)
    newest = own.versions.latest("number")
    origin = own.forked_from if own.forked_from and own.forked_from.hidden_at is None else None
    response["Cache-Control"] = PRIVATE
    return OwnOut(
        id=own.public_id,
        name=own.name,
        basket=own.basket.slug,
        page=settings.SITE_URL + reverse("baskets:own-basket", args=[own.public_id]),
        created_at=own.created_at,
        forked_from=origin.public_id if origin else None,
        version=newest.number,
        adjustments=newest.adjustments,
        waiting=selectors.waiting_of(own).coming,
    )


@router.get(
    "/own/{public_id}/releases", response=OwnReleasesOut, summary="Its releases, newest first"
)
def own_releases(
    request: HttpRequest,
    response: HttpResponse,
    public_id: PublicId,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> OwnReleasesOut:
    """Every release of an own basket with the newest frontier of each series."""
    own = _found(public_id)
    rows, following = page_of(
        request,
        response,
        selectors.releases_of(own),
        by="-release_id",
        cursor=cursor,
        limit=limit,
        kind=f"own-{own.public_id}",
    )
    response["Cache-Control"] = PRIVATE
    out = [OwnReleaseOut.model_validate(_out(own, row)) for row in rows]
    return OwnReleasesOut(own=own.public_id, releases=out, next=following)


@router.get("/own/{public_id}/releases/{number}", response=OwnWholeOut, summary="One release of it")
def own_release(
    request: HttpRequest,
    response: HttpResponse,
    public_id: PublicId,
    number: Annotated[int, Path(ge=1, le=2_147_483_647)],
) -> OwnWholeOut:
    """One release of an own basket, which never changes: weights and every value."""
    own = _found(public_id)
    stored = selectors.numbered_of(own, number)
    if stored is None:
        raise Http404("This own basket has no release of this number.")
    content = read(stored)
    parts = {name: content[name] for name in ("replicates", "baskets", "systems")}
    response["Cache-Control"] = PRIVATE
    return OwnWholeOut.model_validate(_out(own, stored) | parts)
