"""What made a value move or a lead change hands (methodology.md, section 8)."""

from __future__ import annotations

from alerts.rules.facts import Drivers, Pair, Term
from alerts.rules.kinds import CAUSE_OF, Cause

UNMOVED = 1e-6
LEAST_REVISED = 0.05
"""Index points: one step of the last decimal that pages show, as release notes count revisions."""

OWN = ("new_scores", "revised_scores")
"""The terms that are scores."""


def terms_of(pair: Pair, system: str, series: str) -> tuple[Term, ...]:
    """The terms of a value's move; a fill that follows from the system's own scores is with those.

    A score says something of those that are missing beside it too, so that a fill moves with the
    scores that came or went. Where weights or the method changed, nothing follows from scores only.
    """
    terms = tuple(t for t in pair.terms.get((system, series), ()) if abs(t.points) > UNMOVED)
    fill = next((term for term in terms if term.kind == "fill"), None)
    if fill is None or remeasured(pair):
        return terms
    own = _leading(pair, system, series, terms, fill)
    if own is None:
        return terms
    whole = Term(own.kind, own.points + fill.points, fill.points)
    return tuple(whole if term is own else term for term in terms if term is not fill)


def _leading(
    pair: Pair, system: str, series: str, terms: tuple[Term, ...], fill: Term
) -> Term | None:
    """The term of its own scores that a system's fill follows; None where there is none."""
    scores = [term for term in terms if term.kind in OWN]
    if scores and pair.fresh(system, series):
        own = max(scores, key=lambda term: abs(term.points))
        # A fill that more than undoes what its scores did is the work of other systems' scores.
        turned = own.points * fill.points < 0 and abs(fill.points) > abs(own.points)
        return None if turned else own
    for term in scores:
        if term.kind == "revised_scores" and abs(term.points) >= LEAST_REVISED:
            return term
    return None


def drivers_of(pair: Pair, system: str, series: str, term: Term) -> Drivers:
    """What each eval adds to a term, and to the fill that is with it; the largest first."""
    found = dict(pair.parts(system, series, term.kind))
    for name, points in pair.parts(system, series, "fill") if term.fill else ():
        found[name] = found.get(name, 0.0) + points
    return tuple(sorted(found.items(), key=lambda row: (-abs(row[1]), row[0])))


def shares(term: Term) -> dict[str, object]:
    """What the scores of a term made of it, and what the fill that follows from them."""
    if abs(term.fill) < LEAST_REVISED:
        return {}
    return {"scores": round(term.points - term.fill, 6), "fill": round(term.fill, 6)}


def shares_of_lead(
    pair: Pair, series: str, systems: tuple[str, str], cause: Cause
) -> dict[str, object]:
    """The shares in the larger move that the cause of a lead made, of either of two systems.

    `whose` says of which: "system", or "previous" for the one that was passed.
    """
    moves = [
        (abs(term.points), whose, shares(term))
        for name, whose in zip(systems, ("system", "previous"), strict=True)
        for term in terms_of(pair, name, series)
        if shares(term) and cause_of(pair, name, series, term) is cause
    ]
    if not moves:
        return {}
    _points, whose, found = max(moves, key=lambda move: move[0])
    return {**found, "whose": whose}


def largest_term(pair: Pair, system: str, series: str) -> Term | None:
    """The term that made most of a value's move; None where it did not move.

    Where only the sum of a domain's headline is taken apart, as for a subdomain, a move by scores
    of the system's own is told from the others by whether it brought any.
    """
    terms = terms_of(pair, system, series)
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
    if pair.fresh(system, series):
        return Term("new_scores", move)
    return Term("revised_scores" if was_revised(pair, system, domain) else "fill", move)


def was_revised(pair: Pair, system: str, series: str) -> bool:
    """Whether scores that were revised or withdrawn moved a value so that it shows."""
    return any(
        term.kind == "revised_scores" and abs(term.points) >= LEAST_REVISED
        for term in pair.terms.get((system, series), ())
    )


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
    had, has = (facts.official.get(series, {}) for facts in (pair.before, pair.after))
    if system not in had:
        return cause_of_entry(pair, series, system)
    if against not in has and (remeasured(pair) or has[system].value <= had[against].value):
        return _cause_of_loss(pair)
    parts: dict[str, float] = {}
    own_parts: dict[str, float] = {}
    for name, sign in ((system, 1.0), (against, -1.0)):
        terms = terms_of(pair, name, series)
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
    return _cause_of_loss(pair)


def _cause_of_loss(pair: Pair) -> Cause:
    """Why a system that led lost its value, or its lead for no reason of the other's."""
    assert pair.before is not None
    if pair.after.versions != pair.before.versions:
        return Cause.WEIGHTS
    return Cause.METHOD if remeasured(pair) else Cause.REVISION
