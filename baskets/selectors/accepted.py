"""Whether a release took all that was accepted when it was made, and nothing else.

A release reads the decisions before `created_at` is set, and a decision is dated before it is
committed. One dated shortly before a release may therefore have been out of its sight: such a
decision is taken either way, unless the release used another of the same moment, which was
committed with it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from baskets.engine.compare import place
from baskets.models import Release
from baskets.selectors.recorded import said_otherwise
from baskets.selectors.seals import counted_sha256
from evals.models import Decision, Score

Row = Mapping[str, Any]
Cell = tuple[str, str]
Word = tuple[dt.datetime, str]

# Longer than an import's last statement or a release takes.
IN_FLIGHT = dt.timedelta(hours=1)


@dataclass(frozen=True)
class _Told:
    """A stored score, and whether it was accepted: for sure, or perhaps."""

    score: Score
    surely: bool
    perhaps: bool


def accepted_differences(release: Release, bundle: Row) -> Iterator[str]:
    """Scores that the release took though they were not accepted, or left though they were."""
    left_out = {row["content_hash"] for row in bundle["excluded"]}
    counted = {(row["system"], row["eval"]): row for row in bundle["problem"]["scores"]}
    cells: dict[Cell, list[_Told]] = defaultdict(list)
    for told in _told(release, counted, left_out):
        score = told.score
        where = place("scores", (score.system.slug, score.eval.slug))
        if score.content_hash in left_out:
            if not told.perhaps:
                said = _("%(where)s: left out, though score %(id)s was not accepted then")
                yield said % {"where": where, "id": score.pk}
        else:
            cells[score.system.slug, score.eval.slug].append(told)
    yield from _cell_differences(release, counted, cells)


def _cell_differences(
    release: Release, counted: Mapping[Cell, Row], cells: Mapping[Cell, Sequence[_Told]]
) -> Iterator[str]:
    hashes = []
    for cell in sorted({*counted, *cells}):
        where = place("scores", cell)
        same = [
            told
            for told in cells.get(cell, ())
            if cell in counted and told.perhaps and not said_otherwise(counted[cell], told.score)
        ]
        # Of two that say the same, the one that was accepted for sure.
        same.sort(key=lambda told: (not told.surely, told.score.pk))
        if cell in counted and not same:
            yield _("%(where)s: counted, but no such score was accepted then") % {"where": where}
        hashes += [told.score.content_hash for told in same[:1]]
        for told in cells.get(cell, ()):
            if told.surely and told not in same[:1]:
                said = _("%(where)s: score %(id)s was accepted then, but not taken at all")
                yield said % {"where": where, "id": told.score.pk}
    if release.counted_sha256 and counted_sha256(hashes) != release.counted_sha256:
        yield _("counted_sha256: not the digest of the counted scores as they are stored")


def _told(
    release: Release, counted: Mapping[Cell, Row], left_out: Collection[str]
) -> Iterator[_Told]:
    """Every score that may have been accepted, or that the release names, in the order of ids."""
    until = release.created_at
    seen = _seen(until, counted, left_out)
    found = _stored(release).iterator(chunk_size=2000)
    words = _words(until)
    pending = next(words, None)
    for score in found:
        while pending is not None and pending[0] < score.pk:
            pending = next(words, None)
        own = pending[1] if pending is not None and pending[0] == score.pk else []
        surely, perhaps = _accepted(own, until, seen)
        if score.recorded_at > until:
            surely = perhaps = False
        if perhaps or score.content_hash in left_out:
            yield _Told(score, surely, perhaps)


def _stored(release: Release) -> Any:
    scores = Score.objects.select_related("system", "eval").order_by("pk")
    if release.reconstructed:
        scores = scores.filter(observed_on__lte=release.vintage_on)
    return scores


def _words(until: dt.datetime) -> Iterator[tuple[int, list[Word]]]:
    """The decisions dated not later than a moment, in their order, by score."""
    rows = Decision.objects.filter(at__lte=until).order_by("score_id", "id")
    found = rows.values_list("score_id", "at", "status").iterator(chunk_size=5000)
    for score, group in groupby(found, key=lambda row: row[0]):
        yield score, [(at, status) for _score, at, status in group]


def _seen(
    until: dt.datetime, counted: Mapping[Cell, Row], left_out: Collection[str]
) -> set[dt.datetime]:
    """The moments shortly before a release of which it used a decision."""
    recent = Q(at__gt=until - IN_FLIGHT, at__lte=until, status=Decision.Status.ACCEPTED)
    rows = Decision.objects.filter(recent).select_related("score__system", "score__eval")
    seen: set[dt.datetime] = set()
    for decision in rows.order_by("id").iterator(chunk_size=2000):
        if decision.at in seen:
            continue
        score = decision.score
        row = counted.get((score.system.slug, score.eval.slug))
        counts = row is not None and not said_otherwise(row, score)
        if counts or score.content_hash in left_out:
            seen.add(decision.at)
    return seen


def _accepted(
    words: Sequence[Word], until: dt.datetime, seen: Collection[dt.datetime]
) -> tuple[bool, bool]:
    """Whether decisions left a score accepted for sure, and whether they perhaps did."""
    possible = {""}
    for at, status in words:
        if at <= until - IN_FLIGHT or at in seen:
            possible = {status}
        else:
            possible.add(status)
    accepted = Decision.Status.ACCEPTED
    return possible == {accepted}, accepted in possible
