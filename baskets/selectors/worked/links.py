"""The first link of the chain, worked out in all three ways (section 5).

The first link is the one where nothing is carried over yet: additive and ratio indices of the old
version are still the same, so every number of the example can be made from scores and weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from baskets.charts.words import points
from baskets.engine import Basket
from baskets.engine.points import slope_at
from baskets.models import Link
from baskets.selectors.worked.case import Case, number_of
from baskets.selectors.worked.example import Grid, Worked, index_points, worked_sum

SERIES = "capability"


@dataclass(frozen=True)
class _Sides:
    """The overlap on both sides of the link: levels in points, and the old additive index."""

    systems: tuple[str, ...]
    newest: str
    old: Basket
    new: Basket
    k: float
    index: tuple[float, ...]
    levels: tuple[float, ...]

    @property
    def at(self) -> float:
        """mean_o I."""
        return math.fsum(self.index) / len(self.index)

    @property
    def anchor(self) -> float:
        """mean_o L′."""
        return math.fsum(self.levels) / len(self.levels)

    @property
    def level(self) -> float:
        """L′ of the newest overlap system."""
        return self.levels[self.systems.index(self.newest)]


def of_links(case: Case) -> Iterator[Worked]:
    """The additive link, and the ratio and log-odds links beside it."""
    if len(case.problem.baskets) < 2:
        return
    new = case.problem.baskets[1]
    row = Link.objects.filter(
        release=case.release, series=SERIES, to_version__number=number_of(new)
    ).first()
    if row is None or not row.overlap:
        return
    sides = _sides(case, tuple(row.overlap))
    yield _additive(case, sides, row)
    yield _ratio(case, sides, row)
    yield from _odds(case, sides, row)


def _sides(case: Case, systems: tuple[str, ...]) -> _Sides:
    old, new = case.problem.baskets[:2]
    zero = case.level(case.problem.method.base, SERIES, old)
    k = 100 / zero
    return _Sides(
        systems=systems,
        newest=max(systems, key=lambda s: (case.systems[s].released_on, s)),
        old=old,
        new=new,
        k=k,
        index=tuple(100 + k * (case.level(s, SERIES, old) - zero) for s in systems),
        levels=tuple(case.level(s, SERIES, new) for s in systems),
    )


def _additive(case: Case, sides: _Sides, row: Link) -> Worked:
    result = sides.at + sides.k * (sides.level - sides.anchor)
    said = _(
        "Version %(old)s is linked to version %(new)s on the systems that were measured on both. "
        "k stays what it was. %(system)s, the newest of them, stands on the new version at:"
    )
    return Worked(
        ident="link-additive",
        title=_("The first link of the capability index, additive"),
        said=said % _names(case, sides),
        lines=(
            f"mean I = {points(sides.at, 3)}, mean L′ = {points(sides.anchor, 3)}",
            worked_sum(sides.at, sides.k, sides.level, sides.anchor, result),
        ),
        result=result,
        stated=row.additive,
        where=_table_of_links(),
        unit=index_points(),
        tolerance=5e-4,
        grid=_grid(case, sides),
    )


def _ratio(case: Case, sides: _Sides, row: Link) -> Worked:
    result = sides.at * sides.level / sides.anchor
    said = _("%(system)s at the same link, if levels were carried over by their ratio.")
    return Worked(
        ident="link-ratio",
        title=_("The same link by ratio"),
        said=said % _names(case, sides),
        lines=(
            f"I = {points(sides.at, 3)} · {points(sides.level, 3)} / {points(sides.anchor, 3)}"
            f" = {points(result, 2)}",
        ),
        result=result,
        stated=row.ratio,
        where=_table_of_links(),
        unit=index_points(),
        tolerance=5e-4,
    )


def _odds(case: Case, sides: _Sides, row: Link) -> Iterator[Worked]:
    """The log-odds index on the old version, and its link by geometric means."""
    base = case.problem.method.base
    zero = _log_level(case, base, sides.old)
    old = [_log_level(case, s, sides.old) - zero for s in sides.systems]
    new = [_log_level(case, s, sides.new) for s in sides.systems]
    at, anchor = (math.fsum(logs) / len(logs) for logs in (old, new))
    level = new[sides.systems.index(sides.newest)]
    result = 100 * math.exp(at + level - anchor)
    said = _(
        "%(system)s at the same link, if points were turned into log-odds first. Means of logits "
        "over the overlap, %(at)s above the base on the old version and %(anchor)s on the new "
        "one; %(system)s has %(level)s there. Points are held half an item away from 0 and 100, "
        "or half a point where the number of items is not known."
    )
    yield Worked(
        ident="link-odds",
        title=_("The same link on log-odds"),
        said=said
        % {
            **_names(case, sides),
            "at": points(at, 4),
            "anchor": points(anchor, 4),
            "level": points(level, 4),
        },
        lines=(
            f"I = 100 · exp({points(at, 4)} + {points(level, 4)} − ({points(anchor, 4)}))"
            f" = {points(result, 2)}",
        ),
        result=result,
        stated=row.odds,
        where=_table_of_links(),
        unit=index_points(),
        tolerance=5e-3,
    )


def _log_level(case: Case, system: str, basket: Basket) -> float:
    """Σ w logit(p)."""
    total = []
    for name, weight in case.shares(SERIES, basket).items():
        margin = _margin(case, system, name, basket)
        share = min(max(case.points(system, name, basket), margin), 100 - margin) / 100
        total.append(weight * math.log(share / (1 - share)))
    return math.fsum(total)


def _margin(case: Case, system: str, name: str, basket: Basket) -> float:
    """Half an item in points where the number of items is known, else half a point."""
    score, item = case.problem.score_by_cell.get((system, name)), case.problem.eval_by_id[name]
    if score is None or not score.n_items:
        return 0.5
    half = 50 / score.n_items
    if item.lower is not None and item.upper is not None and item.upper > item.lower:
        goalposts = case.problem.goalposts(basket, name)
        slope = slope_at(score.value, scale=item.scale, goalposts=goalposts)
        half = (item.upper - item.lower) / 2 / score.n_items * slope
    return min(half, 50.0)


def _names(case: Case, sides: _Sides) -> dict[str, object]:
    return {
        "old": number_of(sides.old),
        "new": number_of(sides.new),
        "system": case.systems[sides.newest].name,
    }


def _grid(case: Case, sides: _Sides) -> Grid:
    rows = [
        (case.systems[s].name, points(index, 2), points(level, 3))
        for s, index, level in zip(sides.systems, sides.index, sides.levels, strict=True)
    ]
    return Grid(
        caption=_("The usable overlap: index on the old version, weighted points on the new one."),
        heads=(_("System"), _("I on the old version"), _("L′ on the new version")),
        rows=tuple(rows),
        numeric=(False, True, True),
        foot=(_("Mean"), points(sides.at, 3), points(sides.anchor, 3)),
    )


def _table_of_links() -> str:
    return _("the table of links")
