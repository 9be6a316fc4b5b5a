"""What became of scores by their decisions, for many scores at once.

Nearly all scores have one decision, which accepted them when they were stored. Only the decisions
about the others are read, by an index over those that say anything else.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from baskets.models import Release
from baskets.selectors.known import Known
from evals.models import Decision, Score

ACCEPTED: Final = Decision.Status.ACCEPTED.value


class Fate(NamedTuple):
    """A score's status, why, and the status that it had when the release was made.

    `status` is None where nothing had been decided; `then` also where there is no release.
    """

    status: str | None
    reason: str
    then: str | None


_UNTOLD = Fate(ACCEPTED, "", None)
_TAKEN = Fate(ACCEPTED, "", ACCEPTED)


class Fates:
    """The fates of the scores of a query."""

    def __init__(self, scores: QuerySet[Score], release: Release | None, known: Known) -> None:
        other = Decision.objects.filter(score=OuterRef("pk")).exclude(status=ACCEPTED)
        doubted = scores.order_by().filter(Exists(other)).values("pk")
        decisions = Decision.objects.filter(score__in=doubted).order_by("pk")
        self._until = release.created_at if release else None
        self._decided: dict[int, list[tuple[dt.datetime, str, str]]] = defaultdict(list)
        for score, at, status, reason in decisions.values_list("score", "at", "status", "reason"):
            of_score = self._decided[score]
            if known.had_decided(at):
                of_score.append((at, status, reason))

    def of(self, score: int, *, late: bool) -> Fate:
        """The fate of one. Where nothing else is known, it was accepted when it was stored.

        late: it was stored after the release was made.
        """
        decided = self._decided.get(score)
        if decided is None:
            return _UNTOLD if self._until is None or late else _TAKEN
        _at, status, reason = decided[-1] if decided else (None, None, "")
        until = self._until
        then = [status for at, status, _reason in decided if until and at <= until]
        return Fate(status, reason, then[-1] if then else None)
