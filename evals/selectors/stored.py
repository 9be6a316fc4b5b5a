"""Reads of stored scores for whoever checks them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from evals.fingerprint import earlier_fingerprint, fingerprint
from evals.models import Score

AT_A_TIME = 2000


def scores_of(systems: Sequence[str]) -> QuerySet[Score]:
    """Every stored score of the systems with these slugs, whatever became of it."""
    found = Score.objects.filter(system__slug__in=systems)
    return found.select_related("system", "eval").order_by("id")


@dataclass(frozen=True)
class OddHash:
    """A score whose hash is not the one that its content has now.

    earlier: whether it is that of an earlier version, which left `low` and `high` out.
    """

    score: Score
    earlier: bool


def odd_hashes() -> Iterator[OddHash]:
    """The stored scores with another hash than that of their content; read a part at a time."""
    scores = Score.objects.select_related("system", "eval").order_by("id")
    for score in scores.iterator(chunk_size=AT_A_TIME):
        names = {"system": score.system.slug, "item": score.eval.slug}
        if fingerprint(score, **names) != score.content_hash:
            yield OddHash(score, earlier_fingerprint(score, **names) == score.content_hash)
