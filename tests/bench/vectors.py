"""What is held of whole vectors: genuine ones, and such as come under the name of another system.

The genuine ones come as `tests.bench.judgement` has them, in five parts, and once more with all but
a few scores of each system hidden: then what is not known of a system is common to all of them.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from baskets.engine import Problem
from baskets.engine.crossvalidate import folds_of
from baskets.engine.expect import Recorded
from evals.records import ScoreRecord
from tests.bench.report import Row

if TYPE_CHECKING:
    from evals.expectations import Judge
    from evals.models import Eval

FOLDS = 5
SEED = 5
LEFT = (2, 5, 8)
MOST_HELD = 0.3
# Percentage points between two systems' values, on average, that make a confusion matter.
APART = 20.0

Scored = tuple[ScoreRecord, "Eval"]


@dataclass(frozen=True)
class _Tried:
    """Vectors that came: whether each is held, and its number of scores."""

    held: tuple[tuple[bool, int], ...]

    @property
    def rows(self) -> float:
        """Percent of the scores."""
        return 100 * sum(n for held, n in self.held if held) / sum(n for _held, n in self.held)

    @property
    def vectors(self) -> float:
        """Percent of the vectors."""
        return 100 * float(np.mean([held for held, _n in self.held]))


def measured(
    problem: Problem, models: Mapping[str, Recorded], scores: Sequence[Scored]
) -> Iterator[Row]:
    """Shares of genuine scores held as vectors, and of another system's vectors that pass."""
    parts = _Tried(tuple(_of_parts(problem, models, scores)))
    yield Row("genuine scores of the catalog held as vectors", parts.rows, "%", MOST_HELD)
    for left in LEFT:
        found = _Tried(tuple(_with_few(problem, models, scores, left)))
        name = f"genuine scores held as vectors where {left} of a system are known"
        yield Row(name, found.rows, "%", MOST_HELD)
    wrong = _Tried(tuple(_confused(_judge(problem, models), scores)))
    label = f"vectors of another system over {APART:g} points away that pass, of {len(wrong.held)}"
    yield Row(label, 100 - wrong.vectors, "%")


def _judge(problem: Problem, models: Mapping[str, Recorded]) -> Judge:
    from baskets.selectors.expectations import Expectations

    return Expectations.of("this release", problem, models)


def _of_parts(
    problem: Problem, models: Mapping[str, Recorded], scores: Sequence[Scored]
) -> Iterator[tuple[bool, int]]:
    own = folds_of([(one.system, one.eval) for one in problem.scores])
    came = folds_of([(record.system, record.eval) for record, _item in scores])
    for fold in range(FOLDS):
        kept = (s for s, part in zip(problem.scores, own, strict=True) if part != fold)
        judge = _judge(replace(problem, scores=tuple(kept)), models)
        yield from _tried(judge, [s for s, part in zip(scores, came, strict=True) if part == fold])


def _with_few(
    problem: Problem, models: Mapping[str, Recorded], scores: Sequence[Scored], left: int
) -> Iterator[tuple[bool, int]]:
    """A quarter of the systems at a time, of which only so many evals are known."""
    draw = random.Random(SEED)
    evals: dict[str, set[str]] = defaultdict(set)
    for one in problem.scores:
        evals[one.system].add(one.eval)
    for part in range(4):
        few = sorted(evals)[part::4]
        known = {
            name: set(draw.sample(sorted(evals[name]), min(left, len(evals[name])))) for name in few
        }
        kept = (s for s in problem.scores if s.eval in known.get(s.system, {s.eval}))
        judge = _judge(replace(problem, scores=tuple(kept)), models)
        came = [s for s in scores if s[0].eval not in known.get(s[0].system, {s[0].eval})]
        yield from _tried(judge, came)


def _tried(judge: Judge, scores: Iterable[Scored]) -> Iterator[tuple[bool, int]]:
    by_system: dict[str, list[Scored]] = defaultdict(list)
    for record, item in scores:
        by_system[record.system].append((record, item))
    for system, vector in by_system.items():
        yield _held(judge, system, vector), len(vector)


def _held(judge: Judge, system: str, vector: Iterable[Scored]) -> bool:
    from evals.services.misfits import misfit

    cells = {item.slug: (record, item) for record, item in reversed(list(vector))}
    return misfit(
        (expected, item, record)
        for record, item in cells.values()
        if (expected := judge.cell(system, item.slug)) is not None
    ).held


def _confused(judge: Judge, scores: Sequence[Scored]) -> Iterator[tuple[bool, int]]:
    """Each system's percentages under the name of the nearest other one that is far."""
    values: dict[str, dict[str, Scored]] = defaultdict(dict)
    for record, item in scores:
        if item.lower == 0 and item.upper == 100:
            values[record.system].setdefault(item.slug, (record, item))
    for name, own in values.items():
        near = [(_gap(own, other), slug) for slug, other in values.items() if slug != name]
        far = [found for found in near if found[0] > APART]
        if far:
            other = values[min(far)[1]]
            vector = [one for item, one in other.items() if item in own]
            yield _held(judge, name, vector), len(vector)


def _gap(own: Mapping[str, Scored], other: Mapping[str, Scored]) -> float:
    """The mean distance of two systems' values; none where they share too few evals."""
    from evals.services.misfits import FEWEST

    gaps = [abs(own[item][0].value - other[item][0].value) for item in own if item in other]
    return float(np.mean(gaps)) if len(gaps) >= FEWEST else 0.0
