"""Reads of stored scores for whoever checks them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from evals.fingerprint import fingerprint
from evals.models import Score

AT_A_TIME = 2000


def scores_of(systems: Sequence[str]) -> QuerySet[Score]:
    """Every stored score of the systems with these slugs, whatever became of it."""
    found = Score.objects.filter(system__slug__in=systems)
    return found.select_related("system", "eval").order_by("id")


def altered_scores() -> Iterator[Score]:
    """The stored scores whose hash is not that of their content; read a part at a time."""
    scores = Score.objects.select_related("system", "eval").order_by("id")
    for score in scores.iterator(chunk_size=AT_A_TIME):
        found = fingerprint(score, system=score.system.slug, item=score.eval.slug)
        if found != score.content_hash:
            yield score
