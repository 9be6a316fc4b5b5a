"""What a release made now takes, without reading again what no longer changes.

Which scores of an eval stand follows from its scores that count, its rule, and the code that
chooses. A key of all three leads to what was chosen the last time. Scores are never changed, so the
hashes of their contents and ids say which of them count: one pass over the table adds these up eval
by eval, and only the evals with another sum are read score by score.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

from django.contrib.postgres.aggregates import BitXor
from django.db import connection, transaction
from django.db.models import BigIntegerField, Count, F, Func, Sum
from psycopg import IsolationLevel

from baskets import pieces
from baskets.engine import points, selection
from baskets.engine.environment import environment
from baskets.models import Basket, BasketVersion, Choice
from baskets.selectors import choosing, counted, problem_rows
from baskets.selectors.choosing import Rule, choose, rules_of
from baskets.selectors.counted import CountedScore, counted_scores
from baskets.selectors.problems import Knowledge, Taken, facts
from evals.models import Eval, Score
from evals.selectors.counting import counting

DECIDING = (choosing, counted, problem_rows, pieces, points, selection)
"""The modules whose code decides what is chosen, and how what is left out is written down."""

IDS_AT_A_TIME = 5_000


@dataclass(frozen=True)
class Now:
    """What a release made now may use, what it takes, and the choices that nobody had stored."""

    known: Knowledge
    versions: tuple[BasketVersion, ...]
    taken: Taken | None
    choices: tuple[Choice, ...] = ()


def taken_now(basket: Basket, day: dt.date) -> Now:
    """Everything accepted at this moment, under the versions that have taken effect by `day`.

    `taken` is None where there are none. It is what `Knowledge.taken` says of the same moment.
    """
    with one_moment():
        known = facts(basket)
        versions = tuple(v for v in known.versions if v.effective_on <= day)
        if not versions:
            return Now(known, versions, None)
        rules = rules_of(known.evals, versions)
        keys = _keys(known.evals, rules)
        stored = {choice.key: choice for choice in Choice.objects.filter(key__in=keys.values())}
        found = {slug: stored[key] for slug, key in keys.items() if key in stored}
        stand = _standing(known, found.values())
        others = [known.evals[slug] for slug in keys.keys() - found.keys()]
        read = _of_evals(known, others)
    texts: dict[str, bytes] = {}
    made = {}
    for slug in sorted(keys.keys() - found.keys()):
        made[slug] = _chosen(keys[slug], read.pop(slug, ()), rules[slug], stand, texts)
    every = found | made
    parts = tuple(every[slug].piece for slug in sorted(every) if every[slug].piece)
    return Now(
        known=known,
        versions=versions,
        taken=Taken(
            problem=known.assembled(versions, stand, until=None),
            parts=parts,
            texts=texts,
            hashes=frozenset(score.content_hash for score in stand),
        ),
        choices=tuple(made.values()),
    )


@contextmanager
def one_moment() -> Iterator[None]:
    """Let everything that is read inside be of one moment.

    Inside a transaction that has begun it is what that one sees.
    """
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    session = connection.connection
    before = session.isolation_level
    session.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with transaction.atomic():
            yield
    finally:
        if not session.closed:
            session.isolation_level = before


def _keys(evals: Mapping[str, Eval], rules: Mapping[str, Rule]) -> dict[str, str]:
    """The key of what is chosen on every eval that has scores that count, by slug."""
    sums = dict(_sums())
    return {
        slug: _digest(_code(), slug, repr(rules[slug]), sums[item.pk])
        for slug, item in evals.items()
        if item.pk in sums
    }


def _sums() -> Iterator[tuple[int, str]]:
    """Evals by id, each with a text that is another as soon as other scores of it count."""
    rows = counting().values("eval_id")
    rows = rows.annotate(n=Count("pk"), added=Sum(_hash(F("pk"))), mixed=BitXor(_hash(-F("pk"))))
    for item, *sums in rows.values_list("eval_id", "n", "added", "mixed"):
        yield item, " ".join(map(str, sums))


def _hash(seed: Any) -> Func:
    return Func(
        F("content_hash"), seed, function="hashtextextended", output_field=BigIntegerField()
    )


@cache
def _code() -> str:
    return _digest(repr(environment()), *map(inspect.getsource, DECIDING))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()


def _standing(known: Knowledge, choices: Collection[Choice]) -> list[CountedScore]:
    """The scores that earlier choices let stand, read by their ids."""
    ids = list(chain.from_iterable(choice.chosen for choice in choices))
    evals = known.evals.values()
    found: list[CountedScore] = []
    for start in range(0, len(ids), IDS_AT_A_TIME):
        some = Score.objects.filter(pk__in=ids[start : start + IDS_AT_A_TIME])
        found.extend(counted_scores(known.systems, evals, some))
    return found


def _of_evals(known: Knowledge, evals: Sequence[Eval]) -> dict[str, list[CountedScore]]:
    """The scores that count of some evals, by the eval's slug, in the order of storage."""
    its: dict[str, list[CountedScore]] = defaultdict(list)
    if evals:
        among = counting().filter(eval__in=evals)
        for score in counted_scores(known.systems, evals, among):
            its[score.eval.slug].append(score)
    return its


def _chosen(
    key: str,
    scores: Sequence[CountedScore],
    rule: Rule,
    stand: list[CountedScore],
    texts: dict[str, bytes],
) -> Choice:
    """Choose among the scores of an eval; adds to those that stand, and to the texts of parts."""
    found = choose(scores, rule)
    stand.extend(found.scores)
    piece = ""
    if found.excluded:
        text = pieces.fragment(found.excluded)
        piece = pieces.key_of(text)
        texts[piece] = text
    return Choice(key=key, chosen=[score.pk for score in found.scores], piece=piece)
