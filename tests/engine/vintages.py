"""Pairs of releases that the tests of section 8 share."""

import copy
from collections.abc import Callable, Sequence

from baskets.engine import Imputed, Problem, Revision, Term, Vintage, compute, revisions
from tests.engine.problems import Json

ALL = ("headline", "balanced", "capability", "safety")


def vintage(problem: Json, filled: Sequence[Imputed] | None = None) -> Vintage:
    """A release of a problem, with its own fills or those given."""
    read = Problem.from_json(problem)
    return Vintage(read, tuple(filled) if filled is not None else compute(read).imputed)


def edited(problem: Json, edit: Callable[[Json], object]) -> Json:
    """A copy that was edited."""
    other = copy.deepcopy(problem)
    edit(other)
    return other


def score(problem: Json, system: str, name: str, value: float | None) -> None:
    """Write a score over the one there is, add it, or withdraw it (None)."""
    kept = [s for s in problem["scores"] if (s["system"], s["eval"]) != (system, name)]
    added = [] if value is None else [{"system": system, "eval": name, "value": value}]
    problem["scores"] = kept + added


def revision(
    before: Vintage | Json, after: Vintage | Json, system: str, series: str = "headline"
) -> Revision:
    """The revision of one system in one series."""
    old, new = (v if isinstance(v, Vintage) else vintage(v) for v in (before, after))
    return next(r for r in revisions(old, new, series=[series]) if r.system == system)


def points(found: Revision) -> dict[str, float]:
    """Points by kind, those of terms in which something happened."""
    return {term.kind: term.points for term in found.terms if term.points}


def term(found: Revision, kind: str) -> Term:
    """One term."""
    return next(term for term in found.terms if term.kind == kind)


def opened(found: Revision, kind: str) -> dict[tuple[str, str], float]:
    """What each eval of each basket adds to a term."""
    return {(e.basket, e.eval): e.points for e in term(found, kind).evals}
