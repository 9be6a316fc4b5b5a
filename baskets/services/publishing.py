"""Drafting and publishing basket versions. What is published is frozen by the database."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from baskets.engine import Answer, EngineError, Problem, compute
from baskets.models import Basket, BasketVersion, Weight
from baskets.models.reasons import (
    DATE_PASSED,
    NOT_POSITIVE,
    NUMBER_PASSED,
    OTHER_LINK,
    OTHER_RULE,
    UNCOMPUTED,
)
from baskets.selectors.problems import Knowledge, knowledge
from baskets.services.refusals import PublishRefused
from baskets.signals import version_published


def hold_drafts(basket_id: int) -> None:
    """Let the drafts of a basket be made one after the other, until the transaction ends.

    Not by its row, which a release holds for as long as it is computed.
    """
    with connection.cursor() as cursor:
        question = "SELECT pg_advisory_xact_lock(hashtextextended('drafts of basket ' || %s, 0))"
        cursor.execute(question, [basket_id])


@transaction.atomic
def draft_from(version: BasketVersion, *, author: str, by: User | None = None) -> BasketVersion:
    """A draft of the next version with the weights of this one; `by` is who cannot approve it.

    Its overlap lists the systems with an official headline in the newest release: the engine uses
    those that both baskets observe.
    """
    hold_drafts(version.basket_id)
    newest = version.basket.versions.aggregate(newest=Max("number"))["newest"]
    draft = BasketVersion.objects.create(
        basket=version.basket,
        number=newest + 1,
        effective_on=timezone.now().date(),
        coverage_floor=version.coverage_floor,
        domain_coverage_floor=version.domain_coverage_floor,
        min_evals=version.min_evals,
        link=version.link,
        author=author,
        drafted_by=by,
        edited_by=by,
    )
    copied = ("eval_id", *Weight.DECIDED)
    Weight.objects.bulk_create(
        Weight(version=draft, **{name: getattr(weight, name) for name in copied})
        for weight in version.weights.all()
    )
    release = version.basket.releases.order_by("-number").first()
    if release is not None:
        points = release.points.filter(series="headline", official=True)
        draft.overlap.set(points.values_list("system", flat=True))
    return draft


def freeze(version: BasketVersion, *, by: User | None) -> None:
    """Check, freeze and announce a version whose row the caller holds; PublishRefused otherwise.

    Whoever calls it answers for the approval: only `baskets.services.publications` does.
    The engine computes the basket with it first, so a version that it would refuse (no overlap, a
    base too low) never becomes part of the record.
    """
    # One at a time in a basket: each is checked against the versions that are already there.
    Basket.objects.select_for_update(no_key=True).get(pk=version.basket_id)
    check_version(version)
    _fix_goalposts(version)
    version.step = BasketVersion.State.PUBLISHED
    version.published_at = timezone.now()
    version.published_by = by
    version.save()
    version_published.send(sender=BasketVersion, version=version)


def check_version(version: BasketVersion) -> Answer:
    """The index with a version that is fit to stand beside those before it; or PublishRefused."""
    _check_order(version)
    check_weights(version)
    return _try_out(version)


def _fix_goalposts(version: BasketVersion) -> None:
    """Write the eval's own goalposts into weights that leave them open: they are frozen too."""
    for weight in version.weights.select_related("eval"):
        if weight.floor is None:
            weight.floor = weight.eval.floor
        if weight.ceiling is None:
            weight.ceiling = weight.eval.ceiling
        weight.save(update_fields=["floor", "ceiling"])


def _check_order(version: BasketVersion) -> None:
    published = version.basket.versions.filter(published_at__isnull=False)
    newest = published.order_by("-number").first()
    if newest is None:
        return
    if version.number <= newest.number:
        raise PublishRefused(NUMBER_PASSED, newest=newest.number)
    if version.effective_on <= newest.effective_on:
        raise PublishRefused(
            DATE_PASSED, newest=newest.number, date=newest.effective_on.isoformat()
        )
    if version.link != newest.link:
        raise PublishRefused(OTHER_LINK, link=newest.link)


def check_weights(version: BasketVersion) -> None:
    """Positive, finite weights, and for each eval the rule under which it was counted before."""
    weights = list(version.weights.select_related("eval"))
    for weight in weights:
        if not math.isfinite(weight.weight) or weight.weight <= 0:
            raise PublishRefused(NOT_POSITIVE, eval=weight.eval.name)
    before = {
        row.eval_id: row
        for row in Weight.objects.filter(
            version__basket=version.basket, version__published_at__isnull=False
        ).order_by("version__number")
    }
    for weight in weights:
        old = before.get(weight.eval_id)
        if old and (old.selection, old.protocol) != (weight.selection, weight.protocol):
            raise PublishRefused(OTHER_RULE, eval=weight.eval.name)


def _try_out(version: BasketVersion) -> Answer:
    known = knowledge(version.basket, also=version)
    try:
        return _computed(known, _day(version), known.versions)
    except EngineError as error:
        raise PublishRefused(UNCOMPUTED, error=error.name, detail=error.detail) from error


def lost_status(version: BasketVersion, trial: Answer) -> list[tuple[str, str]]:
    """(system, series) of the values that are official without the version and not with it.

    trial: what `check_version` has found with it. Both are computed from what is known now, so that
    nothing else can be the reason.
    """
    known = knowledge(version.basket)
    if not known.versions:
        return []
    before = _computed(known, _day(version), known.versions)
    return sorted(_official(before) - _official(trial))


def _day(version: BasketVersion) -> dt.date:
    """The day for which a version is tried out: when it takes effect, or today."""
    return max(version.effective_on, timezone.now().date())


def _computed(known: Knowledge, day: dt.date, versions: Sequence[BasketVersion]) -> Answer:
    """The index without intervals, as a release on `day` would have it."""
    obj, _excluded = known.problem(
        vintage_on=day, versions=versions, observed_only=False, replicates=0
    )
    return compute(Problem.from_json(obj))


def _official(answer: Answer) -> set[tuple[str, str]]:
    """The official values of the headline and the domains."""
    return {(p.system, p.series) for p in answer.points if p.official and "/" not in p.series}


def effective_at(version: BasketVersion) -> dt.datetime:
    """The moment from which the version counts: midnight UTC of its effective date."""
    return dt.datetime.combine(version.effective_on, dt.time(), tzinfo=dt.UTC)


def baskets() -> list[Basket]:
    """Every basket that has a published version."""
    return list(Basket.objects.filter(versions__published_at__isnull=False).distinct())
