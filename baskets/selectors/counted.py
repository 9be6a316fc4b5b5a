"""The scores that count now, as a problem needs them: a million of them fit into memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

import msgspec
from django.db.models import QuerySet

from evals.models import Eval, Score, System
from evals.selectors.counting import counting

FIELDS = (
    "system_id",
    "eval_id",
    "value",
    "stderr",
    "low",
    "high",
    "n_items",
    "elicitation",
    "reported_by",
    "observed_on",
    "content_hash",
    "pk",
)
AT_A_TIME = 10_000


class CountedScore(msgspec.Struct, frozen=True, gc=False):
    """A stored score that counts, with its system and eval: `FIELDS` and nothing else."""

    system: System
    eval: Eval
    value: float
    stderr: float | None
    low: float | None
    high: float | None
    n_items: int | None
    elicitation: str
    reported_by: str
    observed_on: dt.date
    content_hash: str
    pk: int


def counted_scores(
    systems: Collection[System], evals: Collection[Eval], among: QuerySet[Score] | None = None
) -> tuple[CountedScore, ...]:
    """Every score that counts, in the order of storage, of the systems and evals given.

    A system or an eval that came after those were read waits for the next release. `among`: which
    scores to read instead of all that count.
    """
    return tuple(_read(systems, evals, counting() if among is None else among))


def _read(
    systems: Collection[System], evals: Collection[Eval], among: QuerySet[Score]
) -> Iterator[CountedScore]:
    system_of = {system.pk: system for system in systems}
    eval_of = {item.pk: item for item in evals}
    # Said by many scores, and kept once.
    words: dict[str, str] = {}
    days: dict[dt.date, dt.date] = {}
    for row in among.order_by("pk").values_list(*FIELDS).iterator(AT_A_TIME):
        system, item, value, stderr, low, high, n, elicitation, reporter, day, digest, pk = row
        if system in system_of and item in eval_of:
            yield CountedScore(
                system=system_of[system],
                eval=eval_of[item],
                value=value,
                stderr=stderr,
                low=low,
                high=high,
                n_items=n,
                elicitation=words.setdefault(elicitation, elicitation),
                reported_by=words.setdefault(reporter, reporter),
                observed_on=days.setdefault(day, day),
                content_hash=digest,
                pk=pk,
            )
