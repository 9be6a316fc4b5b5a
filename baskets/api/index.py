"""The index itself, as one release states it."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from baskets.api.reading import CACHED, BasketSlug, When, must
from baskets.models import IndexPoint
from baskets.selectors import releases

router = Router(tags=["index"])


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
    when: When,
    basket: BasketSlug = releases.OFFICIAL_BASKET,
) -> IndexOut:
    """All points of the release, by default the newest, or the newest of a date."""
    release, _known = must(basket, when)
    points = releases.official_version_points(release)
    response["Cache-Control"] = CACHED
    return IndexOut(
        basket=basket,
        release=release.number,
        base=release.basket.base.slug,
        points=[point_out(point) for point in points],
    )
