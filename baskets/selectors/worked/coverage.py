"""What a value rests on: coverage, standing and bounds (section 3)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from django.utils.translation import gettext as _

from baskets.charts.words import DOMAINS, number, points, series_name
from baskets.selectors.worked.case import Case, Stated, number_of
from baskets.selectors.worked.example import Worked, index_points, table_of_points, worked_sum


def of_coverage(case: Case) -> Iterator[Worked]:
    """Coverage of the newest frontier value, whether it is official, and its bounds."""
    steps = case.steps("capability")
    partial = [s for s in steps if _has_gaps(case, s.system.slug, "capability")]
    if not partial:
        return
    system = partial[-1].system.slug
    row = case.point(system, "capability")
    assert row is not None
    yield _covered(case, system, row)
    yield _official(case, system, row)
    yield _bound(case, system, missing=0.0, stated=row.worst)
    yield _bound(case, system, missing=100.0, stated=row.best)


def _has_gaps(case: Case, system: str, series: str) -> bool:
    shares = case.shares(series, case.in_force(system))
    return any(case.score(system, name) is None for name in shares)


def _covered(case: Case, system: str, row: Stated) -> Worked:
    basket = case.in_force(system)
    shares = case.shares("capability", basket)
    seen = {e: w for e, w in shares.items() if case.score(system, e) is not None}
    result = math.fsum(seen.values())
    terms = " + ".join(points(w, 4) for w in sorted(seen.values(), reverse=True))
    said = _(
        "%(seen)s of the %(all)s evals that version %(version)s counts under capability were "
        "measured on %(system)s. Coverage is the sum of their weights; what is missing from 1 is "
        "the imputed share."
    )
    return Worked(
        ident="coverage",
        title=_("Coverage and imputed share"),
        said=said
        % {
            "seen": len(seen),
            "all": len(shares),
            "version": number_of(basket),
            "system": case.systems[system].name,
        },
        lines=(
            f"{terms} = {points(result, 4)}",
            f"1 − {points(result, 4)} = {points(1 - result, 4)}",
        ),
        result=result,
        stated=row.coverage,
        where=table_of_points(),
        digits=4,
    )


def _official(case: Case, system: str, row: Stated) -> Worked:
    basket = case.in_force(system)
    method = case.problem.method
    floor = basket.domain_coverage_floor
    floor = method.domain_coverage_floor if floor is None else floor
    fewest = method.min_evals if basket.min_evals is None else basket.min_evals
    shares = case.shares("capability", basket)
    seen = [e for e in shares if case.score(system, e) is not None]
    coverage = math.fsum(shares[e] for e in seen)
    holds = coverage >= floor and len(seen) >= fewest
    words = {True: _("official"), False: _("provisional")}
    said = _(
        "Version %(version)s asks a domain for %(floor)s of its weight and %(evals)s observed "
        "evals. %(system)s has %(coverage)s and %(seen)s."
    )
    return Worked(
        ident="official",
        title=_("Official or provisional"),
        said=said
        % {
            "version": number_of(basket),
            "floor": points(floor, 2),
            "evals": fewest,
            "system": case.systems[system].name,
            "coverage": points(coverage, 4),
            "seen": len(seen),
        },
        lines=(
            f"{points(coverage, 4)} {'≥' if coverage >= floor else '<'} {points(floor, 2)}, "
            f"{len(seen)} {'≥' if len(seen) >= fewest else '<'} {fewest}",
        ),
        result=words[holds],
        stated=words[row.official],
        where=table_of_points(),
    )


def of_headline(case: Case) -> Iterator[Worked]:
    """Whether the newest headline is official: overall coverage, and every domain."""
    steps = case.steps("headline")
    if not steps:
        return
    system = steps[-1].system.slug
    basket, row = case.in_force(system), case.point(system, "headline")
    domains = {d: p.official for d in DOMAINS if (p := case.point(system, d))}
    floor = basket.coverage_floor
    floor = case.problem.method.coverage_floor if floor is None else floor
    shares = case.shares("headline", basket)
    coverage = math.fsum(w for e, w in shares.items() if case.score(system, e) is not None)
    words = {True: _("official"), False: _("provisional")}
    said = _(
        "Version %(version)s asks the headline for %(floor)s of the whole weight and for every "
        "domain to be official. %(system)s has %(coverage)s."
    )
    yield Worked(
        ident="official-headline",
        title=_("Official or provisional, the headline"),
        said=said
        % {
            "version": number_of(basket),
            "floor": points(floor, 2),
            "system": case.systems[system].name,
            "coverage": points(coverage, 4),
        },
        lines=(
            f"{points(coverage, 4)} {'≥' if coverage >= floor else '<'} {points(floor, 2)}",
            *(f"{series_name(d)}: {words[official]}" for d, official in domains.items()),
        ),
        result=words[coverage >= floor and len(domains) == len(DOMAINS) and all(domains.values())],
        stated=words[row.official] if row else None,
        where=table_of_points(),
    )


def _bound(case: Case, system: str, *, missing: float, stated: float | None) -> Worked:
    basket = case.in_force(system)
    line = case.line("capability", basket)
    level = case.level_at(system, "capability", basket, missing)
    result = line.at + line.slope * (level - line.anchor)
    said = _(
        "The capability index of %(system)s if every eval that it was not measured on had given "
        "%(missing)s points. The link and the base stay as they are."
    )
    return Worked(
        ident=f"bound-{missing:.0f}",
        title=_("The lower bound") if missing == 0 else _("The upper bound"),
        said=said % {"system": case.systems[system].name, "missing": number(missing)},
        lines=(worked_sum(line.at, line.slope, level, line.anchor, result),),
        result=result,
        stated=stated,
        where=table_of_points(),
        unit=index_points(),
        tolerance=5e-4,
    )
