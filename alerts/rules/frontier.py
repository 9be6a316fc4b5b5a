"""New frontiers: another system leads a series, or the leading one rises further.

Where another system leads, it is compared with the former leader inside the new release: one
yardstick, paired replicates, and nothing of a change of weights, links, goalposts or fills in the
difference (methodology.md, sections 6 and 12). So a system that enters together with a new basket
version is told by how far it leads, not by what the new version did to the old values.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts.rules.causes import cause_of, cause_of_lead, largest_term
from alerts.rules.facts import Facts, Pair
from alerts.rules.finding import Finding, Move, about_value
from alerts.rules.kinds import PROGRESS, Cause, Kind
from alerts.rules.standing import returned

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
    if cause in PROGRESS and new.value <= max(level, stood if _same(pair, old) else level):
        # It leads because the former leader was taken back, and stands no higher than that did.
        cause = Cause.REVISION
    move = Move(
        before=level,
        by=new.value - level,
        noise=difference,
        drivers=pair.drivers(after, before, series) if other else (),
    )
    return about_value(
        Kind.FRONTIER,
        cause,
        series=series,
        system=after,
        new=new,
        move=move,
        previous=before,
        facts=returned(pair, series, (after, before), difference),
    )


def _same(pair: Pair, old: Facts) -> bool:
    """Whether both releases are on the same versions, so that their values can be compared."""
    return pair.after.versions == old.versions and pair.after.engine == old.engine


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
        drivers=pair.parts(system, series, term.kind),
    )
    return about_value(
        Kind.FRONTIER, cause, series=series, system=system, new=new, move=move, previous=system
    )
