"""What made a value move or a lead change hands (methodology.md, section 8)."""

from __future__ import annotations

from alerts.rules.facts import Pair, Term
from alerts.rules.kinds import CAUSE_OF, Cause

UNMOVED = 1e-6


def largest_term(pair: Pair, system: str, series: str) -> Term | None:
    """The term that made most of a value's move; None where it did not move.

    Where only the sum of a domain's headline is taken apart, as for a subdomain, a move by scores
    of the system's own is told from the others by whether it brought any.
    """
    terms = [t for t in pair.terms.get((system, series), ()) if abs(t.points) > UNMOVED]
    if terms:
        return max(terms, key=lambda term: abs(term.points))
    return _of_subdomain(pair, system, series)


def cause_of(pair: Pair, system: str, series: str, term: Term) -> Cause:
    """The cause that a term is, for the system whose value it moved.

    A better score on an eval that was measured before takes the place of the other: among the terms
    that is a score re-selected, and yet it is as new as one on an eval without any.
    """
    cause = CAUSE_OF[term.kind]
    if cause is Cause.REVISION and pair.renewed(system, series):
        return Cause.NEW_SCORE
    return cause


def _of_subdomain(pair: Pair, system: str, series: str) -> Term | None:
    if pair.before is None or "/" not in series:
        return None
    stood = pair.before.official.get(series, {}).get(system)
    new = pair.after.official.get(series, {}).get(system)
    if stood is None or new is None or abs(new.value - stood.value) <= UNMOVED:
        return None
    move = new.value - stood.value
    if remeasured(pair):
        return Term("weights" if pair.after.versions != pair.before.versions else "method", move)
    domain = series.partition("/")[0]
    above = largest_term(pair, system, domain)
    if above is not None and above.kind == "revised_scores":
        return Term("revised_scores", move)
    return Term("new_scores" if pair.fresh(system, series) else "fill", move)


def remeasured(pair: Pair) -> bool:
    """Whether basket versions or the engine are others than those of the release before."""
    old = pair.before
    return old is not None and (old.versions, old.engine) != (
        pair.after.versions,
        pair.after.engine,
    )


def cause_of_entry(pair: Pair, series: str, system: str) -> Cause:
    """Why a system has an official value that it did not have before."""
    assert pair.before is not None
    if pair.fresh(system, series):
        return Cause.NEW_SCORE if system in pair.before.known else Cause.NEW_SYSTEM
    if pair.after.versions != pair.before.versions:
        return Cause.WEIGHTS
    return Cause.METHOD if remeasured(pair) else Cause.IMPUTATION


def cause_of_lead(pair: Pair, series: str, system: str, against: str) -> Cause:
    """Why one system came to stand above another that had stood above it.

    It is the term with the largest part in the change of their distance. Where the system had no
    value before, it is why it has one now; where the other has none any more, why it lost it.
    """
    assert pair.before is not None
    had = pair.before.official.get(series, {})
    if system not in had:
        return cause_of_entry(pair, series, system)
    parts: dict[str, float] = {}
    own_parts: dict[str, float] = {}
    for name, sign in ((system, 1.0), (against, -1.0)):
        terms = pair.terms.get((name, series), ())
        if not terms and (only := largest_term(pair, name, series)):
            terms = (only,)
        for term in terms:
            parts[term.kind] = parts.get(term.kind, 0.0) + sign * term.points
            if name == system:
                own_parts[term.kind] = own_parts.get(term.kind, 0.0) + term.points
    largest = max(parts, key=lambda kind: parts[kind], default=None)
    if largest is not None and parts[largest] > UNMOVED:
        # The score may be the other's: only what the system itself brought is its progress.
        own = cause_of(pair, system, series, Term(largest, parts[largest]))
        fell = own_parts.get(largest, 0.0) < parts[largest] / 2
        if own is Cause.NEW_SCORE and (fell or not pair.fresh(system, series)):
            return Cause.REVISION
        return own
    if pair.after.versions != pair.before.versions:
        return Cause.WEIGHTS
    return Cause.METHOD if remeasured(pair) else Cause.REVISION
