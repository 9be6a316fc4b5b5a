"""Systems, with their values in one release."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Query, Router, Schema

from baskets.api.reading import (
    NAME,
    SLUG,
    BasketSlug,
    Cursor,
    Limit,
    Since,
    Until,
    When,
    asked,
    page_of,
)
from baskets.models import Release
from baskets.selectors import systems as selectors
from baskets.selectors.catalog import SystemName, system_name
from baskets.selectors.known import Known
from baskets.selectors.profile import ProfileRow, predecessor, profile_facts
from baskets.selectors.releases import OFFICIAL_BASKET
from evals.models import System

router = Router(tags=["systems"])


class ValueOut(Schema):
    """A system's value in one series on the basket version in force when it came out.

    `low` and `high` bound the 95% interval. `coverage` is the share of the weight that was
    measured, `imputed_share` the share of the value that rests on filled cells; a value that is
    not `official` has too little of the one.
    """

    series: str
    value: float
    low: float | None
    high: float | None
    coverage: float
    official: bool


class FullValueOut(ValueOut):
    """The same with the version it is read on, and with its bounds.

    `worst_case` and `best_case` are the value with every missing cell at 0 and at 100 points.
    """

    imputed_share: float
    basket_version: int
    back_cast: bool
    worst_case: float | None
    best_case: float | None


class SystemOut(Schema):
    """A model or product that can be measured; `values` has the headline and the domains."""

    system: str
    name: str
    developer: str
    developer_name: str
    generation: str
    released_on: dt.date
    scores: int
    values: list[ValueOut]
    page: str


class SystemsOut(Schema):
    """A page of systems by slug; `next` is the address of the next page."""

    release: int | None
    results: list[SystemOut]
    next: str | None


class OneSystemOut(Schema):
    """A system with every series, and the system that its developer had before it."""

    release: int | None
    system: str
    name: str
    developer: str
    developer_name: str
    generation: str
    released_on: dt.date
    predecessor: str | None
    scores: int
    values: list[FullValueOut]
    page: str


def system_out(row: selectors.SystemRow) -> SystemOut:
    """The row as the API shows it."""
    values = [
        ValueOut(
            series=series,
            value=value.value,
            low=value.low,
            high=value.high,
            coverage=value.coverage,
            official=value.official,
        )
        for series, value in row.columns
        if value
    ]
    return SystemOut(**_facts(row.system), scores=row.scores, values=values)


def _facts(name: SystemName) -> dict[str, Any]:
    return {
        "system": name.slug,
        "name": name.name,
        "developer": name.developer_slug,
        "developer_name": name.developer,
        "generation": name.generation,
        "released_on": name.released_on,
        "page": settings.SITE_URL + reverse("baskets:system", args=[name.slug]),
    }


@router.get("/systems", response=SystemsOut, summary="Systems by slug")
def system_list(
    request: HttpRequest,
    response: HttpResponse,
    when: When,
    developer: Annotated[str, Query(pattern=SLUG, example="openai")] | None = None,
    generation: Annotated[str, Query(max_length=120)] | None = None,
    q: Annotated[str, Query(max_length=100, description="words of a name, slug or alias")] = "",
    since: Since = None,
    until: Until = None,
    basket: BasketSlug = OFFICIAL_BASKET,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> SystemsOut:
    """Known systems, `since` and `until` by the date on which they came out."""
    shown = asked(basket, when)
    wanted = selectors.Wanted(
        developer=developer or "",
        generation=_printable(generation or ""),
        text=_printable(q),
        since=since,
        until=until,
    )
    found = selectors.systems_wanted(shown.release, wanted, sort="name", known=shown.known)
    rows, following = page_of(
        request, response, found, by="slug", cursor=cursor, limit=limit, kind="systems"
    )
    return SystemsOut(
        release=shown.number,
        results=[system_out(row) for row in selectors.rows_of(rows, shown.release, shown.known)],
        next=following,
    )


def _printable(text: str) -> str:
    """The text without NUL, which no name has and the database does not take."""
    return text.replace("\0", "")


@router.get("/systems/{system}", response=OneSystemOut, summary="One system")
def one_system(
    request: HttpRequest,
    when: When,
    system: Annotated[str, Path(pattern=NAME, example="gpt-5")],
    basket: BasketSlug = OFFICIAL_BASKET,
) -> OneSystemOut:
    """Every series of a system, subdomains included."""
    shown = asked(basket, when)
    found = known_system(system, shown.known)
    before = predecessor(shown.release, found) if shown.release else None
    (row,) = selectors.rows_of([found], shown.release, shown.known)
    return OneSystemOut(
        release=shown.number,
        **_facts(system_name(found)),
        predecessor=before.slug if before else None,
        scores=row.scores,
        values=_values(shown.release, found),
    )


def known_system(slug: str, known: Known) -> System:
    """The system of this slug that was known. Http404 without one."""
    systems = System.objects.filter(known.named("system"), slug=slug)
    found = systems.select_related("developer", "generation").first()
    if found is None:
        raise Http404(f"No system {slug} is known.")
    return found


def _values(release: Release | None, system: System) -> list[FullValueOut]:
    if release is None:
        return []
    facts = profile_facts(release, system, None)
    return [_value(row) for row in (*facts.headlines, *facts.rows)]


def _value(row: ProfileRow) -> FullValueOut:
    return FullValueOut(
        series=row.series,
        value=row.value,
        low=row.low,
        high=row.high,
        coverage=row.coverage,
        official=row.official,
        imputed_share=row.imputed_share,
        basket_version=row.version,
        back_cast=row.back_cast,
        worst_case=row.worst_case,
        best_case=row.best_case,
    )
