"""Whether one eval carries the index, and what each eval really weighs (9, 10)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from baskets.charts.words import points, rise, signed
from baskets.engine import Basket
from baskets.models import IndexPoint
from baskets.selectors.analyses import Row
from baskets.selectors.worked.case import Case, number_of
from baskets.selectors.worked.example import Grid, Worked, index_points

SERIES = "capability"
TAIL = 0.08

Change = tuple[str, float, float]


def of_core(case: Case) -> Iterator[Worked]:
    """The weighted median, the trimmed mean and the core index of a system on the frontier."""
    steps = case.steps(SERIES)
    base = case.problem.method.base
    measured = [
        (s.system.slug, row) for s in steps if (row := case.analyses.core(SERIES, s.system.slug))
    ]
    whole = [(system, row) for system, row in measured if row["median"] is not None]
    if whole:
        system, row = whole[-1]
        changes = _changes(case, system, base)
        yield _median(case, system, changes, row)
        yield _trimmed(case, system, changes, row)
    first = case.problem.baskets[0]
    there = [(s, r) for s, r in measured if case.in_force(s) is first and r["core"] is not None]
    if there:
        yield _core(case, *there[-1], base)


def _changes(case: Case, system: str, base: str) -> list[Change]:
    """(eval, weight, p_s − p_0) on the system's version, smallest change first."""
    basket = case.in_force(system)
    rows = [
        (name, weight, case.points(system, name, basket) - case.points(base, name, basket))
        for name, weight in case.shares(SERIES, basket).items()
    ]
    return sorted(rows, key=lambda row: (row[2], row[0]))


def _start(case: Case, system: str) -> tuple[float, float]:
    """The base's index on the system's version, as stated there, and k."""
    basket = case.in_force(system)
    return (
        case.stated(SERIES, basket)[case.problem.method.base].value,
        case.line(SERIES, basket).slope,
    )


def _median(case: Case, system: str, changes: Sequence[Change], row: Row) -> Worked:
    start, k = _start(case, system)
    upto, lower, upper = 0.0, math.nan, math.nan
    for _name, weight, change in changes:
        upto += weight
        if math.isnan(lower) and upto >= 0.5 - 1e-12:
            lower = change
        if math.isnan(upper) and upto > 0.5 + 1e-12:
            upper = change
    middle = (lower + upper) / 2
    result = start + k * middle
    said = _(
        "The evals' changes in points from the base to %(system)s, smallest first. Half of the "
        "weight lies on either side of %(middle)s. The base stands at %(start)s on this version, "
        "and the index of %(system)s is %(value)s."
    )
    return Worked(
        ident="median",
        title=_("The weighted median of the changes"),
        said=said
        % {
            "system": case.systems[system].name,
            "middle": signed(middle, 3),
            "start": points(start, 3),
            "value": points(row["value"], 2),
        },
        lines=(f"{points(start, 3)} + {points(k, 5)} · {points(middle, 3)} = {points(result, 2)}",),
        result=result,
        stated=row["median"],
        where=_where(),
        unit=index_points(),
        tolerance=1e-3,
        grid=_ordered(case, changes),
    )


def _ordered(case: Case, changes: Sequence[Change]) -> Grid:
    rows, upto = [], 0.0
    for name, weight, change in changes:
        kept = max(min(upto + weight, 1 - TAIL) - max(upto, TAIL), 0.0)
        upto += weight
        shown = (points(weight, 4), points(upto, 4), points(kept, 4), signed(change, 2))
        rows.append((case.evals[name].name, *shown))
    return Grid(
        caption=_("Kept: the part of the weight that the trimmed mean keeps."),
        heads=(_("Eval"), _("Weight"), _("Weight up to here"), _("Kept"), _("Change, points")),
        rows=tuple(rows),
        numeric=(False, True, True, True, True),
    )


def _trimmed(case: Case, system: str, changes: Sequence[Change], row: Row) -> Worked:
    start, k = _start(case, system)
    upto, total, whole = 0.0, 0.0, 0.0
    for _name, weight, change in changes:
        kept = max(min(upto + weight, 1 - TAIL) - max(upto, TAIL), 0.0)
        upto, total, whole = upto + weight, total + kept * change, whole + kept
    result = start + k * total / whole
    said = _(
        "From the same changes of %(system)s, without the smallest 8%% and the largest 8%% of "
        "the weight. The mean of what is left is %(mean)s points."
    )
    return Worked(
        ident="trimmed",
        title=_("The trimmed mean of the changes"),
        said=said % {"system": case.systems[system].name, "mean": signed(total / whole, 3)},
        lines=(
            f"{points(total, 3)} / {points(whole, 2)} = {points(total / whole, 3)}",
            f"{points(start, 3)} + {points(k, 5)} · {points(total / whole, 3)}"
            f" = {points(result, 2)}",
        ),
        result=result,
        stated=row["trimmed"],
        where=_where(),
        unit=index_points(),
        tolerance=1e-3,
    )


def _core(case: Case, system: str, row: Row, base: str) -> Worked:
    first, flagged = case.problem.baskets[0], case.analyses.flagged
    shares = {e: w for e, w in case.shares(SERIES, first).items() if e not in flagged}
    total = math.fsum(shares.values())
    level, zero = (
        math.fsum(w * case.points(s, e, first) for e, w in shares.items()) / total
        for s in (system, base)
    )
    result = 100 + 100 / zero * (level - zero)
    said = _(
        "Without the evals that are flagged, %(left)s of the weight of version %(version)s "
        "remains. On it %(base)s has %(zero)s points and %(system)s %(level)s. With them the "
        "index of %(system)s is %(value)s."
    )
    return Worked(
        ident="core",
        title=_("The core index, on the first version"),
        said=said
        % {
            "left": points(total, 4),
            "version": number_of(first),
            "base": case.systems[base].name,
            "zero": points(zero, 3),
            "system": case.systems[system].name,
            "level": points(level, 3),
            "value": points(row["value"], 2),
        },
        lines=(f"100 · {points(level, 3)} / {points(zero, 3)} = {points(result, 2)}",),
        result=result,
        stated=row["core"],
        where=_where(),
        unit=index_points(),
        tolerance=1e-3,
    )


def of_sensitivity(case: Case) -> Iterator[Worked]:
    """The effective weight of the eval whose influence differs most from its weight."""
    found = case.analyses.sensitivity
    newest = case.problem.baskets[-1]
    rows = [
        row
        for row in (found or {}).get("effective", ())
        if row["basket"] == newest.id and row["variance_share"] is not None
    ]
    if rows:
        row = max(rows, key=lambda r: (abs(r["variance_share"] - r["nominal"]), r["eval"]))
        yield _effective(case, newest, row)


def _effective(case: Case, basket: Basket, row: Row) -> Worked:
    name = row["eval"]
    official = IndexPoint.objects.filter(
        release=case.release, series="headline", official=True, on_official_version=True
    ).values_list("system__slug", flat=True)
    there = case.stated("headline", basket)
    systems = sorted(slug for slug in official if slug in there)
    own = [case.points(s, name, basket) for s in systems]
    level = [case.level(s, "headline", basket) for s in systems]
    own_mean, level_mean = (math.fsum(v) / len(v) for v in (own, level))
    along = math.fsum((a - own_mean) * (b - level_mean) for a, b in zip(own, level, strict=True))
    spread = math.fsum((b - level_mean) ** 2 for b in level)
    width = math.fsum((a - own_mean) ** 2 for a in own)
    result = along / math.sqrt(width * spread)
    said = _(
        "%(eval)s has %(nominal)s of the headline's weight. Over the %(count)s official systems "
        "its points go with the weighted level as follows, and it makes %(share)s of the level's "
        "variance."
    )
    return Worked(
        ident="effective",
        title=_("What an eval really weighs"),
        said=said
        % {
            "eval": case.evals[name].name,
            "nominal": points(row["nominal"], 4),
            "count": len(systems),
            "share": points(row["nominal"] * along / spread, 4),
        },
        lines=(
            f"r = {points(along, 2)} / √({points(width, 2)} · {points(spread, 2)})"
            f" = {points(result, 4)}",
        ),
        result=result,
        stated=row["correlation"],
        where=_("the release's sensitivity analysis"),
        digits=4,
    )


def band_in_words(case: Case) -> str:
    """The sensitivity band of the newest capability value in a sentence; empty without one."""
    steps = case.steps(SERIES)
    found = case.analyses.band(SERIES, steps[-1].system.slug) if steps else None
    if found is None or found["low_on_scale"] is None:
        return ""
    said = _("%(system)s stands at %(value)s as published, and at %(band)s in nine draws of ten.")
    return said % {
        "system": steps[-1].system.name,
        "value": points(found["value"], 1),
        "band": rise(found["low_on_scale"], found["high_on_scale"], 1).replace("+", ""),
    }


def _where() -> str:
    return _("the release's core measures")
