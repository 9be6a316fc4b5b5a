"""Which changed scores act in a term of section 8, and on whom.

A system's own changed cells act on it, in the evals of its version. Those of the base and of
overlap systems act on everybody whose chain runs through them. A model's fill answers to every
score of its domain, counted by a basket or not.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from baskets.engine.along import Along
from baskets.engine.parts import Score
from baskets.engine.problem import Problem
from baskets.engine.revised import OverlapChange, ScoreChange

# A state and the position of a version in it.
Place = tuple[Along, int]

# A fill may answer to thousands of scores; a reader is shown the first of them, and their number.
MOST_SCORES = 24


class Acting:
    """Changed scores by system, and those of them that act on every system."""

    def __init__(
        self, own: Mapping[str, Sequence[ScoreChange]], shared: Sequence[ScoreChange]
    ) -> None:
        self._own, self._shared = own, shared
        self._shared_by_system = _by_system(shared)

    def on(self, system: str) -> tuple[tuple[ScoreChange, ...], int]:
        """(the first MOST_SCORES, how many there are), the system's own first."""
        own = list(dict.fromkeys([*self._own.get(system, ()), *self._of(system)]))
        total = len(own) + len(self._shared) - len(self._of(system))
        others = (change for change in self._shared if change.system != system)
        return (*own, *islice(others, MOST_SCORES))[:MOST_SCORES], total

    def _of(self, system: str) -> Sequence[ScoreChange]:
        return self._shared_by_system.get(system, ())


class Changes:
    """Every changed score between two problems, ordered by domain, eval and system.

    new, revised: those of systems that the old release knew, by the step in which they enter. The
    others are the scores of systems that were measured first, which enter with the fill.
    """

    def __init__(self, before: Problem, after: Problem) -> None:
        old, new = before.score_by_cell, after.score_by_cell
        known = {score.system for score in before.scores}
        odds = "odds" in (before.method.scale, after.method.scale)
        self.by_model = after.method.imputation == "model"
        self.domain = {e.id: e.domain for e in (*before.evals, *after.evals)}
        cells = [cell for cell in old if cell not in new]
        cells += [cell for cell, two in new.items() if _differ(old.get(cell), two, odds)]
        cells.sort(key=lambda cell: (self.domain[cell[1]], cell[1], cell[0]))
        self.new: list[ScoreChange] = []
        self.revised: list[ScoreChange] = []
        self.all: list[ScoreChange] = []
        for cell in cells:
            one, two = (found.get(cell) for found in (old, new))
            change = ScoreChange(*cell, one.value if one else None, two.value if two else None)
            if one is not None:
                self.revised.append(change)
            elif cell[0] in known:
                self.new.append(change)
            self.all.append(change)

    def acting(self, kind: str, states: Sequence[Along], series: str, basket: str) -> Acting:
        """What acts in a step on the systems whose version in force is `basket`.

        states: before the step and after it, only the first where the step was refused.
        """
        found = [(s, p) for s in states if (p := s.place(series, basket)) is not None]
        if kind == "new_scores":
            return _among(self.new, found, series)
        if kind == "revised_scores":
            return _among(self.revised, found, series)
        if kind == "fill" and self.by_model:
            return self._fitted(found, series)
        if kind == "fill":
            return _among(self.all, found, series)
        if kind == "link" and len(found) == 2:
            moved = _carriers(found[:1], series) ^ _carriers(found[1:], series)
            return Acting({}, [c for c in self.all if (c.system, c.eval) in moved])
        return Acting({}, ())

    def _fitted(self, found: Sequence[Place], series: str) -> Acting:
        """All that the models of a series' domains see, beginning with one score of every eval."""
        names = {name for state, place in found for name in state.evals(series, place)}
        domains = {self.domain[name] for name in names}
        seen = [change for change in self.all if self.domain[change.eval] in domains]
        return Acting(_by_system(seen), _one_of_each_first(seen))


def _among(changes: Sequence[ScoreChange], found: Sequence[Place], series: str) -> Acting:
    """Of some changes those of the systems themselves and of their chains' carriers."""
    counted = {name for state, place in found for name in state.evals(series, place)}
    carriers = _carriers(found, series)
    return Acting(
        _by_system(change for change in changes if change.eval in counted),
        [change for change in changes if (change.system, change.eval) in carriers],
    )


def _carriers(found: Sequence[Place], series: str) -> set[tuple[str, str]]:
    cells = (state.carriers(series, place) for state, place in found)
    return {(system, name) for some in cells for system, name, _ in some}


def overlap_changes(states: Sequence[Along], series: str, basket: str) -> tuple[OverlapChange, ...]:
    """Who joined and who left the overlaps on the way to a version, from one state to another."""
    places = [state.place(series, basket) for state in states]
    if len(places) < 2 or places[0] is None or places[1] is None:
        return ()
    old, new = (s.overlaps(series, p) for s, p in zip(states, places, strict=True) if p is not None)
    return tuple(
        OverlapChange(
            *link, joined=tuple(sorted(now - old[link])), left=tuple(sorted(old[link] - now))
        )
        for link, now in new.items()
        if link in old and now != old[link]
    )


def _differ(one: Score | None, two: Score, odds: bool) -> bool:
    """Whether a cell moves the index; on the odds scale the number of items sets the clip."""
    if one is None or one.value != two.value:
        return True
    return odds and one.n_items != two.n_items


def _one_of_each_first(changes: Sequence[ScoreChange]) -> list[ScoreChange]:
    """The first change of every eval, then every second one, and so on."""
    before: Counter[str] = Counter()
    turns = []
    for change in changes:
        turns.append(before[change.eval])
        before[change.eval] += 1
    order = sorted(range(len(changes)), key=lambda n: turns[n])
    return [changes[n] for n in order]


def _by_system(changes: Iterable[ScoreChange]) -> dict[str, list[ScoreChange]]:
    found: dict[str, list[ScoreChange]] = defaultdict(list)
    for change in changes:
        found[change.system].append(change)
    return found
