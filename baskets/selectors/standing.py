"""Which of a cell's scores a release counts, read from the release's own sealed problem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from baskets.engine import Candidate, select
from baskets.models import Release
from baskets.selectors import releases
from evals.models import Decision, Score


@dataclass(frozen=True)
class Standing:
    """Whether a score counts, and in words why (not)."""

    counts: bool
    why: str


@lru_cache(maxsize=2)
def _counted(release: int) -> dict[tuple[str, str], float]:
    problem = releases.bundle(Release(pk=release))["problem"]
    return {(row["system"], row["eval"]): row["value"] for row in problem["scores"]}


def standings(scores: Sequence[Score], release: Release | None) -> dict[int, Standing]:
    """The standing of each score by id; the scores carry `status` and `status_reason`."""
    counted = _counted(release.pk) if release else {}
    cells: dict[tuple[str, str], list[Score]] = defaultdict(list)
    for score in scores:
        cells[score.system.slug, score.eval.slug].append(score)
    found: dict[int, Standing] = {}
    for cell, rows in cells.items():
        chosen = _chosen(rows, counted.get(cell), release)
        for score in rows:
            found[score.pk] = _standing(score, chosen, len(rows), release)
    return found


def _accepted(score: Score) -> bool:
    return getattr(score, "status", None) == Decision.Status.ACCEPTED


def _chosen(
    rows: Sequence[Score], value: float | None, release: Release | None
) -> int | None:
    """The score whose value the release counts; of equal ones, by the rule for ties."""
    if value is None or release is None:
        return None
    equal = [
        Candidate(
            value=score.value,
            points=None,
            first_party=score.reported_by == Score.ReportedBy.FIRST_PARTY,
            observed_on=score.observed_on,
            content_hash=score.content_hash,
            key=str(score.pk),
        )
        for score in rows
        if _accepted(score)
        and score.value == value
        and (not release.reconstructed or score.observed_on <= release.vintage_on)
    ]
    if not equal:
        return None
    return int(select(equal, "best", rows[0].eval.domain.slug).candidate.key)


def _standing(
    score: Score, chosen: int | None, candidates: int, release: Release | None
) -> Standing:
    if score.pk == chosen:
        return Standing(
            True, "" if candidates == 1 else _("chosen among the candidates")
        )
    if not _accepted(score):
        status = Decision.Status(getattr(score, "status", None) or Decision.Status.HELD)
        reason = getattr(score, "status_reason", None) or ""
        return Standing(
            False, f"{status.label}: {reason}" if reason else str(status.label)
        )
    if release is None:
        return Standing(False, _("no release yet"))
    if release.reconstructed and score.observed_on > release.vintage_on:
        return Standing(False, _("observed after this release's date"))
    if chosen is None:
        return Standing(
            False, _("this eval has no usable goalposts, or not this protocol")
        )
    return Standing(False, _("another score of this system stands for it"))
