"""What every read of the API shares: its parameters, its pages and how long it may be kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query, Schema
from pydantic import BeforeValidator

from baskets.models import Basket, Release
from baskets.selectors import releases
from baskets.selectors.known import EVERYTHING, Known, known_on, known_with

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$"
SLUG = r"^[-a-zA-Z0-9_]{1,50}$"
SERIES = r"^[a-z0-9][a-z0-9._-]*(/[^/\x00-\x1f\x7f]{1,80})?$"
# With "public" the process keeps the whole answer; lists have too many addresses for that.
CACHED = "public, max-age=0, must-revalidate"
CHECKED = "max-age=0, must-revalidate"
MOST = 500
Row = TypeVar("Row", bound=Model)


def written_as_day(value: object) -> object:
    """The value as it is, if it is written YYYY-MM-DD; seconds since 1970 are no date to people."""
    if isinstance(value, str) and DAY.fullmatch(value) is None:
        raise ValueError("a date is written YYYY-MM-DD")
    return value


Day = Annotated[dt.date, BeforeValidator(written_as_day)]
Since = Annotated[Day | None, Query(description="on this date or later, YYYY-MM-DD")]
Until = Annotated[Day | None, Query(description="on this date or earlier, YYYY-MM-DD")]
BasketSlug = Annotated[str, Query(pattern=SLUG, description="slug of the basket", example="agi")]
Name = Annotated[str, Query(pattern=NAME, max_length=120)]
Limit = Annotated[int, Query(ge=1, le=MOST, description="how many at the most")]
Cursor = Annotated[
    str,
    Query(
        max_length=300,
        pattern=r"^[A-Za-z0-9_:.=-]*$",
        description="where a page begins, as the `next` of the page before gave it",
    ),
]


class Moment(Schema):
    """The past that an answer is of: a date, or a release of the basket; by default the present."""

    as_of: Day | None = Field(
        None,
        description="only what was known at the end of this date, YYYY-MM-DD (UTC)",
        examples=["2026-03-31"],
    )
    release: int | None = Field(
        None,
        ge=1,
        le=2_147_483_647,
        description="only what was known when the basket's release of this number was made; "
        "unlike a date it tells two releases of one day apart",
    )

    @property
    def past(self) -> bool:
        """Whether it is not the present."""
        return self.as_of is not None or self.release is not None


When = Query[Moment]


@dataclass(frozen=True)
class Asked:
    """The release that an answer rests on, None before the first, and what was known then."""

    release: Release | None
    known: Known

    @property
    def number(self) -> int | None:
        """The number of the release."""
        return self.release.number if self.release else None


def asked(basket: str, when: Moment) -> Asked:
    """What was known then. Http404 for a date before the first release, or a release not made."""
    if when.release is not None:
        pinned = releases.numbered(when.release, basket)
        if pinned is None:
            raise Http404("There is no release of this number.")
        if when.as_of is not None and when.as_of < pinned.vintage_on:
            raise Http404("The release came later than as_of: leave one of them out.")
        return Asked(pinned, known_with(pinned))
    release = releases.current(basket, as_of=when.as_of)
    if release is None:
        if when.as_of is not None:
            raise Http404("No release of this basket is known for that date.")
        if basket != releases.OFFICIAL_BASKET and not Basket.objects.filter(slug=basket).exists():
            raise Http404("There is no basket of this name.")
        return Asked(None, EVERYTHING)
    return Asked(release, known_on(release, when.as_of))


def must(basket: str, when: Moment) -> tuple[Release, Known]:
    """The same where an answer needs a release. Http404 without one."""
    found = asked(basket, when)
    if found.release is None:
        raise Http404("No release of this basket is known.")
    return found.release, found.known


def _signer(kind: str) -> signing.Signer:
    """Signs without the time, which would make each answer another one."""
    return signing.Signer(salt=f"api-cursor-{kind}")


def page_of(
    request: HttpRequest,
    response: HttpResponse,
    found: QuerySet[Row],
    *,
    by: str,
    cursor: str,
    limit: int,
    kind: str,
) -> tuple[list[Row], str | None]:
    """(the rows of the page that begins at a cursor, the address of the next).

    by: the unique field that orders them, with a minus where the highest comes first. A cursor
    holds that of the last row given, so rows that come in meanwhile shift nothing. Http404 for a
    cursor that no list of this kind gave.
    """
    field = by.removeprefix("-")
    after = _begins_after(cursor, kind)
    if after is not None:
        found = found.filter(**{f"{field}__{'lt' if by.startswith('-') else 'gt'}": after})
    rows = list(found.order_by(by)[: limit + 1])
    if len(rows) <= limit:
        return rows, None
    del rows[limit:]
    following = _signer(kind).sign_object(getattr(rows[-1], field))
    query = {name: value for name, value in request.GET.items() if name != "cursor"}
    address = f"{settings.SITE_URL}{request.path}?{urlencode({**query, 'cursor': following})}"
    response["Link"] = f'<{address}>; rel="next"'
    return rows, address


def _begins_after(cursor: str, kind: str) -> Any:
    """The key of the last row of the page before; None at the beginning."""
    if not cursor:
        return None
    try:
        return _signer(kind).unsign_object(cursor)
    except signing.BadSignature:
        raise Http404("There is no page at this cursor: this list did not give it.") from None


def checked(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A good answer gets a tag by which a reader can ask whether it is still the same."""

    @wraps(view)
    def tagged(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 200:
            response.setdefault("Cache-Control", CHECKED)
            tag = hashlib.sha256(response.content).hexdigest()[:32]
            response.setdefault("ETag", f'"{tag}"')
        return response

    return tagged
