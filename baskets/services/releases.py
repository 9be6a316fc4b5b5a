"""Making a release: problem, answer, seal, points and links, all in one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from baskets.engine import (
    Answer,
    Problem,
    Replicates,
    State,
    answer_of,
    canonical,
    prepare,
    replicates_of,
    round_floats,
)
from baskets.engine.errors import BaseMissing, BaseTooLow, OverlapTooSmall
from baskets.models import Basket, BasketVersion, Release
from baskets.models import Link as LinkRow
from baskets.pieces import key_of, listed, spliced
from baskets.selectors.parts import part_texts
from baskets.selectors.problem_rows import basket_id
from baskets.selectors.problems import Knowledge, Taken
from baskets.selectors.seals import counted_sha256, seal_before, seal_of
from baskets.services.explanations import store_analyses, store_revisions, store_sheets
from baskets.services.pieces import store_pieces
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


@dataclass(frozen=True)
class Computed:
    """All that a release says, before it is one; `short` is its bundle without its parts."""

    known: Knowledge
    versions: Sequence[BasketVersion]
    vintage_on: dt.date
    reconstructed: bool
    problem: Problem
    state: State
    replicates: Replicates | None
    answer: Answer
    short: bytes
    left_out: str
    sha256: str
    counted_sha256: str


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
    taken = known.taken(vintage_on=vintage_on, versions=versions, observed_only=reconstructed)
    found = compute_release(
        known, taken, vintage_on=vintage_on, versions=versions, reconstructed=reconstructed
    )
    return store_release(found, cause=cause)


def compute_release(
    known: Knowledge,
    taken: Taken,
    *,
    vintage_on: dt.date,
    versions: Sequence[BasketVersion],
    reconstructed: bool = False,
) -> Computed:
    """Compute a release of what is taken; EngineError where the engine refuses.

    The parts of its bundle are stored at once, for they serve any release.
    """
    problem = Problem.from_json(taken.problem)
    state = prepare(problem)
    replicates = replicates_of(state) if problem.method.replicates else None
    answer = answer_of(state, replicates)
    short = canonical(_bundle(problem, answer)).encode()
    left_out = _store_parts(taken)
    return Computed(
        known=known,
        versions=versions,
        vintage_on=vintage_on,
        reconstructed=reconstructed,
        problem=problem,
        state=state,
        replicates=replicates,
        answer=answer,
        short=short,
        left_out=left_out,
        sha256=_sha256(spliced(short, part_texts(taken.parts, taken.texts))),
        counted_sha256=counted_sha256(taken.hashes),
    )


def _store_parts(taken: Taken) -> str:
    """Store the parts of a bundle and the list of them; its key, blank where there are none."""
    if not taken.parts:
        return ""
    listing = listed(taken.parts)
    store_pieces({**taken.texts, key_of(listing): listing})
    return key_of(listing)


def _sha256(texts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text)
    return digest.hexdigest()


def store_release(found: Computed, *, cause: str) -> Release:
    """Store a release with all that follows from it, all or nothing, as the next of its basket."""
    known, answer = found.known, found.answer
    numbers = {basket_id(version): version.number for version in found.versions}
    with transaction.atomic():
        release = Release(
            basket=known.basket,
            number=_next_number(known.basket),
            vintage_on=found.vintage_on,
            cause=cause,
            reconstructed=found.reconstructed,
            engine_version=answer.engine,
            problem_sha256=answer.sha256,
            sha256=found.sha256,
            bundle=zlib.compress(found.short, 6),
            left_out=found.left_out,
            summary=summarise(found.problem, answer, numbers, found.replicates),
            counted_sha256=found.counted_sha256,
        )
        release.seal = seal_of(release, before=seal_before(release))
        release.save(force_insert=True)
        _store_points(release, answer, known, found.versions)
        _store_links(release, answer, found.versions)
        store_revisions(release, found.problem, answer)
        store_analyses(release, found.state, answer)
        store_sheets(release, found.problem, answer, found.replicates)
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


def _bundle(problem: Problem, answer: Answer) -> dict[str, Any]:
    """Section 11: the fills stand once, under `filled`, and not again in the answer.

    What was left out takes its place as the text is put together.
    """
    rounded = cast(dict[str, Any], round_floats(answer.to_json(), 6))
    filled = rounded.pop("imputed")
    return {
        "problem": problem.to_json(),
        "filled": filled,
        "answer": rounded,
        "excluded": [],
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
