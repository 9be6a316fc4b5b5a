"""One release as facts for the rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from alerts import rules
from baskets.models import Analysis, IndexPoint, Release
from baskets.selectors.analyses import Row, analyses_of, watch_of
from baskets.selectors.sheets import OwnSheet, sheets_of
from evals.models import Eval, System

WATCHED = frozenset({"safety", "alignment"})
"""Series whose generations are watched for falling behind."""


def facts_of(release: Release) -> rules.Facts:
    """What the rules are to know of a release, in about ten queries."""
    watch = watch_of(release).rows
    evals = {item.slug: item for item in Eval.objects.select_related("domain").filter(
        slug__in=watch)}  # fmt: skip
    official = _official(release)
    points = IndexPoint.objects.filter(release=release, series__in=rules.DOMAINS).order_by()
    changes = release.summary.get("basket_changes") or []
    return rules.Facts(
        number=release.number,
        on=release.vintage_on,
        engine=release.engine_version,
        reconstructed=release.reconstructed,
        versions=tuple(row["version"] for row in changes),
        official=official,
        known=frozenset(points.values_list("system__slug", flat=True).distinct()),
        released=dict(System.objects.values_list("slug", "released_on")),
        lifecycles={name: row["lifecycle"] for name, row in watch.items()},
        domains={name: item.domain.slug for name, item in evals.items()},
        best=_best(release, watch, evals, frozenset(official.get("headline", {}))),
        rungs=rungs_of(release),
        gaps=gaps_of(release.summary),
    )


def _official(release: Release) -> dict[str, dict[str, rules.Value]]:
    """Official values by series and system: the headlines first, subdomains last."""
    rows = IndexPoint.objects.filter(release=release, official=True)
    found: dict[str, dict[str, rules.Value]] = {name: {} for name in rules.MAIN}
    for series, system, value, low, high, coverage in rows.order_by("series").values_list(
        "series", "system__slug", "value", "low", "high", "coverage"
    ):
        found.setdefault(series, {})[system] = rules.Value(value, low, high, coverage)
    return found


def gaps_of(summary: Mapping[str, Any]) -> dict[str, rules.Rate]:
    """The safety gaps by domain, in goalpost points per year."""
    return {
        domain: rules.Rate(row["gap"]["per_year"], row["gap"]["low"], row["gap"]["high"])
        for domain, row in (summary.get("safety_gap") or {}).items()
        if row
    }


def rungs_of(release: Release) -> dict[tuple[str, str], rules.Rung]:
    """The rungs of the ladder in safety and alignment that have a difference."""
    found = {}
    for row in analyses_of(release, Analysis.Kind.LADDER).ladder:
        if row["series"] in WATCHED and row["difference"] is not None:
            rung = _rung(row)
            found[row["series"], rung.newer] = rung
    return found


def reading_of(row: Release, kind: str, key: str) -> float | None:
    """A gap, or a rung by "series/system", as one release had it; None where it had none."""
    if kind == rules.Kind.GAP:
        gap = (row.summary.get("safety_gap") or {}).get(key)
        return gap["gap"]["per_year"] if gap else None
    series, _slash, system = key.partition("/")
    return next(
        (
            rung.difference.value
            for (name, _generation), rung in rungs_of(row).items()
            if (name, rung.newer) == (series, system)
        ),
        None,
    )


def _rung(row: Row) -> rules.Rung:
    parts = [(one["eval"], one["weight"] * (one["newer"] - one["older"])) for one in row["evals"]]
    return rules.Rung(
        developer=row["developer"],
        newer=row["newer_system"],
        older=row["older_system"],
        difference=rules.Rate(row["difference"], row["low"], row["high"]),
        evals=tuple(sorted(parts, key=lambda part: (-abs(part[1]), part[0]))),
        provisional=row["provisional"],
    )


def _best(
    release: Release,
    watch: Mapping[str, Row],
    evals: Mapping[str, Eval],
    official: frozenset[str],
) -> dict[str, rules.Best]:
    """The best scores beside the human baselines, of the evals that have both."""
    asked = {
        name: str(watch[name]["frontier"])
        for name, item in evals.items()
        if item.human_baseline is not None and watch[name]["frontier"]
    }
    sheets = sheets_of(release, set(asked.values()), frame=False).own
    found = {name: _beside(evals[name], system, sheets, official) for name, system in asked.items()}
    return {name: best for name, best in found.items() if best is not None}


def bests_on(release: Release) -> dict[str, rules.Best]:
    """The best scores beside the human baselines, as one release had them."""
    watch = watch_of(release).rows
    known = Eval.objects.select_related("domain").filter(slug__in=watch)
    evals = {item.slug: item for item in known}
    points = IndexPoint.objects.filter(release=release, series="headline", official=True)
    official = frozenset(points.values_list("system__slug", flat=True))
    return _best(release, watch, evals, official)


def _beside(
    item: Eval, system: str, sheets: Mapping[str, OwnSheet], official: frozenset[str]
) -> rules.Best | None:
    cell = sheets[system].cell_of.get(item.slug) if system in sheets else None
    if cell is None or item.human_baseline is None:
        return None
    sign = 1.0 if item.direction == Eval.Direction.HIGHER else -1.0
    over = sign * (cell.value - item.human_baseline)
    low, high, probability = _sure(item, cell.value, cell.stderr, sign)
    return rules.Best(
        system=system,
        domain=item.domain.slug,
        value=cell.value,
        baseline=item.human_baseline,
        over=over,
        low=low,
        high=high,
        probability=probability,
        official=system in official,
    )


def _sure(
    item: Eval, value: float, stderr: float | None, sign: float
) -> tuple[float | None, float | None, float | None]:
    """The 95% interval of the distance beyond the baseline, and the probability of its sign.

    stderr: in points, brought back to the unit by the eval's own goalposts: linear, or linear in
    the logarithm. None where the error is not known or the scale has no such step.
    """
    floor, ceiling, baseline = item.floor, item.ceiling, item.human_baseline
    if not stderr or floor is None or ceiling is None or baseline is None:
        return None, None, None
    reach = stderr / 100
    if item.scale == Eval.Scale.LINEAR:
        error = reach * abs(ceiling - floor)
        ends = sorted(sign * (value + step * 1.959964 * error - baseline) for step in (-1, 1))
        return ends[0], ends[1], rules.normal(abs(value - baseline) / error)
    if item.scale == Eval.Scale.LOG and min(floor, ceiling, value, baseline) > 0:
        error = reach * abs(math.log(ceiling / floor))
        ends = sorted(
            sign * (value * math.exp(step * 1.959964 * error) - baseline) for step in (-1, 1)
        )
        return ends[0], ends[1], rules.normal(abs(math.log(value / baseline)) / error)
    return None, None, None
