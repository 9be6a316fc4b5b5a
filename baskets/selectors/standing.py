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
    """Whether a score stands for its cell, whether the index counts it, and in words why (not).

    `candidate`: it stands, or might have: it is accepted, or was when the release was made.
    """

    stands: bool
    counts: bool
    why: str
    candidate: bool


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
    """The standing of each score by id.

    The scores carry `status` and `status_reason`, those of now or of the date that is asked for,
    and with a release `status_then`, that of the moment when it was made.
    """
    if release is None:
        return {score.pk: _unreleased(score) for score in scores}
    sealed = _sealed(release.pk)
    asked = [score for score in scores if _taken(score, sealed, release) or _left(score, sealed)]
    cells = Counter((score.system.slug, score.eval.slug) for score in asked)
    return {
        score.pk: _standing(score, cells[score.system.slug, score.eval.slug], sealed, release)
        for score in scores
    }


def _unreleased(score: Score) -> Standing:
    why = _status(score) or _("no release yet")
    return Standing(False, False, why, candidate=not _status(score))


def _standing(score: Score, candidates: int, sealed: Sealed, release: Release) -> Standing:
    if _taken(score, sealed, release):
        return _standing_for_cell(score, candidates, sealed)
    left, status = _left(score, sealed), _status(score)
    if left and status:
        why = _("%(then)s; since then %(status)s") % {"then": left, "status": status}
    else:
        why = left or status or _too_late(score, release)
    return Standing(False, False, why, candidate=not status)


def _standing_for_cell(score: Score, candidates: int, sealed: Sealed) -> Standing:
    counts = score.eval.slug in sealed.evals_for(score.system.released_on)
    why = ""
    if counts and candidates > 1:
        why = _("chosen among %(count)s candidates") % {"count": candidates}
    elif not counts and sealed.counts_anywhere(score.eval.slug):
        why = _("not in the basket that this system stands on; helps to fill gaps")
    elif not counts:
        why = _("in no basket; helps to fill gaps")
    if status := _status(score):
        # Until the next release it counts, whatever has become of it.
        since = _("since this release %(status)s") % {"status": status}
        why = f"{why}; {since}" if why else since
    return Standing(True, counts, why, candidate=True)


def _taken(score: Score, sealed: Sealed, release: Release) -> bool:
    """Whether the release took the score for its cell."""
    return (
        sealed.cells.get((score.system.slug, score.eval.slug)) == score.value
        and score.content_hash not in sealed.excluded
        and getattr(score, "status_then", None) == Decision.Status.ACCEPTED
        and not _too_late(score, release)
    )


def _left(score: Score, sealed: Sealed) -> str:
    """Why the release left out a score that it knew; empty where it names none such."""
    return sealed.excluded.get(score.content_hash, "")


def _too_late(score: Score, release: Release) -> str:
    """Why the release could not know the score as accepted; empty where it could."""
    if release.reconstructed and score.observed_on > release.vintage_on:
        return _("observed after this release's date")
    if not release.reconstructed and score.recorded_at > release.created_at:
        return _("imported after this release")
    accepted_then = getattr(score, "status_then", None) == Decision.Status.ACCEPTED
    return "" if accepted_then else _("accepted after this release")


def _status(score: Score) -> str:
    """What became of a score that is not accepted, with the reason; empty where it is."""
    status = Decision.Status(getattr(score, "status", None) or Decision.Status.HELD)
    if status == Decision.Status.ACCEPTED:
        return ""
    reason = getattr(score, "status_reason", None) or ""
    return f"{status.label}: {reason}" if reason else str(status.label)
