"""Evals, with how the baskets count them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Query, Router, Schema

from baskets.api.reading import (
    NAME,
    BasketSlug,
    Cursor,
    Limit,
    When,
    asked,
    page_of,
)
from baskets.models import Release
from baskets.selectors.evals import CountedIn, counted_in
from baskets.selectors.known import Known
from baskets.selectors.releases import OFFICIAL_BASKET
from baskets.selectors.watch import Watched, lifecycles, watched
from evals.models import Eval

router = Router(tags=["evals"])
DomainName = Literal["capability", "safety", "alignment"]
FACTS = ("name", "subdomain", "unit", "scale", "direction", "lower", "upper", "floor", "ceiling",
         "human_baseline", "n_items", "released_on", "measures", "source_url")  # fmt: skip


class EvalOut(Schema):
    """An eval of one protocol.

    `lower` and `upper` bound its unit; `floor` and `ceiling` are the goalposts at which a score is
    0 and 100 points, unless a basket declares others. `lifecycle` is the release's own.
    """

    eval: str
    name: str
    domain: str
    subdomain: str
    unit: str
    scale: str
    direction: str
    lower: float | None
    upper: float | None
    floor: float | None
    ceiling: float | None
    human_baseline: float | None
    n_items: str
    released_on: dt.date | None
    measures: str
    source_url: str
    lifecycle: str | None
    page: str


class EvalsOut(Schema):
    """A page of evals by slug; `next` is the address of the next page."""

    release: int | None
    results: list[EvalOut]
    next: str | None


class CountedOut(Schema):
    """How a version of the basket counts the eval; `share` is that of the headline."""

    version: int
    share: float
    weight: float
    selection: str
    protocol: str
    floor: float | None
    ceiling: float | None
    reference: float | None
    owner: str
    rationale: str
    goalpost_reason: str


class WatchOut(Schema):
    """How full the eval is; `headroom` and `points` on its goalposts, `full_on` fitted."""

    systems: int
    frontier: str | None
    points: float | None
    headroom: float | None
    discrimination: float | None
    full_on: dt.date | None
    full_low: dt.date | None
    full_high: dt.date | None


class DoubtOut(Schema):
    """A doubt about what the eval still measures."""

    kind: str
    since: dt.date | None
    reason: str
    source: str


class OneEvalOut(EvalOut):
    """An eval with the versions that count it, newest first, and its saturation watch."""

    release: int | None
    counted_in: list[CountedOut]
    watch: WatchOut | None
    doubts: list[DoubtOut]


def _facts(item: Eval) -> dict[str, Any]:
    return {
        "eval": item.slug,
        "domain": item.domain.slug,
        **{name: getattr(item, name) for name in FACTS},
        "page": settings.SITE_URL + reverse("baskets:eval", args=[item.slug]),
    }


@router.get("/evals", response=EvalsOut, summary="Evals by slug")
def eval_list(
    request: HttpRequest,
    response: HttpResponse,
    when: When,
    domain: DomainName | None = None,
    subdomain: Annotated[str, Query(max_length=80)] = "",
    basket: BasketSlug = OFFICIAL_BASKET,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> EvalsOut:
    """Known evals of a domain and subdomain, or all."""
    shown = asked(basket, when)
    found = Eval.objects.filter(shown.known.named("eval")).select_related("domain")
    for name, value in (("domain__slug", domain), ("subdomain", subdomain.replace("\0", ""))):
        found = found.filter(**{name: value}) if value else found
    rows, following = page_of(
        request, response, found, by="slug", cursor=cursor, limit=limit, kind="evals"
    )
    stages = lifecycles(shown.release) if shown.release else {}
    results = [EvalOut(**_facts(item), lifecycle=stages.get(item.slug)) for item in rows]
    return EvalsOut(release=shown.number, results=results, next=following)


@router.get("/evals/{eval}", response=OneEvalOut, summary="One eval")
def one_eval(
    request: HttpRequest,
    when: When,
    eval: Annotated[str, Path(pattern=NAME, example="gpqa-diamond")],
    basket: BasketSlug = OFFICIAL_BASKET,
) -> OneEvalOut:
    """An eval: what it is, who counts it and how, and what it still tells apart."""
    shown = asked(basket, when)
    item = known_eval(eval, shown.known)
    told = _watched(shown.release, item)
    stage = told.facts.lifecycle if told and told.facts else None
    return OneEvalOut(
        **_facts(item),
        release=shown.number,
        lifecycle=stage,
        counted_in=[_counted(row) for row in counted_in(item, basket, shown.known)],
        watch=_watch(told),
        doubts=[DoubtOut(**vars(doubt)) for doubt in told.doubts] if told else [],
    )


def known_eval(slug: str, known: Known) -> Eval:
    """The eval of this slug that was known. Http404 without one."""
    evals = Eval.objects.filter(known.named("eval"), slug=slug)
    found = evals.select_related("domain").first()
    if found is None:
        raise Http404(f"No eval {slug} is known.")
    return found


def _watched(release: Release | None, item: Eval) -> Watched | None:
    return watched(release, item) if release else None


def _counted(row: CountedIn) -> CountedOut:
    weight = row.weight
    names = ("weight", "selection", "protocol", "floor", "ceiling", "reference", "owner",
             "rationale", "goalpost_reason")  # fmt: skip
    told = {name: getattr(weight, name) for name in names}
    return CountedOut(version=row.version.number, share=row.share, **told)


def _watch(told: Watched | None) -> WatchOut | None:
    facts = told.facts if told else None
    if facts is None:
        return None
    return WatchOut(
        systems=facts.systems,
        frontier=facts.frontier.slug if facts.frontier else None,
        points=facts.points,
        headroom=facts.headroom,
        discrimination=facts.discrimination,
        full_on=facts.full.on,
        full_low=facts.full.low,
        full_high=facts.full.high,
    )
