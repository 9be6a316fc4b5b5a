"""The safety gap of a release: slopes along the systems of the capability frontier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baskets.models import Release

DOMAINS = ("safety", "alignment")


@dataclass(frozen=True)
class Rate:
    """Goalpost points per year with the 95% interval."""

    per_year: float
    low: float
    high: float


@dataclass(frozen=True)
class Gap:
    """A domain's slope, capability's along the same systems, and the difference."""

    domain: str
    own: Rate
    capability: Rate
    gap: Rate
    systems: tuple[str, ...]
    since: dt.date
    until: dt.date


def _rate(row: Mapping[str, Any]) -> Rate:
    return Rate(row["per_year"], row["low"], row["high"])


def gaps(release: Release) -> tuple[Gap, ...]:
    """The gaps that the release could measure; a domain with too few systems is absent."""
    stored = release.summary.get("safety_gap") or {}
    return tuple(
        Gap(
            domain=domain,
            own=_rate(row["domain"]),
            capability=_rate(row["capability"]),
            gap=_rate(row["gap"]),
            systems=tuple(row["systems"]),
            since=dt.date.fromisoformat(row["gap"]["since"]),
            until=dt.date.fromisoformat(row["gap"]["until"]),
        )
        for domain in DOMAINS
        if (row := stored.get(domain))
    )
