"""Which of a cell's scores a release counts, read from the release's own sealed problem."""

from __future__ import annotations

import datetime as dt
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
    """Whether a score stands for its cell, whether the index counts it, and in words why (not)."""

    stands: bool
    counts: bool
    why: str


@dataclass(frozen=True)
class Sealed:
    """What a release counted: the value of each cell, and the evals of each basket version."""

    cells: dict[tuple[str, str], float]
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
    problem = releases.bundle(Release(pk=release))["problem"]
    return Sealed(
        cells={(row["system"], row["eval"]): row["value"] for row in problem["scores"]},
        versions=tuple(
            (dt.date.fromisoformat(basket["effective_on"]), frozenset(basket["weights"]))
            for basket in problem["baskets"]
        ),
    )


def standings(scores: Sequence[Score], release: Release | None) -> dict[int, Standing]:
    """The standing of each score by id; the scores carry `status` and `status_reason`."""
    sealed = _sealed(release.pk) if release else None
    cells: dict[tuple[str, str], list[Score]] = defaultdict(list)
    for score in scores:
        cells[score.system.slug, score.eval.slug].append(score)
    found: dict[int, Standing] = {}
    for cell, rows in cells.items():
        value = sealed.cells.get(cell) if sealed else None
        chosen = _chosen(rows, value, release)
        for score in rows:
            if sealed and score.pk == chosen:
                found[score.pk] = _standing_for_cell(score, len(rows), sealed)
            else:
                found[score.pk] = Standing(False, False, _why_not(score, chosen, release))
    return found


def _standing_for_cell(score: Score, candidates: int, sealed: Sealed) -> Standing:
    if score.eval.slug in sealed.evals_for(score.system.released_on):
        why = _("chosen among %(count)s candidates") % {"count": candidates}
        return Standing(True, True, why if candidates > 1 else "")
    if sealed.counts_anywhere(score.eval.slug):
        why = _("not in the basket that this system stands on; helps to fill gaps")
    else:
        why = _("in no basket; helps to fill gaps")
    return Standing(True, False, why)


def _accepted(score: Score) -> bool:
    return getattr(score, "status", None) == Decision.Status.ACCEPTED


def _chosen(rows: Sequence[Score], value: float | None, release: Release | None) -> int | None:
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


def _why_not(score: Score, chosen: int | None, release: Release | None) -> str:
    if not _accepted(score):
        status = Decision.Status(getattr(score, "status", None) or Decision.Status.HELD)
        reason = getattr(score, "status_reason", None) or ""
        return f"{status.label}: {reason}" if reason else str(status.label)
    if release is None:
        return _("no release yet")
    if release.reconstructed and score.observed_on > release.vintage_on:
        return _("observed after this release's date")
    if chosen is None:
        return _("the eval has no goalposts, or the run is not of the counted kind")
    return _("another score of this system stands for it")
