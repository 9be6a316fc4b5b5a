"""Baskets: their versions, weights and links."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Router, Schema

from baskets.api.reading import CACHED, SLUG, When, asked, must
from baskets.models import Basket, Link
from baskets.selectors import baskets as selectors
from baskets.selectors.known import Known
from baskets.selectors.releases import OFFICIAL_BASKET

router = Router(tags=["baskets"])


class BasketOut(Schema):
    """A weighted set of evals with a base system that stands at 100; `versions` are published."""

    basket: str
    name: str
    description: str
    base: str
    versions: list[int]
    page: str


class BasketsOut(Schema):
    """Every basket."""

    results: list[BasketOut]


class WeightOut(Schema):
    """An eval's weight; `share` is that of the headline, `before` that in the version before."""

    eval: str
    domain: str
    subdomain: str
    share: float
    before: float | None
    weight: float
    selection: str
    protocol: str
    owner: str
    rationale: str


class DepartureOut(Schema):
    """An eval that the version before counted and this one does not."""

    eval: str
    before: float
    reason: str


class LinkOut(Schema):
    """How a series was carried into this version.

    `additive`, `ratio` and `odds` are the level of the newest overlap system by each method.
    """

    series: str
    from_version: int
    overlap: list[str]
    additive: float | None
    ratio: float | None
    odds: float | None


class VersionOut(Schema):
    """One published version, which never changes."""

    number: int
    effective_on: dt.date
    published_at: dt.datetime | None
    link: str
    coverage_floor: float
    domain_coverage_floor: float
    min_evals: int
    rationale: str
    author: str
    approver: str
    weights: list[WeightOut]
    departures: list[DepartureOut]
    links: list[LinkOut]


class OneBasketOut(Schema):
    """A basket with its versions, newest first, and the links as the release has them."""

    basket: str
    name: str
    description: str
    base: str
    release: int
    versions: list[VersionOut]
    page: str


def _page(basket: Basket) -> str:
    return settings.SITE_URL + reverse("baskets:basket", args=[basket.slug])


@router.get("/baskets", response=BasketsOut, summary="Baskets")
def basket_list(request: HttpRequest, response: HttpResponse, when: When) -> BasketsOut:
    """Every basket with its published versions, or those that were known then.

    `release` is one of the official basket.
    """
    then = asked(OFFICIAL_BASKET, when).known if when.release else Known(when.as_of)
    found = selectors.baskets_known(then) if when.past else selectors.baskets()
    response["Cache-Control"] = CACHED
    return BasketsOut(
        results=[
            BasketOut(
                basket=basket.slug,
                name=basket.name,
                description=basket.description,
                base=basket.base.slug,
                versions=[v.number for v in getattr(basket, "published_versions", ())],
                page=_page(basket),
            )
            for basket in found
        ]
    )


@router.get("/baskets/{basket}", response=OneBasketOut, summary="One basket")
def one_basket(
    request: HttpRequest,
    response: HttpResponse,
    when: When,
    basket: Annotated[str, Path(pattern=SLUG, example="agi")],
) -> OneBasketOut:
    """Versions with weights, departures and links; as they were known on a date."""
    found = Basket.objects.select_related("base").filter(slug=basket).first()
    if found is None:
        raise Http404("There is no basket of this name.")
    release, known = must(basket, when)
    versions = selectors.version_facts(found, release, known)
    numbers = {facts.version.pk: facts.version.number for facts in versions}
    response["Cache-Control"] = CACHED
    return OneBasketOut(
        basket=found.slug,
        name=found.name,
        description=found.description,
        base=found.base.slug,
        release=release.number,
        versions=[_version(facts, numbers) for facts in versions],
        page=_page(found),
    )


def _version(facts: selectors.VersionFacts, numbers: dict[int, int]) -> VersionOut:
    version = facts.version
    names = ("number", "effective_on", "published_at", "link", "coverage_floor",
             "domain_coverage_floor", "min_evals", "rationale", "author", "approver")  # fmt: skip
    return VersionOut(
        **{name: getattr(version, name) for name in names},
        weights=[out for row in facts.rows if (out := _weight(row))],
        departures=[
            DepartureOut(eval=row.eval.slug, before=row.before or 0.0, reason=row.departure)
            for row in facts.rows
            if row.share is None
        ],
        links=[_link(link, numbers) for link in facts.links],
    )


def _weight(row: selectors.WeightRow) -> WeightOut | None:
    if row.weight is None or row.share is None:
        return None
    names = ("weight", "selection", "protocol", "owner", "rationale")
    return WeightOut(
        eval=row.eval.slug,
        domain=row.eval.domain,
        subdomain=row.eval.subdomain,
        share=row.share,
        before=row.before,
        **{name: getattr(row.weight, name) for name in names},
    )


def _link(link: Link, numbers: dict[int, int]) -> LinkOut:
    return LinkOut(
        series=link.series,
        from_version=numbers[link.from_version_id],
        overlap=list(link.overlap),
        additive=link.additive,
        ratio=link.ratio,
        odds=link.odds,
    )
