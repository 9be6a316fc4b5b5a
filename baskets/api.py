"""Read API of the index."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import BeforeValidator

from baskets.models import IndexPoint
from baskets.selectors import releases

router = Router(tags=["index"])

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def written_as_day(value: object) -> object:
    """The value as it is, if it is written YYYY-MM-DD; seconds since 1970 are no date to people."""
    if isinstance(value, str) and DAY.fullmatch(value) is None:
        raise ValueError("a date is written YYYY-MM-DD")
    return value


Day = Annotated[dt.date, BeforeValidator(written_as_day)]


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
    basket: Annotated[
        str, Query(pattern=r"^[-a-zA-Z0-9_]{1,50}$", description="slug of the basket")
    ] = releases.OFFICIAL_BASKET,
    as_of: Annotated[Day | None, Query()] = None,
) -> IndexOut:
    """All points of the newest release whose vintage is not later than `as_of`."""
    release = releases.current(basket, as_of=as_of)
    if release is None:
        raise Http404("No release of this basket is known for that date.")
    points = releases.official_version_points(release)
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    return IndexOut(
        basket=basket,
        release=release.number,
        base=release.basket.base.slug,
        points=[point_out(point) for point in points],
    )
