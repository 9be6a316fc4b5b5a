"""Terms that no event can ever meet: said to whoever writes them, not found out by silence."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from alerts.rules.kinds import GAUGED, HEADLINES, IN_POINTS, NAMING, RETURNING, Kind
from alerts.rules.terms import Level, Terms

PLACELESS = frozenset({Kind.PUBLISHED, Kind.SILENT})
"""Kinds without a series."""

OF_EVALS = frozenset({Kind.BASELINE, Kind.LIFECYCLE})
"""Kinds that have the domain of their eval as series."""


class Idle(StrEnum):
    """Why terms, or a part of them that was asked for by name, cannot be met."""

    ELSEWHERE = "elsewhere"
    UNMEASURED = "unmeasured"
    NAMELESS = "nameless"
    NO_ALERT = "no_alert"
    NO_WARNING = "no_warning"
    NO_RECOVERY = "no_recovery"


def idle(terms: Terms) -> Iterator[tuple[str, Idle]]:
    """The parameters that leave nothing to be told, each with the reason."""
    inner = bool(terms.series) and all("/" in series for series in terms.series)
    if not any(_happens(kind, terms.series) for kind in terms.kinds):
        yield "subdomain" if inner else "series", Idle.ELSEWHERE
    elif inner and Kind.FRONTIER in terms.kinds:
        # Replicates of subdomains are not kept, so their frontiers have no noise to judge.
        asked = {"p": terms.probability is not None, "significant": terms.significant}
        yield from ((name, Idle.UNMEASURED) for name, there in asked.items() if there)
    if not terms.kinds & NAMING:
        named = {"system": terms.systems, "developer": terms.developers}
        yield from ((name, Idle.NAMELESS) for name, there in named.items() if there)
    if reason := _unreachable(terms):
        yield "level", reason


def _happens(kind: str, series: frozenset[str]) -> bool:
    if not series or kind in PLACELESS | GAUGED | {Kind.FRONTIER}:
        return True
    main = {name for name in series if "/" not in name}
    return bool(main.difference(HEADLINES) if kind in OF_EVALS else main)


def _unreachable(terms: Terms) -> Idle | None:
    """Why none of the levels is ever reached; None where one is, or all are asked for."""
    if not terms.levels or Level.ALERT in terms.levels:
        return None
    if Level.WARN in terms.levels and terms.alert_from is None:
        return Idle.NO_ALERT
    returns = Level.RECOVERED in terms.levels and bool(terms.kinds & RETURNING)
    if returns or (Level.WARN in terms.levels and terms.kinds & IN_POINTS):
        return None
    return Idle.NO_WARNING if Level.WARN in terms.levels else Idle.NO_RECOVERY
