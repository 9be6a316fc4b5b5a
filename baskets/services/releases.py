"""Making a release: problem, answer, seal, points and links, all in one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from baskets.engine import (
    Answer,
    Problem,
    answer_of,
    canonical,
    prepare,
    replicates_of,
    round_floats,
)
from baskets.engine.errors import BaseMissing, BaseTooLow, OverlapTooSmall
from baskets.models import Basket, BasketVersion, Release
from baskets.models import Link as LinkRow
from baskets.selectors.problem_rows import basket_id
from baskets.selectors.problems import Knowledge
from baskets.selectors.seals import counted_sha256, seal_before, seal_of
from baskets.services.explanations import store_analyses, store_revisions, store_sheets
from baskets.summary import summarise

POINT_COLUMNS = (
    "release_id",
    "version_id",
    "system_id",
    "series",
    "value",
    "low",
    "high",
    "coverage",
    "imputed_share",
    "worst",
    "best",
    "official",
    "back_cast",
    "on_official_version",
)

# What may be missing in the past for a version that can be linked today.
NOT_YET = (BaseMissing, BaseTooLow, OverlapTooSmall)
LONGEST_CAUSE = 300


def make_release(
    known: Knowledge,
    *,
    vintage_on: dt.date,
    versions: Sequence[BasketVersion],
    cause: str,
    reconstructed: bool = False,
) -> Release:
    """Compute and store one release; EngineError where the engine refuses, and nothing is stored.

    The caller holds the basket's row lock, so that numbers follow each other without gaps.
    """
    obj, excluded = known.problem(
        vintage_on=vintage_on, versions=versions, observed_only=reconstructed
    )
    problem = Problem.from_json(obj)
    state = prepare(problem)
    replicates = replicates_of(state) if problem.method.replicates else None
    answer = answer_of(state, replicates)
    text = canonical(_bundle(problem, answer, excluded)).encode()
    numbers = {basket_id(version): version.number for version in versions}
    left_out = {row["content_hash"] for row in excluded}
    told = known.told(vintage_on if reconstructed else None)
    with transaction.atomic():
        release = Release(
            basket=known.basket,
            number=_next_number(known.basket),
            vintage_on=vintage_on,
            cause=cause,
            reconstructed=reconstructed,
            engine_version=answer.engine,
            problem_sha256=answer.sha256,
            sha256=hashlib.sha256(text).hexdigest(),
            bundle=zlib.compress(text, 6),
            summary=summarise(problem, answer, numbers, replicates),
            counted_sha256=counted_sha256({score.content_hash for score in told} - left_out),
        )
        release.seal = seal_of(release, before=seal_before(release))
        release.save(force_insert=True)
        _store_points(release, answer, known, versions)
        _store_links(release, answer, versions)
        store_revisions(release, problem, answer)
        store_analyses(release, state, answer)
        store_sheets(release, problem, answer, replicates)
    return release


def replay_months(known: Knowledge, today: dt.date) -> Iterator[dt.date]:
    """The ends of the months from the first version's effective month to the last full month."""
    day = known.versions[0].effective_on.replace(day=1)
    while (end := _last_of_month(day)) < today:
        yield end
        day = end + dt.timedelta(days=1)


def _last_of_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)


def make_reconstructed(known: Knowledge, month_end: dt.date) -> Release | None:
    """The release that could have been made at a month's end, or None where none could.

    The newest version that was in force and could be linked on what was known then is its last;
    the cause names those that could not, each with the engine's refusal. Any other refusal is the
    caller's.
    """
    versions = [v for v in known.versions if v.effective_on <= month_end]
    cause = f"Reconstructed as known at the end of {month_end:%B %Y}"
    if (
        month_end > _last_of_month(known.versions[0].effective_on)
        and not known.basket.releases.exists()
    ):
        cause += "; no release could be made from what was known at the end of earlier months"
    while versions:
        try:
            return make_release(
                known,
                vintage_on=month_end,
                versions=versions,
                cause=cause[:LONGEST_CAUSE],
                reconstructed=True,
            )
        except NOT_YET as error:
            cause += f"; without version {versions.pop().number} ({error.name}: {error.detail})"
    return None


def in_force(known: Knowledge, today: dt.date) -> list[BasketVersion]:
    """The versions that have taken effect."""
    return [version for version in known.versions if version.effective_on <= today]


def _bundle(problem: Problem, answer: Answer, excluded: list[dict[str, Any]]) -> dict[str, Any]:
    """Section 11: the fills stand once, under `filled`, and not again in the answer."""
    rounded = cast(dict[str, Any], round_floats(answer.to_json(), 6))
    filled = rounded.pop("imputed")
    return {
        "problem": problem.to_json(),
        "filled": filled,
        "answer": rounded,
        "excluded": excluded,
    }


def _next_number(basket: Basket) -> int:
    newest = Release.objects.filter(basket=basket).aggregate(newest=Max("number"))["newest"]
    return int(newest or 0) + 1


def _store_points(
    release: Release, answer: Answer, known: Knowledge, versions: Sequence[BasketVersion]
) -> None:
    version_of = {basket_id(version): version.pk for version in versions}
    system_of = {system.slug: system.pk for system in known.systems}
    names = ", ".join(POINT_COLUMNS)
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY baskets_indexpoint ({names}) FROM STDIN") as copy,
    ):
        for p in answer.points:
            if p.value is None:
                continue
            copy.write_row(
                (
                    release.pk,
                    version_of[p.basket],
                    system_of[p.system],
                    p.series,
                    round(p.value, 6),
                    _rounded(p.low),
                    _rounded(p.high),
                    _rounded(p.coverage),
                    _rounded(p.imputed_share or 0.0),
                    _rounded(p.worst),
                    _rounded(p.best),
                    p.official,
                    p.back_cast,
                    p.in_force,
                )
            )


def _store_links(release: Release, answer: Answer, versions: Sequence[BasketVersion]) -> None:
    version_of = {basket_id(version): version.pk for version in versions}
    LinkRow.objects.bulk_create(
        LinkRow(
            release=release,
            series=link.series,
            from_version_id=version_of[link.from_basket],
            to_version_id=version_of[link.to_basket],
            overlap=list(link.overlap),
            additive=_rounded(link.additive),
            ratio=_rounded(link.ratio),
            odds=_rounded(link.odds),
        )
        for link in answer.links
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def today() -> dt.date:
    """The vintage of a release made now."""
    return timezone.now().date()
