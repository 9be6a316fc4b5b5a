"""Two systems: what each eval adds to their difference, and how sure it is."""

from __future__ import annotations

from typing import Annotated

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from baskets.api.reading import NAME, SERIES, BasketSlug, When, must
from baskets.api.systems import known_system
from baskets.models import IndexPoint, Release
from baskets.selectors.catalog import eval_names
from baskets.selectors.decomposition import drivers
from baskets.selectors.profile import predecessor
from baskets.selectors.releases import OFFICIAL_BASKET
from baskets.selectors.sheets import MAIN, Sheets, sheets_of

router = Router(tags=["comparing"])
System = Annotated[str, Query(pattern=NAME, example="gpt-5")]
Against = Annotated[
    str, Query(pattern=NAME, description="another system; by default the predecessor")
]
Series = Annotated[str, Query(pattern=SERIES, max_length=140, example="capability")]
Systems = Annotated[
    str,
    Query(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}(,[A-Za-z0-9][A-Za-z0-9._-]{0,119}){1,5}$",
        description="slugs of two to six systems, with commas between",
        example="gpt-5,claude-opus-4.5",
    ),
]


class ContributionOut(Schema):
    """What one eval adds to the difference, in index points."""

    eval: str
    domain: str
    points: float


class ContributionsOut(Schema):
    """Contributions, largest first; their sum is `difference`: `value` less `against_value`."""

    basket: str
    release: int
    series: str
    system: str
    against: str
    value: float
    against_value: float
    difference: float
    contributions: list[ContributionOut]


class PlaceOut(Schema):
    """A system's value in one series."""

    system: str
    series: str
    value: float
    low: float | None
    high: float | None
    official: bool


class PairOut(Schema):
    """One system less another on paired replicates of the release's errors.

    `low` and `high` bound the 95% interval of the difference; `ahead` is the probability that
    `system` is ahead of `against`. They are null where the release has no replicates of both.
    """

    system: str
    against: str
    series: str
    difference: float
    low: float | None
    high: float | None
    ahead: float | None


class CompareOut(Schema):
    """Systems side by side: the values, and every pair in every series that both have."""

    basket: str
    release: int
    systems: list[str]
    values: list[PlaceOut]
    pairs: list[PairOut]


@router.get("/contributions", response=ContributionsOut, summary="Why two systems differ")
def contributions(
    request: HttpRequest,
    when: When,
    system: System,
    against: Against | None = None,
    series: Series = "capability",
    basket: BasketSlug = OFFICIAL_BASKET,
) -> ContributionsOut:
    """The difference of two systems in one series, eval by eval, with nothing left over."""
    release, known = must(basket, when)
    found = known_system(system, known)
    other = known_system(against, known) if against else predecessor(release, found)
    if other is None:
        raise Http404(f"{system} has no predecessor; name a system to compare it with.")
    values = _values(release, [found.slug, other.slug], [series])
    names = eval_names()
    rows = drivers(release, system=found.slug, against=other.slug, series=series, evals=names)
    pair = [values.get((slug, series)) for slug in (found.slug, other.slug)]
    if rows is None or pair[0] is None or pair[1] is None:
        raise Http404(f"The release has no {series} of both that could be taken apart.")
    return ContributionsOut(
        basket=basket,
        release=release.number,
        series=series,
        system=found.slug,
        against=other.slug,
        value=pair[0].value,
        against_value=pair[1].value,
        difference=pair[0].value - pair[1].value,
        contributions=[
            ContributionOut(eval=row.eval.slug, domain=row.eval.domain, points=row.points)
            for row in rows
        ],
    )


def _values(
    release: Release, systems: list[str], series: list[str]
) -> dict[tuple[str, str], IndexPoint]:
    points = IndexPoint.objects.filter(
        release=release, system__slug__in=systems, series__in=series, on_official_version=True
    )
    return {(p.system.slug, p.series): p for p in points.select_related("system")}


@router.get("/compare", response=CompareOut, summary="Systems side by side")
def compare(
    request: HttpRequest,
    when: When,
    systems: Systems,
    basket: BasketSlug = OFFICIAL_BASKET,
) -> CompareOut:
    """Headline, balanced headline and domains of two to six systems, and how sure each order is."""
    slugs = systems.split(",")
    release, known = must(basket, when)
    for slug in slugs:
        known_system(slug, known)
    if len(set(slugs)) < len(slugs):
        raise HttpError(422, "systems: name two to six different systems.")
    values = _values(release, slugs, list(MAIN))
    sheets = sheets_of(release, slugs, frame=False)
    return CompareOut(
        basket=basket,
        release=release.number,
        systems=slugs,
        values=[_place(values[key]) for slug in slugs for key in _keys(slug) if key in values],
        pairs=[
            pair
            for place, slug in enumerate(slugs)
            for other in slugs[place + 1 :]
            for pair in _pairs(slug, other, values, sheets)
        ],
    )


def _keys(slug: str) -> list[tuple[str, str]]:
    return [(slug, series) for series in MAIN]


def _place(point: IndexPoint) -> PlaceOut:
    return PlaceOut(
        system=point.system.slug,
        series=point.series,
        value=point.value,
        low=point.low,
        high=point.high,
        official=point.official,
    )


def _pairs(
    slug: str, other: str, values: dict[tuple[str, str], IndexPoint], sheets: Sheets
) -> list[PairOut]:
    found = []
    for series in MAIN:
        one, two = values.get((slug, series)), values.get((other, series))
        if one is None or two is None:
            continue
        drawn = sheets.compared(slug, other, series)
        found.append(
            PairOut(
                system=slug,
                against=other,
                series=series,
                difference=one.value - two.value,
                low=drawn.low if drawn else None,
                high=drawn.high if drawn else None,
                ahead=drawn.ahead if drawn else None,
            )
        )
    return found
