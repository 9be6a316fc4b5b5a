"""What a release made now takes, without reading again what no longer changes.

Which scores of an eval stand follows from its scores that count, its rule, and the code that
chooses. A key of all three leads to what was chosen the last time. One pass over the table of
scores sums up which of them count, eval by eval; only where the sums are new are the cells summed
up as well, and only the cells with new sums are read score by score.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
import json
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from baskets import pieces
from baskets.engine import points, selection
from baskets.engine.environment import environment
from baskets.models import Basket, BasketVersion, Choice, Piece
from baskets.selectors import choosing, counted, problem_rows
from baskets.selectors import sums as summing
from baskets.selectors.choosing import Chosen, Rule, choose, order_of, rules_of
from baskets.selectors.counted import CountedScore, counted_scores
from baskets.selectors.parts import part_texts
from baskets.selectors.problems import Knowledge, Taken, facts, published
from baskets.selectors.sums import count_in, sums_by_cell, sums_by_eval
from evals.models import Score
from evals.selectors.counting import counting

DECIDING = (
    choosing,
    counted,
    problem_rows,
    summing,
    pieces,
    points,
    selection,
    sys.modules["baskets.engine.canonical"],
    sys.modules[__name__],
)
"""The modules whose code decides what is chosen, and how what is left out is written down."""

IDS_AT_A_TIME = 5_000


@dataclass(frozen=True)
class Now:
    """What a release made now may use, what it takes, and the choices that nobody had stored."""

    known: Knowledge
    versions: tuple[BasketVersion, ...]
    taken: Taken | None
    choices: tuple[Choice, ...] = ()


@dataclass
class _Fresh:
    """An eval of which other scores count than the last time.

    cells: the sums of its cells by the system's id. kept: the ids of the scores that stand in the
    cells whose sums are those of `base`, None where none does. scores: those of the other cells.
    """

    slug: str
    rule: Rule
    key: str
    family: str
    cells: Mapping[int, str]
    base: Choice | None
    kept: dict[int, int | None] = field(default_factory=dict)
    scores: list[CountedScore] = field(default_factory=list)

    @property
    def others(self) -> list[int]:
        """The systems of the cells that are read."""
        return [system for system in self.cells if system not in self.kept]


def taken_now(basket: Basket, day: dt.date) -> Now:
    """Everything accepted at this moment, under the versions that have taken effect by `day`.

    `taken` is None where there are none. It is what `Knowledge.taken` says of the same moment.
    """
    with one_moment():
        known = facts(basket)
        versions = tuple(v for v in known.versions if v.effective_on <= day)
        if not versions:
            return Now(known, versions, None)
        stored, fresh = _remembered(known, rules_of(known.evals, versions))
        _read(known, fresh)
        stand = _standing(known, stored.values(), fresh)
    slug_of = {system.pk: system.slug for system in known.systems}
    texts: dict[str, bytes] = {}
    choices = {one.slug: _choice(one, slug_of, stand, texts) for one in fresh}
    every = stored | choices
    return Now(
        known=known,
        versions=versions,
        taken=Taken(
            problem=known.assembled(versions, stand, until=None),
            parts=tuple(every[slug].piece for slug in sorted(every) if every[slug].piece),
            texts=texts,
            hashes=frozenset(score.content_hash for score in stand),
        ),
        choices=tuple(choices.values()),
    )


def in_force(basket: Basket, day: dt.date) -> set[int]:
    """The ids of the published versions that have taken effect by a day."""
    return set(published(basket).filter(effective_on__lte=day).values_list("pk", flat=True))


@contextmanager
def one_moment() -> Iterator[None]:
    """Let everything that is read inside be of one moment.

    Inside a transaction that has begun it is what that one sees.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _remembered(
    known: Knowledge, rules: Mapping[str, Rule]
) -> tuple[dict[str, Choice], list[_Fresh]]:
    """The choices that still hold, by slug, and the evals on which none does."""
    sums = sums_by_eval()
    slugs = [slug for slug, item in known.evals.items() if item.pk in sums]
    families = {slug: _digest(_CODE, slug, repr(rules[slug])) for slug in slugs}
    keys = {slug: _digest(families[slug], sums[known.evals[slug].pk]) for slug in slugs}
    found = _whole().filter(key__in=keys.values()).defer("cells").in_bulk(field_name="key")
    missing = [slug for slug in slugs if keys[slug] not in found]
    bases = {choice.family: choice for choice in _newest([families[slug] for slug in missing])}
    cells = sums_by_cell([known.evals[slug].pk for slug in missing])
    fresh = [
        _Fresh(
            slug=slug,
            rule=rules[slug],
            key=keys[slug],
            family=families[slug],
            cells=cells[known.evals[slug].pk],
            base=bases.get(families[slug]),
        )
        for slug in missing
    ]
    return {slug: found[key] for slug, key in keys.items() if key in found}, fresh


def _newest(families: Collection[str]) -> Iterator[Choice]:
    """The choice of each family that was stored last."""
    found = _whole().filter(family__in=families)
    yield from found.order_by("family", "-pk").distinct("family")


def _whole() -> QuerySet[Choice]:
    """The choices whose part is there: one without it would let no release be made."""
    part = Piece.objects.filter(sha256=OuterRef("piece"))
    return Choice.objects.filter(Q(piece="") | Exists(part))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()


# When this is loaded: later the files may be those of another version, which does not run.
_CODE = _digest(repr(environment()), *map(inspect.getsource, DECIDING))


def _read(known: Knowledge, fresh: Sequence[_Fresh]) -> None:
    """Give every fresh eval what its base has of cells that are as they were, and read the rest."""
    asked = Q(pk__in=[])
    for one in fresh:
        for system, _count, sums, stands in one.base.cells if one.base else ():
            if one.cells.get(system) == sums:
                one.kept[system] = stands
        item = Q(eval=known.evals[one.slug].pk)
        asked |= item & Q(system__in=one.others) if one.kept else item
    its = {one.slug: one.scores for one in fresh}
    if fresh:
        among = counting().filter(asked)
        for score in counted_scores(known.systems, known.evals.values(), among):
            its[score.eval.slug].append(score)


def _standing(
    known: Knowledge, stored: Collection[Choice], fresh: Sequence[_Fresh]
) -> list[CountedScore]:
    """The scores that earlier choices let stand, read by their ids."""
    ids = [pk for choice in stored for pk in choice.chosen]
    ids += [pk for one in fresh for pk in one.kept.values() if pk is not None]
    evals = known.evals.values()
    found: list[CountedScore] = []
    for start in range(0, len(ids), IDS_AT_A_TIME):
        some = Score.objects.filter(pk__in=ids[start : start + IDS_AT_A_TIME])
        found.extend(counted_scores(known.systems, evals, some))
    return found


def _choice(
    one: _Fresh,
    slug_of: Mapping[int, str],
    stand: list[CountedScore],
    texts: dict[str, bytes],
) -> Choice:
    """Choose among the scores of an eval; adds to those that stand, and to the texts of parts."""
    found = choose(one.scores, one.rule)
    stand.extend(found.scores)
    stands = one.kept | {score.system.pk: score.pk for score in found.scores}
    return Choice(
        key=one.key,
        family=one.family,
        cells=[[pk, count_in(text), text, stands.get(pk)] for pk, text in one.cells.items()],
        chosen=[pk for pk in stands.values() if pk is not None],
        piece=_piece(one, found, slug_of, texts),
    )


def _piece(one: _Fresh, found: Chosen, slug_of: Mapping[int, str], texts: dict[str, bytes]) -> str:
    """The key of the part with the rows left out; its text is added where it may be a new one."""
    base: Sequence[Any] = one.base.cells if one.base else ()
    gone = {
        slug_of[system]
        for system, count, _sums, stands in base
        if system not in one.kept and count > (stands is not None)
    }
    old = one.base.piece if one.base else ""
    if not gone and not found.excluded:
        return old
    rows: list[dict[str, Any]] = []
    if old and one.kept:
        (text,) = part_texts([old], checked=True)
        rows = [row for row in json.loads(text) if row["system"] not in gone]
    rows = sorted([*rows, *found.excluded], key=order_of)
    if not rows:
        return ""
    text = pieces.fragment(rows)
    key = pieces.key_of(text)
    texts[key] = text
    return key
