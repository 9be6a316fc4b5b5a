"""Why values moved between two releases (methodology section 8).

Between the values of a system in a series, each on the version in force for it,

    I(after) - I(before) = new scores + revised, withdrawn or re-selected scores
                           + weights and goalposts + fill + link + method

where each term is the difference of the index between two consecutive whole problems (vintage.py
says what each step substitutes). So the terms sum to the difference by construction, over links
too, for every way of linking and averaging. Substitution in a fixed order is the usual treatment
of revisions in official statistics: a change that acts together with another is counted where it
enters. Each term opens into the differences of what every eval adds to the distance from 100
along the chain (along.py); these sum to the term with nothing left over.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from baskets.engine.acting import Acting, Changes, overlap_changes
from baskets.engine.aggregate import Array
from baskets.engine.along import Along, Row
from baskets.engine.revised import (
    NO_VALUE,
    REFUSED,
    WITH_METHOD,
    EvalTerm,
    OverlapChange,
    Revision,
    ScoreChange,
    Term,
)
from baskets.engine.vintage import KINDS, Step, Vintage, steps

__all__ = ["KINDS", "EvalTerm", "Revision", "ScoreChange", "Term", "Vintage", "revisions"]

# Steps that lie before and after a term of a system: the last one with a value, and its own.
_Span = tuple[int, int]
_Acts = tuple[Acting, tuple[OverlapChange, ...]]


def revisions(before: Vintage, after: Vintage, *, series: Sequence[str]) -> tuple[Revision, ...]:
    """Why every system's value moved that has one in both releases, series by series.

    A step whose mixture of old and new the engine refuses, or in which the system has no value,
    counts 0 with a note, and what it substituted is counted in the next step that has a number.
    A series that one release does not have has none. Refuses what the engine refuses of the
    releases themselves.
    """
    first, six = steps(before, after)
    whole = _Whole(Along(first), six, Changes(before.problem, after.problem))
    method_changes = before.problem.method.imputation != after.problem.method.imputation
    found: list[Revision] = []
    for name in series:
        found += _Series(whole, name, fill_waits=method_changes).revisions()
    return tuple(found)


class _Whole:
    """The states of the old release and the six steps; None where a step was refused."""

    def __init__(self, first: Along, six: Sequence[Step], changes: Changes) -> None:
        self.steps, self.changes = six, changes
        self.states: list[Along | None] = [first]
        for step in six:
            last = self.states[-1]
            if last is not None and last.state is step.state:
                self.states.append(last)
            else:
                self.states.append(Along(step.state) if step.state else None)
        self.systems = first.state.problem.systems

    def at(self, step: int) -> Along:
        """The state of a step that has one."""
        state = self.states[step]
        assert state is not None
        return state


class _Series:
    """The revisions of one series."""

    def __init__(self, whole: _Whole, series: str, *, fill_waits: bool) -> None:
        self.whole, self.series, self.fill_waits = whole, series, fill_waits
        nothing = np.full(len(whole.systems), np.nan)
        self.values = [nothing if s is None else s.values(series) for s in whole.states]
        both = np.isfinite(self.values[0]) & np.isfinite(self.values[-1])
        self.rows: list[int] = np.flatnonzero(both).tolist()
        self._acting: dict[tuple[_Span, str], _Acts] = {}

    def revisions(self) -> list[Revision]:
        """One for every system with a value in both releases."""
        terms: dict[int, list[Term]] = {row: [] for row in self.rows}
        last = dict.fromkeys(self.rows, 0)
        for step, kind in enumerate(KINDS, start=1):
            there = np.isfinite(self.values[step])
            opened = self._opened(step, {row: n for row, n in last.items() if there[row]})
            for row in self.rows:
                span = (last[row], step)
                terms[row].append(self._term(kind, span, row, opened.get(row)))
                if there[row]:
                    last[row] = step
        return [self._revision(row, terms[row]) for row in self.rows]

    def _revision(self, row: int, terms: Sequence[Term]) -> Revision:
        before, after = float(self.values[0][row]), float(self.values[-1][row])
        return Revision(self.whole.systems[row].id, self.series, before, after, tuple(terms))

    def _term(self, kind: str, span: _Span, row: int, evals: tuple[EvalTerm, ...] | None) -> Term:
        """A term; `evals` is None where the step has no number for the system."""
        last, step = span
        if evals is None:
            refused = self.whole.steps[step - 1].refused
            note, points = REFUSED + refused.name if refused else NO_VALUE, 0.0
        else:
            note = WITH_METHOD if kind == "fill" and self.fill_waits else ""
            points = float(self.values[step][row] - self.values[last][row])
            if not evals and not points:
                return Term(kind, 0.0, note=note)
        basket = self._basket(last if evals is None else step, row)
        acting, overlaps = self._acts(kind, span, basket)
        scores, total = acting.on(self.whole.systems[row].id)
        return Term(kind, points, evals or (), scores, total, overlaps, note)

    def _between(self, span: _Span) -> list[Along]:
        found = (self.whole.states[n] for n in span)
        return [state for state in found if state is not None]

    def _basket(self, step: int, row: int) -> str:
        state = self.whole.at(step)
        return state.state.problem.baskets[state.positions[row]].id

    def _acts(self, kind: str, span: _Span, basket: str) -> _Acts:
        key = (span, basket)
        if key not in self._acting:
            states, changes = self._between(span), self.whole.changes
            self._acting[key] = (
                changes.acting(kind, states, self.series, basket),
                overlap_changes(states, self.series, basket),
            )
        return self._acting[key]

    def _opened(self, step: int, last: dict[int, int]) -> dict[int, tuple[EvalTerm, ...]]:
        """The evals of a step's term, for systems by the step of their last value."""
        now = self.whole.states[step]
        groups: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        opened: dict[int, tuple[EvalTerm, ...]] = {}
        for row, earlier in last.items():
            state = self.whole.at(earlier)
            assert now is not None
            if state is now:
                opened[row] = ()
            else:
                groups[earlier, state.positions[row], now.positions[row]].append(row)
        for (earlier, old, new), rows in groups.items():
            assert now is not None
            one, two = self.whole.at(earlier).parts(self.series, old), now.parts(self.series, new)
            names = tuple(dict.fromkeys((*one.rows, *two.rows)))
            gaps = two.over(names, rows) - one.over(names, rows)
            opened |= zip(rows, _eval_terms(names, gaps), strict=True)
        return opened


def _eval_terms(names: Sequence[Row], gaps: Array) -> list[tuple[EvalTerm, ...]]:
    """The terms of every column of (R, S) gaps, those that are exactly 0 left out."""
    return [
        tuple(
            EvalTerm(name, basket, points)
            for (basket, name), points in zip(names, column, strict=True)
            if points
        )
        for column in gaps.T.tolist()
    ]
