"""The scores of a system or an eval on its page, a part at a time, those that count first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from baskets.selectors.scores import Conflict, ScoreRow, counted_first
from baskets.views import page

MOST_CONFLICTS = 25
WHOLE, PER_PAGE = 100, 50
"""So many scores are given whole; of more, a page shows so many at a time."""


def score_list(request: HttpRequest, scores: Sequence[ScoreRow]) -> dict[str, Any]:
    """What `baskets/score_list.html` shows: the part that the address asks for, in two groups."""
    size = WHOLE if len(scores) <= WHOLE else PER_PAGE
    part = page.part(request, counted_first(scores), size)
    return {
        "scores": scores,
        "part": part,
        "counting": [row for row in part if row.counts],
        "uncounted": [row for row in part if not row.counts],
    }


def widest(found: Sequence[Conflict]) -> dict[str, Any]:
    """The first conflicts, and how many more there are."""
    return {
        "conflicts": found[:MOST_CONFLICTS],
        "more_conflicts": max(0, len(found) - MOST_CONFLICTS),
    }
