"""Scores as they are stored, with what became of each and where it comes from."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema

from baskets.api.evals import DomainName
from baskets.api.reading import (
    NAME,
    BasketSlug,
    Cursor,
    Limit,
    Since,
    When,
    asked,
    page_of,
)
from baskets.selectors.known import Known
from baskets.selectors.releases import OFFICIAL_BASKET
from baskets.selectors.scores import newest_decision
from evals.models import Eval, Score

router = Router(tags=["scores"])

STATED = ("id", "value", "stderr", "low", "high", "uncertainty", "n_items", "n_items_text",
          "elicitation", "reported_by", "observed_on", "recorded_at", "source_url", "note",
          "external_id", "content_hash")  # fmt: skip


class ScoreOut(Schema):
    """One result as its source states it, in the eval's own unit.

    `stderr` is in that unit, `low` and `high` are the published 95% interval. `observed_on` is when
    it was measured or published, `recorded_at` when this site learnt of it. `status` is that of the
    newest decision about it; which accepted score a release counts for a system and an eval is a
    matter of the release. `import_source` is where this site has it from.
    """

    id: int
    system: str
    eval: str
    domain: str
    value: float
    unit: str
    stderr: float | None
    low: float | None
    high: float | None
    uncertainty: str
    n_items: int | None
    n_items_text: str
    elicitation: str
    reported_by: str
    observed_on: dt.date
    recorded_at: dt.datetime
    source_url: str
    note: str
    external_id: str
    content_hash: str
    status: str
    status_reason: str
    decided_at: dt.datetime | None
    import_source: str
    import_run: int
    page: str


class ScoresOut(Schema):
    """A page of scores in the order in which they were stored; `next` is the following page."""

    results: list[ScoreOut]
    next: str | None


def told_scores(known: Known) -> QuerySet[Score]:
    """The scores that were known, with their status then."""
    return (
        Score.objects.filter(known.scores())
        .select_related("system", "eval__domain", "import_run__source")
        .annotate(
            status=newest_decision("status", known),
            status_reason=newest_decision("reason", known),
            decided_at=newest_decision("at", known),
        )
    )


def score_out(score: Score) -> ScoreOut:
    """The score as the API shows it; one without a decision is held."""
    return ScoreOut(
        **{name: getattr(score, name) for name in STATED},
        system=score.system.slug,
        eval=score.eval.slug,
        domain=score.eval.domain.slug,
        unit=score.eval.unit,
        status=getattr(score, "status", None) or "held",
        status_reason=getattr(score, "status_reason", None) or "",
        decided_at=getattr(score, "decided_at", None),
        import_source=score.import_run.source.slug,
        import_run=score.import_run_id,
        page=settings.SITE_URL + reverse("scores:score", args=[score.pk]),
    )


@router.get("/scores", response=ScoresOut, summary="Scores in the order in which they came")
def score_list(
    request: HttpRequest,
    response: HttpResponse,
    when: When,
    system: Annotated[str, Query(pattern=NAME, example="gpt-5")] | None = None,
    eval: Annotated[str, Query(pattern=NAME, example="gpqa-diamond")] | None = None,
    domain: DomainName | None = None,
    since: Since = None,
    basket: BasketSlug = OFFICIAL_BASKET,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> ScoresOut:
    """Known scores, `since` by the date on which they were observed.

    A cursor goes on after the last score of its page, by `id`: asked again later, it gives what has
    come since. An import takes its ids while it is stored and shows all its scores at its end, so
    one that ends later may add scores before a cursor that was given meanwhile; who follows the
    list and wants them all reads it from the beginning after each release.
    """
    shown = asked(basket, when)
    found = told_scores(shown.known)
    if system:
        found = found.filter(system__slug=system)
    if eval:
        found = found.filter(eval__slug=eval)
    if domain:
        found = found.filter(eval__in=Eval.objects.filter(domain__slug=domain))
    if since:
        found = found.filter(observed_on__gte=since)
    rows, following = page_of(
        request, response, found, by="pk", cursor=cursor, limit=limit, kind="scores"
    )
    return ScoresOut(results=[score_out(score) for score in rows], next=following)
