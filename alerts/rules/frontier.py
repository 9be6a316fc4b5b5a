"""New frontiers: another system leads a series, or the leading one rises further.

Where another system leads, it is compared with the former leader inside the new release: one
yardstick, paired replicates, and nothing of a change of weights, links, goalposts or fills in the
difference (methodology.md, sections 6 and 12). So a system that enters together with a new basket
version is told by how far it leads, not by what the new version did to the old values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alerts.rules.causes import (
    cause_of,
    cause_of_lead,
    drivers_of,
    largest_term,
    remeasured,
    shares,
    shares_of_lead,
)
from alerts.rules.facts import Facts, Pair
from alerts.rules.finding import Finding, Move, about_value
from alerts.rules.kinds import PROGRESS, Cause, Kind
from alerts.rules.standing import returned
from alerts.rules.systems import LEAST as LEAST_MOVED

LEAST = 0.1
"""Index points; a frontier that rose by less is not worth a row."""


def frontiers(pair: Pair) -> Iterator[Finding]:
    """One for every series, subdomains included, whose frontier is a new one."""
    if pair.before is None:
        return
    for series in pair.after.official:
        before, after = pair.before.leader(series), pair.after.leader(series)
        if before is None or after is None:
            continue
        found = (
            _further(pair, pair.before, series, after)
            if before == after
            else _passed(pair, pair.before, series, before, after)
        )
        if found is not None:
            yield found


def _passed(pair: Pair, old: Facts, series: str, before: str, after: str) -> Finding:
    values = pair.after.official[series]
    new, other = values[after], values.get(before)
    # A former leader without an official value any more is compared as it stood.
    level = other.value if other else old.official[series][before].value
    difference = pair.compare(after, before, series) if other else None
    cause = cause_of_lead(pair, series, after, before)
    stood = old.official[series][before].value
    if cause in PROGRESS and new.value <= max(level, level if remeasured(pair) else stood):
        # It leads because the former leader was taken back, and stands no higher than that did.
        cause = Cause.REVISION
    move = Move(
        before=level,
        by=new.value - level,
        noise=difference,
        drivers=pair.drivers(after, before, series) if other else (),
    )
    noted = returned(pair, series, (after, before), difference)
    back = cause is Cause.REVISION and _taken_back(pair, series, after, before, clearly=bool(noted))
    found = about_value(
        Kind.FRONTIER,
        cause,
        series=series,
        system=after,
        new=new,
        move=move,
        previous=before,
        facts={**({} if back else noted), **shares_of_lead(pair, series, (after, before), cause)},
    )
    return replace(found, recovered=back)


def _taken_back(pair: Pair, series: str, system: str, former: str, *, clearly: bool) -> bool:
    """Whether a revision took the lead of the former leader back.

    clearly: two that change places within their noise do so by a revision beyond noise alone.
    """
    if former not in pair.after.official[series]:
        return True
    moves = ((former, -1.0), (system, 1.0))
    return any(_revised(pair, series, name, sign, clearly=clearly) for name, sign in moves)


def _revised(pair: Pair, series: str, system: str, sign: float, *, clearly: bool) -> bool:
    """Whether revised scores moved a system that way by a point or more."""
    term = largest_term(pair, system, series)
    if term is None or sign * term.points < LEAST_MOVED:
        return False
    if cause_of(pair, system, series, term) is not Cause.REVISION:
        return False
    if not clearly:
        return True
    noise = pair.drift(system, series, term.points)
    return noise is not None and (noise.low > 0 if sign > 0 else noise.high < 0)


def _further(pair: Pair, old: Facts, series: str, system: str) -> Finding | None:
    """The leader rose by scores of its own; by anything else its value moved, and no frontier."""
    stood, new = old.official[series][system], pair.after.official[series][system]
    term = largest_term(pair, system, series)
    if term is None or term.points < LEAST or new.value <= stood.value:
        return None
    cause = cause_of(pair, system, series, term)
    if cause not in PROGRESS:
        return None
    move = Move(
        before=stood.value,
        by=term.points,
        noise=pair.drift(system, series, term.points),
        drivers=drivers_of(pair, system, series, term),
    )
    return about_value(
        Kind.FRONTIER,
        cause,
        series=series,
        system=system,
        new=new,
        move=move,
        previous=system,
        facts=shares(term),
    )
