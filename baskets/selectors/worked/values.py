"""Values of one basket version: the index and the balanced headline (section 4)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from django.utils.translation import gettext as _

from baskets.charts.words import DOMAINS, number, points, series_name
from baskets.engine import Basket
from baskets.selectors.worked.case import Case, number_of
from baskets.selectors.worked.example import (
    Grid,
    Worked,
    index_points,
    table_of_points,
    worked_sum,
)


def of_index(case: Case) -> Iterator[Worked]:
    """An index of the first version from the ground up, the newest one, and the balanced one."""
    yield from _from_the_ground(case)
    steps = case.steps("capability")
    if steps:
        yield _newest(case, steps[-1].system.slug)
    whole = case.steps("balanced")
    if whole:
        yield _balanced(case, whole[-1].system.slug)


def _from_the_ground(case: Case) -> Iterator[Worked]:
    first, base = case.problem.baskets[0], case.problem.method.base
    stated = case.stated("capability", first)
    there = [
        s.system.slug
        for s in case.steps("capability")
        if case.in_force(s.system.slug) is first and s.system.slug != base
    ]
    if not there or base not in stated:
        return
    system = there[-1]
    zero, level = (case.level(name, "capability", first) for name in (base, system))
    k = 100 / zero
    result = 100 + k * (level - zero)
    said = _(
        "On the first version nothing is linked yet. The base %(base)s has a weighted mean of "
        "%(zero)s points over the capability evals, %(system)s one of %(level)s."
    )
    yield Worked(
        ident="index-first",
        title=_("From the base to an index, on the first version"),
        said=said
        % {
            "base": case.systems[base].name,
            "zero": points(zero, 3),
            "system": case.systems[system].name,
            "level": points(level, 3),
        },
        lines=(
            f"k = 100 / {points(zero, 3)} = {points(k, 5)}",
            worked_sum(100, k, level, zero, result),
        ),
        result=result,
        stated=stated[system].value,
        where=table_of_points(),
        unit=index_points(),
        tolerance=5e-4,
        grid=_grid(case, base, system, first),
    )


def _grid(case: Case, base: str, system: str, basket: Basket) -> Grid:
    shares = case.shares("capability", basket)
    rows = [
        (
            case.evals[e].name,
            points(w, 4),
            points(case.points(base, e, basket), 2) + _mark(case, base, e),
            points(case.points(system, e, basket), 2) + _mark(case, system, e),
        )
        for e, w in sorted(shares.items(), key=lambda row: (-row[1], row[0]))
    ]
    levels = (points(case.level(s, "capability", basket), 3) for s in (base, system))
    return Grid(
        caption=_("Weights are shares of the domain; * marks points that were filled."),
        heads=(_("Eval"), _("Weight"), case.systems[base].name, case.systems[system].name),
        rows=tuple(rows),
        numeric=(False, True, True, True),
        foot=(_("Weighted mean"), "1", *levels),
    )


def _mark(case: Case, system: str, name: str) -> str:
    return "" if case.score(system, name) is not None else " *"


def _newest(case: Case, system: str) -> Worked:
    basket = case.in_force(system)
    line, level = case.line("capability", basket), case.level(system, "capability", basket)
    result = line.at + line.slope * (level - line.anchor)
    row = case.point(system, "capability")
    said = _(
        "The capability index of %(system)s on version %(version)s. %(k)s is k, carried unchanged "
        "over the links. The line starts at %(at)s for a weighted mean of %(anchor)s points: the "
        "means of the overlap systems on the old scale and on the new basket, or on the first "
        "version 100 and the base's own mean."
    )
    return Worked(
        ident="index",
        title=_("The newest capability index, eval by eval"),
        said=said
        % {
            "system": case.systems[system].name,
            "version": number_of(basket),
            "k": points(line.slope, 5),
            "at": points(line.at, 3),
            "anchor": points(line.anchor, 3),
        },
        lines=(worked_sum(line.at, line.slope, level, line.anchor, result),),
        result=result,
        stated=row.value if row else None,
        where=table_of_points(),
        unit=index_points(),
        tolerance=5e-4,
        grid=_products(case, system, basket),
    )


def _products(case: Case, system: str, basket: Basket) -> Grid:
    rows = []
    for e, w in sorted(case.shares("capability", basket).items(), key=lambda row: (-row[1], row)):
        score, worth = case.score(system, e), case.points(system, e, basket)
        shown = _("filled") if score is None else number(score)
        rows.append(
            (case.evals[e].name, shown, points(w, 4), points(worth, 2), points(w * worth, 3))
        )
    level = points(case.level(system, "capability", basket), 3)
    return Grid(
        caption=_("Weights are shares of the domain."),
        heads=(_("Eval"), _("Score"), _("Weight"), _("Points"), _("Weight × points")),
        rows=tuple(rows),
        numeric=(False, True, True, True, True),
        foot=(_("Sum: the level L"), "", "1", "", level),
    )


def _balanced(case: Case, system: str) -> Worked:
    basket = case.in_force(system)
    whole = case.domain_shares(basket)
    parts = {d: row.value for d in DOMAINS if (row := case.point(system, d))}
    result = 100 * math.prod((value / 100) ** whole[d] for d, value in parts.items())
    row = case.point(system, "balanced")
    terms = " · ".join(
        f"({points(value, 2)} / 100)^{points(whole[d], 4)}" for d, value in parts.items()
    )
    said = _("The domain indices of %(system)s, with the weights of the domains as powers: %(w)s.")
    names = ", ".join(f"{series_name(d)} {points(w, 4)}" for d, w in whole.items())
    return Worked(
        ident="balanced",
        title=_("The balanced headline"),
        said=said % {"system": case.systems[system].name, "w": names},
        lines=(f"100 · {terms} = {points(result, 2)}",),
        result=result,
        stated=row.value if row else None,
        where=table_of_points(),
        unit=index_points(),
        tolerance=5e-4,
    )
