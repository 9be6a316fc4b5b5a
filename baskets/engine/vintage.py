"""From one release's problem to the next one's in the six steps of section 8.

Whole problems are substituted, one thing after the other, and each goes through the engine's own
arithmetic:

    new_scores      scores of systems that the old release knew, on cells that had none
    revised_scores  their changed, re-selected and withdrawn scores
    weights         the new baskets (weights, goalposts, versions) and definitions of evals and
                    systems, so also the version in force
    fill            the new release's fills, and the scores of systems it measured first
    link            which overlap systems are usable
    method          base, scale, link, domain mean, imputation

A release knows a system that has a score in it. Until `fill` a cell without a score takes the old
release's value for it: the fill it recorded, else what its model predicts (old_model.py), under
the goalposts in use. Until `link` the usable overlap of every link that the old release had is
the old one's; a link between versions that did not follow each other before has its own from the
start. Where the imputation itself changes, the new fills enter with the method that made them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from baskets.engine.aggregate import version_of
from baskets.engine.compute import State, prepare
from baskets.engine.errors import EngineError
from baskets.engine.impute import FILL_DIGITS, Imputed, fill
from baskets.engine.link import Overlaps
from baskets.engine.observe import observed_table
from baskets.engine.old_model import OldModel, Place
from baskets.engine.parts import Score
from baskets.engine.points import between
from baskets.engine.problem import Problem

KINDS = ("new_scores", "revised_scores", "weights", "fill", "link", "method")

Cell = tuple[str, str]
Filled = Mapping[Place, float]


@dataclass(frozen=True)
class Vintage:
    """What a release's bundle holds: `compute(problem, filled=filled)` is its central answer."""

    problem: Problem
    filled: tuple[Imputed, ...]


@dataclass(frozen=True)
class Step:
    """The index after one substitution.

    state: None where the engine refuses the mixture, `refused` is its error then. The same object
    as in the step before where nothing was substituted.
    """

    kind: str
    state: State | None
    refused: EngineError | None = None


def steps(before: Vintage, after: Vintage) -> tuple[State, tuple[Step, ...]]:
    """The old release's index, and the six steps from it to the new one's.

    Every state has the systems of both releases in its rows. Refuses where the engine refuses one
    of the two releases themselves.
    """
    path = _Path(before, after)
    six = tuple(path.walk())
    if six[-1].refused:
        raise six[-1].refused
    return path.first, six


@dataclass(frozen=True)
class _Stage:
    """What one step hands to the engine; `whole`: the fills are not to be added to."""

    problem: Problem
    filled: Filled
    pinned: Overlaps
    whole: bool = False


class _Path:
    """The substitutions between two vintages; scores on evals outside all baskets are dropped."""

    def __init__(self, before: Vintage, after: Vintage) -> None:
        self.before, self.after = before, after
        baskets = (*before.problem.baskets, *after.problem.baskets)
        counted = {name for basket in baskets for name in basket.weights}
        self.old_scores = _scores(before.problem, counted)
        self.new_scores = _scores(after.problem, counted)
        self.known = {score.system for score in before.problem.scores}
        self.old_fills = _by_place(before.filled)
        self.model = OldModel(before.problem, after.problem)
        problem = _defined(before.problem, self.old_scores, first=before, then=after)
        self.first = prepare(problem, filled=before.filled)

    def walk(self) -> Iterator[Step]:
        """The six steps; what a refused one substitutes stays substituted in the next."""
        last, found = self._start(), Step("", self.first)
        for kind, stage in zip(KINDS, self._stages(), strict=True):
            found = replace(found, kind=kind) if stage == last else self._step(kind, stage)
            last = stage
            yield found

    def _step(self, kind: str, stage: _Stage) -> Step:
        try:
            return Step(kind, self._state(stage))
        except EngineError as error:
            return Step(kind, None, error)

    def _start(self) -> _Stage:
        return _Stage(self.first.problem, self.old_fills, self.first.chain.overlaps)

    def _stages(self) -> Iterator[_Stage]:
        stage = self._start()
        added = {cell: score for cell, score in self.new_scores.items() if cell[0] in self.known}
        stage = replace(stage, problem=_with(stage.problem, added | self.old_scores))
        yield stage
        stage = replace(stage, problem=_with(stage.problem, added))
        yield stage
        stage = self._in_new_baskets(added)
        yield stage
        problem = _with(stage.problem, self.new_scores)
        stage = replace(stage, problem=problem)
        old, new = self.before.problem.method, self.after.problem.method
        if old.imputation == new.imputation:
            stage = replace(stage, filled=_by_place(self.after.filled), whole=True)
        yield stage
        yield replace(stage, pinned={})
        problem = replace(problem, method=new)
        yield _Stage(problem, _by_place(self.after.filled), {}, whole=True)

    def _in_new_baskets(self, scores: Mapping[Cell, Score]) -> _Stage:
        problem = _defined(self.after.problem, scores, first=self.after, then=self.before)
        problem = replace(problem, method=self.before.problem.method)
        return _Stage(problem, self._carried(problem), self._pinned(problem))

    def _carried(self, problem: Problem) -> Filled:
        """The recorded fills in the new baskets, under their goalposts."""
        recorded: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        for (system, name, place), value in self.old_fills.items():
            recorded[name, place][system] = value
        carried: dict[Place, float] = {}
        for basket in problem.baskets:
            places = sorted(self.before.problem.baskets, key=lambda old: old.id != basket.id)
            for name in basket.weights:
                source = next((old for old in places if (name, old.id) in recorded), None)
                item = self.before.problem.eval_by_id.get(name)
                scale = problem.eval_by_id[name].scale
                if source is None or item is None or item.scale != scale:
                    continue
                found = recorded[name, source.id]
                old, new = source.goalposts_of(item), problem.goalposts(basket, name)
                points = np.array(list(found.values()))
                moved = between(points, scale=scale, old=old, new=new).tolist()
                for system, value in zip(found, moved, strict=True):
                    carried[system, name, basket.id] = round(value, FILL_DIGITS)
        return carried

    def _pinned(self, problem: Problem) -> Overlaps:
        """The old overlaps of the links that the new baskets keep."""
        old = [basket.id for basket in self.before.problem.baskets]
        new = [basket.id for basket in problem.baskets]
        place = {link: n for n, link in enumerate(pairwise(new), start=1)}
        kept = {n: place[link] for n, link in enumerate(pairwise(old), start=1) if link in place}
        overlaps = self.first.chain.overlaps
        return {(series, kept[n]): rows for (series, n), rows in overlaps.items() if n in kept}

    def _state(self, stage: _Stage) -> State:
        filled = stage.filled if stage.whole else {**stage.filled, **self._predicted(stage)}
        cells = tuple(Imputed(*place, points, None) for place, points in filled.items())
        return prepare(stage.problem, filled=cells, pinned=stage.pinned)

    def _predicted(self, stage: _Stage) -> Filled:
        """The old model's word on cells that have neither a score nor a recorded fill."""
        problem = stage.problem
        imputation = problem.method.imputation
        if imputation == "model":
            return self.model.points(self._gaps(stage), problem)
        if imputation == "parental":
            tables = [observed_table(problem, version_of(problem, b)) for b in problem.baskets]
            found = _by_place(fill(problem, tables).imputed)
            return {place: points for place, points in found.items() if place not in stage.filled}
        return {}

    def _gaps(self, stage: _Stage) -> list[Place]:
        problem, scored = stage.problem, stage.problem.score_by_cell
        return [
            (system.id, name, basket.id)
            for basket in problem.baskets
            for name in basket.weights
            for system in problem.systems
            if (system.id, name) not in scored
            and (system.id, name, basket.id) not in stage.filled
            and self.model.knows(system.id, name)
        ]


def _scores(problem: Problem, counted: set[str]) -> dict[Cell, Score]:
    return {(s.system, s.eval): s for s in problem.scores if s.eval in counted}


def _by_place(filled: Iterable[Imputed]) -> dict[Place, float]:
    return {(cell.system, cell.eval, cell.basket): cell.points for cell in filled}


def _with(problem: Problem, scores: Mapping[Cell, Score]) -> Problem:
    return replace(problem, scores=tuple(scores[cell] for cell in sorted(scores)))


def _defined(
    problem: Problem, scores: Mapping[Cell, Score], *, first: Vintage, then: Vintage
) -> Problem:
    """A problem with the systems and evals of both vintages, as `first` defines them."""
    systems = {**then.problem.system_by_id, **first.problem.system_by_id}
    evals = {**then.problem.eval_by_id, **first.problem.eval_by_id}
    whole = replace(
        problem,
        systems=tuple(systems[name] for name in sorted(systems)),
        evals=tuple(evals[name] for name in sorted(evals)),
    )
    return _with(whole, scores)
