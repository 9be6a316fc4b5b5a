"""Systems whose value or rank changed between two releases."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.rules.causes import (
    cause_of,
    cause_of_lead,
    drivers_of,
    largest_term,
    shares,
    shares_of_lead,
)
from alerts.rules.facts import Facts, Pair
from alerts.rules.finding import Finding, Move, about_value
from alerts.rules.kinds import MAIN, MEASURED, Kind
from alerts.rules.standing import returned

LEAST = 1.0
"""Index points: what a value must have moved by to be an event at all."""

TOP = 10
"""Ranks that are watched; and the systems whose moves by a fit or new weights are events."""


def moves(pair: Pair) -> Iterator[Finding]:
    """Official values that moved by `LEAST` or more, each with the part that its cause made.

    The move of an event is that part, not the whole: what weights, links or a fit added to the
    same value is in `before` and `after`, and nowhere in `move`. A move that is no measurement is
    an event only for a system among the first ten, since a refit moves every system.
    """
    if pair.before is None:
        return
    for series in MAIN:
        top = set(pair.after.ranked(series)[:TOP])
        for system in pair.after.official.get(series, {}):
            found = _move(pair, pair.before, series, system)
            if found is not None and (found.cause in MEASURED or system in top):
                yield found


def _move(pair: Pair, old: Facts, series: str, system: str) -> Finding | None:
    stood = old.official.get(series, {}).get(system)
    if sum(abs(term.points) for term in pair.terms.get((system, series), ())) < LEAST:
        return None
    term = largest_term(pair, system, series)
    if stood is None or term is None or abs(term.points) < LEAST:
        return None
    new, cause = pair.after.official[series][system], cause_of(pair, system, series, term)
    move = Move(
        before=stood.value,
        by=term.points,
        noise=pair.drift(system, series, term.points) if cause in MEASURED else None,
        drivers=drivers_of(pair, system, series, term),
    )
    return about_value(
        Kind.MOVED, cause, series=series, system=system, new=new, move=move, facts=shares(term)
    )


def ranks(pair: Pair) -> Iterator[Finding]:
    """Systems that rose in, or into, the first ten of a series.

    A system rises when it passes another that both releases have; that others move down when one
    enters is no event of theirs. The move is the distance to the highest of those it passed, and
    for one that enters, to the next below it.
    """
    if pair.before is None:
        return
    for series in MAIN:
        yield from _ranks(pair, pair.before, series)


def _ranks(pair: Pair, old: Facts, series: str) -> Iterator[Finding]:
    was = {name: n for n, name in enumerate(old.ranked(series), 1)}
    order = pair.after.ranked(series)
    if not was:
        return
    for rank, system in enumerate(order[:TOP], 1):
        below = order[rank:]
        if system in was:
            passed = next((name for name in below if was.get(name, 10**9) < was[system]), None)
        else:
            passed = next((name for name in below if name in was), None)
        if passed is not None:
            yield _rank(pair, series, (system, passed), (was.get(system), rank))


def _rank(
    pair: Pair, series: str, systems: tuple[str, str], ranks: tuple[int | None, int]
) -> Finding:
    system, passed = systems
    new, other = (pair.after.official[series][name] for name in systems)
    difference = pair.compare(system, passed, series)
    cause = cause_of_lead(pair, series, system, passed)
    move = Move(
        before=other.value,
        by=new.value - other.value,
        noise=difference,
        drivers=pair.drivers(system, passed, series),
    )
    return about_value(
        Kind.RANK,
        cause,
        series=series,
        system=system,
        new=new,
        move=move,
        previous=passed,
        facts={
            "rank_before": ranks[0],
            "rank": ranks[1],
            **returned(pair, series, systems, difference),
            **shares_of_lead(pair, series, systems, cause),
        },
    )
