"""Which scores count, summed up: a text that is another as soon as others do.

Scores are never changed or deleted, so their ids say which they are. Their hashes are added up in
two ways over all stored scores, and those of the few that do not count are taken off again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.postgres.aggregates import BitXor
from django.db.models import BigIntegerField, Count, F, Func, QuerySet, Sum

from evals.models import Score
from evals.selectors.counting import not_counting

Key = tuple[int, ...]


def sums_by_eval() -> dict[int, str]:
    """The sums of every eval that has scores that count, by the eval's id."""
    found = _sums(Score.objects.order_by(), not_counting(), "eval_id")
    return {item: text for (item,), text in found.items()}


def sums_by_cell(evals: Collection[int]) -> dict[int, dict[int, str]]:
    """The same of every cell of some evals: by the eval's id, then by the system's."""
    every = Score.objects.order_by().filter(eval__in=evals)
    found: dict[int, dict[int, str]] = {item: {} for item in evals}
    if evals:
        left = not_counting().filter(eval__in=evals)
        for (item, system), text in _sums(every, left, "eval_id", "system_id").items():
            found[item][system] = text
    return found


def count_in(text: str) -> int:
    """How many scores a text of sums is about."""
    return int(text.partition(" ")[0])


def _sums(every: QuerySet[Score], left: QuerySet[Score], *by: str) -> dict[Key, str]:
    off = _added(left, by)
    found = {}
    for key, (count, added, mixed) in _added(every, by).items():
        less, minus, other = off.get(key, (0, 0, 0))
        if count > less:
            found[key] = f"{count - less} {added - minus} {mixed ^ other}"
    return found


def _added(scores: QuerySet[Score], by: tuple[str, ...]) -> dict[Key, tuple[int, int, int]]:
    rows = scores.values(*by).annotate(n=Count("pk"), added=Sum(_hash(0)), mixed=BitXor(_hash(1)))
    return {
        tuple(key): (int(count), int(added), int(mixed))
        for *key, count, added, mixed in rows.values_list(*by, "n", "added", "mixed")
    }


def _hash(seed: int) -> Any:
    return Func(F("pk"), seed, function="hashint8extended", output_field=BigIntegerField())
