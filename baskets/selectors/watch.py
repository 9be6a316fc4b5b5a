"""What a release says of an eval itself: how full it is, what it tells apart, what is doubted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from baskets.models import Release
from baskets.selectors.analyses import Row, Watch, watch_of
from baskets.selectors.catalog import EvalName, SystemName, eval_names, system_names
from baskets.selectors.remembered import remembered
from evals.models import Eval, Flag


@dataclass(frozen=True)
class Doubt:
    """A flag of an eval; those that a computation raises have no reason of their own."""

    kind: str
    since: dt.date | None = None
    reason: str = ""
    source: str = ""


@dataclass(frozen=True)
class Full:
    """When the fitted frontier meets the ceiling, with its 95% interval, or why no date is given.

    An end of the interval is None where it is open.
    """

    on: dt.date | None
    low: dt.date | None
    high: dt.date | None
    reason: str | None
    steps: int


@dataclass(frozen=True)
class EvalFacts:
    """The saturation watch of one eval; points and shares as in the engine's own record."""

    lifecycle: str
    bounded: bool
    systems: int
    frontier: SystemName | None
    points: float | None
    stderr: float | None
    headroom: float | None
    discrimination: float | None
    compared: tuple[SystemName, ...]
    recent: int
    at_ceiling: float | None
    at_frontier: float | None
    reasons: tuple[str, ...]
    full: Full


@dataclass(frozen=True)
class Watched:
    """An eval's watch, None where the release was made without it or it has no goalposts."""

    recorded: bool
    facts: EvalFacts | None
    doubts: tuple[Doubt, ...]


@remembered(64)
def watched(release: Release, item: Eval) -> Watched:
    """What the release knew of an eval."""
    found = watch_of(release)
    row = found.rows.get(item.slug)
    return Watched(
        recorded=found.recorded,
        facts=_facts(row, system_names()) if row else None,
        doubts=_doubts(found, item, release),
    )


COUNTED = ("active", "saturating")


def watch_table(release: Release, domain: str = "") -> tuple[tuple[EvalName, EvalFacts], ...]:
    """The watch of every eval that the newest basket counts, those with least headroom first.

    Of one domain, or of all. Evals on which no system was measured are left out.
    """
    rows = watch_of(release).rows
    names, systems = eval_names(), system_names()
    found = [
        (names[slug], _facts(row, systems))
        for slug, row in rows.items()
        if row["lifecycle"] in COUNTED and row["headroom"] is not None
    ]
    found = [pair for pair in found if not domain or pair[0].domain == domain]
    return tuple(sorted(found, key=lambda pair: (pair[1].headroom or 0.0, pair[0].name)))


def lifecycles(release: Release) -> dict[str, str]:
    """The lifecycle of every watched eval by slug; empty where it was not recorded."""
    return {name: row["lifecycle"] for name, row in watch_of(release).rows.items()}


def _facts(row: Row, systems: Mapping[str, SystemName]) -> EvalFacts:
    full = row["saturation"]
    return EvalFacts(
        lifecycle=row["lifecycle"],
        bounded=row["bounded"],
        systems=row["systems"],
        frontier=systems.get(row["frontier"] or ""),
        points=row["points"],
        stderr=row["stderr"],
        headroom=row["headroom"],
        discrimination=row["discrimination"],
        compared=tuple(systems[slug] for slug in row["compared"]),
        recent=row["recent"],
        at_ceiling=row["at_ceiling"],
        at_frontier=row["at_frontier"],
        reasons=tuple(row["reasons"]),
        full=Full(
            on=_day(full["on"]),
            low=_day(full["low"]),
            high=_day(full["high"]),
            reason=full["reason"],
            steps=full["steps"],
        ),
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _doubts(found: Watch, item: Eval, release: Release) -> tuple[Doubt, ...]:
    """The flags that the release left out of its core index, with what was said when raised."""
    flags = Flag.objects.filter(eval=item, raised=True)
    if release.reconstructed:
        flags = flags.filter(since__lte=release.vintage_on)
    else:
        flags = flags.filter(at__lte=release.created_at)
    raised = {flag.kind: flag for flag in flags}
    rows = []
    for kind in found.flagged.get(item.slug, ()):
        flag = raised.get(kind)
        rows.append(Doubt(kind, flag.since, flag.reason, flag.source_url) if flag else Doubt(kind))
    return tuple(rows)
