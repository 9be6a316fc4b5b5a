"""Rank stability: where systems stand under other defensible weights, and which change places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from baskets.engine.uncertainty import Comparison
from baskets.models import Analysis, Release
from baskets.selectors.analyses import Row, analyses_of
from baskets.selectors.catalog import EvalName, SystemName, eval_names, system_names
from baskets.selectors.sheets import sheets_of

SURE = 0.95
"""A neighbour is told apart where it is behind in at least this share of the replicates."""


@dataclass(frozen=True)
class Ranked:
    """A system among the highest ten of a series.

    rank: as published. shares: of the draws, at rank 1, 2, ... 10; `beyond` the rest. rank_low to
    rank_high holds nine in ten draws; band_low to band_high are the index in nine in ten draws on
    the published scale. below: against the next in rank, on paired replicates; None for the last,
    or where the release stored none.
    """

    system: SystemName
    rank: int
    value: float
    shares: tuple[float, ...]
    beyond: float
    rank_low: int | None
    rank_high: int | None
    band_low: float | None
    band_high: float | None
    below: Comparison | None

    @property
    def unsure(self) -> bool:
        """Whether measurement cannot tell it from the next."""
        return self.below is not None and self.below.ahead < SURE


@dataclass(frozen=True)
class Loads:
    """An eval's weight, and what it does: its share of the variance of the headline."""

    eval: EvalName
    nominal: float
    effect: float | None
    correlation: float | None


@dataclass(frozen=True)
class LeftOutFirst:
    """Who leads the headline without an eval or a developer, where that is another system."""

    left_out: str
    first: SystemName


@dataclass(frozen=True)
class Stability:
    """The sensitivity of a release in one series; `recorded` is whether it has one at all."""

    recorded: bool
    series: str
    draws: int = 0
    accepted: int = 0
    concentration: float | None = None
    design: Mapping[str, Any] | None = None
    ranked: tuple[Ranked, ...] = ()
    loads: tuple[Loads, ...] = ()
    without_eval: tuple[LeftOutFirst, ...] = ()
    without_developer: tuple[LeftOutFirst, ...] = ()

    @property
    def pairs(self) -> tuple[tuple[Ranked, Ranked], ...]:
        """Neighbours that measurement cannot tell apart."""
        return tuple((one, other) for one, other in pairwise(self.ranked) if one.unsure)


def stability_of(release: Release, series: str) -> Stability:
    """Ranks, weights in effect and leave-one-out of a series, as the release stored them."""
    found = analyses_of(release, Analysis.Kind.SENSITIVITY).sensitivity
    if found is None:
        return Stability(False, series)
    systems, evals = system_names(), eval_names()
    rows = sorted((r for r in found["ranks"] if r["series"] == series), key=lambda r: r["rank"])
    bands = {row["system"]: row for row in found["bands"] if row["series"] == series}
    return Stability(
        recorded=True,
        series=series,
        draws=found["draws"],
        accepted=found["accepted"],
        concentration=found["design"]["concentration"],
        design=found["design"],
        ranked=_ranked(release, series, rows, bands, systems),
        loads=_loads(release, found, evals),
        without_eval=_others(found["without_eval"], found, systems, evals),
        without_developer=_others(found["without_developer"], found, systems, {}),
    )


def _ranked(
    release: Release,
    series: str,
    rows: list[Row],
    bands: Mapping[str, Row],
    systems: Mapping[str, SystemName],
) -> tuple[Ranked, ...]:
    order = [row["system"] for row in rows]
    sheets = sheets_of(release, order, frame=False)
    following = dict(pairwise(order))
    found = []
    for row in rows:
        slug, band = row["system"], bands[row["system"]]
        next_one = following.get(slug)
        found.append(
            Ranked(
                system=systems[slug],
                rank=row["rank"],
                value=band["value"],
                shares=tuple(row["shares"]),
                beyond=row["beyond"],
                rank_low=band["rank_low"],
                rank_high=band["rank_high"],
                band_low=band["low_on_scale"],
                band_high=band["high_on_scale"],
                below=sheets.compared(slug, next_one, series) if next_one else None,
            )
        )
    return tuple(found)


def _loads(release: Release, found: Row, evals: Mapping[str, EvalName]) -> tuple[Loads, ...]:
    """The evals of the newest version, the weightiest first."""
    newest = max((row["basket"] for row in found["effective"]), default="", key=_number)
    rows = [row for row in found["effective"] if row["basket"] == newest]
    rows.sort(key=lambda row: (-row["nominal"], row["eval"]))
    return tuple(
        Loads(evals[r["eval"]], r["nominal"], r["variance_share"], r["correlation"]) for r in rows
    )


def _number(basket: str) -> int:
    tail = basket.rsplit("-", 1)[-1]
    return int(tail) if tail.isdigit() else 0


def _others(
    rows: list[Row], found: Row, systems: Mapping[str, SystemName], evals: Mapping[str, EvalName]
) -> tuple[LeftOutFirst, ...]:
    """What hands the headline's lead to another system when it is left out.

    Not the leader's own developer, without whom it is gone.
    """
    leader = next(
        (
            row["system"]
            for row in found["ranks"]
            if (row["series"], row["rank"]) == ("headline", 1)
        ),
        "",
    )
    return tuple(
        LeftOutFirst(_called(row["left_out"], systems, evals), systems[row["first"]])
        for row in rows
        if row["first"] and row["first"] != leader and row["leader_rank"] is not None
    )


def _called(slug: str, systems: Mapping[str, SystemName], evals: Mapping[str, EvalName]) -> str:
    if slug in evals:
        return evals[slug].name
    names = (s.developer for s in systems.values() if s.developer_slug == slug)
    return next(names, slug)
