"""Which of a cell's scores a release counts, read from the release's own sealed problem."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from baskets.models import Release
from baskets.selectors import releases
from evals.models import Decision, Score


@dataclass(frozen=True)
class Standing:
    """Whether a score stands for its cell, whether the index counts it, and in words why (not)."""

    stands: bool
    counts: bool
    why: str


@dataclass(frozen=True)
class Sealed:
    """What a release took: its cells, why it left scores out (by hash), each version's evals."""

    cells: dict[tuple[str, str], float]
    excluded: dict[str, str]
    versions: tuple[tuple[dt.date, frozenset[str]], ...]

    def evals_for(self, released_on: dt.date) -> frozenset[str]:
        """The evals of the version in force on a date, of the first before any."""
        found = self.versions[0][1]
        for effective_on, evals in self.versions:
            if effective_on <= released_on:
                found = evals
        return found

    def counts_anywhere(self, name: str) -> bool:
        """Whether any version counts the eval."""
        return any(name in evals for _day, evals in self.versions)


@lru_cache(maxsize=2)
def _sealed(release: int) -> Sealed:
    bundle = releases.bundle(Release(pk=release))
    problem = bundle["problem"]
    return Sealed(
        cells={(row["system"], row["eval"]): row["value"] for row in problem["scores"]},
        excluded={row["content_hash"]: row["reason"] for row in bundle["excluded"]},
        versions=tuple(
            (dt.date.fromisoformat(basket["effective_on"]), frozenset(basket["weights"]))
            for basket in problem["baskets"]
        ),
    )


def standings(scores: Sequence[Score], release: Release | None) -> dict[int, Standing]:
    """The standing of each score by id; the scores carry `status` and `status_reason`."""
    if release is None:
        return {score.pk: Standing(False, False, _("no release yet")) for score in scores}
    sealed = _sealed(release.pk)
    cells = Counter((score.system.slug, score.eval.slug) for score in scores)
    return {
        score.pk: _standing(score, cells[score.system.slug, score.eval.slug], sealed, release)
        for score in scores
    }


def _standing(score: Score, candidates: int, sealed: Sealed, release: Release) -> Standing:
    why = _why_not(score, sealed, release)
    return Standing(False, False, why) if why else _standing_for_cell(score, candidates, sealed)


def _standing_for_cell(score: Score, candidates: int, sealed: Sealed) -> Standing:
    if score.eval.slug in sealed.evals_for(score.system.released_on):
        why = _("chosen among %(count)s candidates") % {"count": candidates}
        return Standing(True, True, why if candidates > 1 else "")
    if sealed.counts_anywhere(score.eval.slug):
        why = _("not in the basket that this system stands on; helps to fill gaps")
    else:
        why = _("in no basket; helps to fill gaps")
    return Standing(True, False, why)


def _why_not(score: Score, sealed: Sealed, release: Release) -> str:
    """Why the release did not take the score for its cell; empty where it did."""
    if score.content_hash in sealed.excluded:
        return sealed.excluded[score.content_hash]
    if release.reconstructed and score.observed_on > release.vintage_on:
        return _("observed after this release's date")
    if not release.reconstructed and score.recorded_at > release.created_at:
        return _("imported after this release")
    taken = sealed.cells.get((score.system.slug, score.eval.slug)) == score.value
    if taken and getattr(score, "status", None) == Decision.Status.ACCEPTED:
        return ""
    status = Decision.Status(getattr(score, "status", None) or Decision.Status.HELD)
    reason = getattr(score, "status_reason", None) or ""
    return f"{status.label}: {reason}" if reason else str(status.label)
