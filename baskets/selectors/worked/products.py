"""Differences of a product of domains, by logarithmic means (section 7)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

from django.utils.translation import gettext as _

from baskets.charts.words import DOMAINS, points, series_name, signed
from baskets.selectors.worked.case import Case
from baskets.selectors.worked.example import Grid, Worked, index_points, table_of_points


def of_products(case: Case) -> Iterator[Worked]:
    """The newest two systems on the balanced frontier that stand on one version, by domain."""
    slugs = [step.system.slug for step in case.steps("balanced")]
    pairs = [p for p in combinations(slugs, 2) if case.in_force(p[0]) is case.in_force(p[1])]
    if pairs:
        yield _product(case, *max(pairs, key=lambda p: (slugs.index(p[1]), slugs.index(p[0]))))


def _product(case: Case, against: str, system: str) -> Worked:
    high, low = _values(case, system), _values(case, against)
    whole = case.domain_shares(case.in_force(system))
    mean = log_mean(high["balanced"], low["balanced"])
    rows = []
    for domain in DOMAINS:
        ratio = log_mean(high[domain], low[domain])
        gap = high[domain] - low[domain]
        rows.append((domain, ratio, gap, mean * whole[domain] / ratio * gap))
    result = math.fsum(row[3] for row in rows)
    said = _(
        "The balanced headline of %(system)s against that of %(against)s, both on one version. "
        "The logarithmic mean of the two is %(mean)s."
    )
    return Worked(
        ident="contributions-balanced",
        title=_("A difference of the balanced headline, domain by domain"),
        said=said
        % {
            "system": case.systems[system].name,
            "against": case.systems[against].name,
            "mean": points(mean, 3),
        },
        lines=(
            f"{points(mean, 3)} · W / m · (I − I′):",
            " ".join(signed(row[3], 3) for row in rows) + f" = {signed(result, 2)}",
        ),
        result=result,
        stated=high["balanced"] - low["balanced"],
        where=table_of_points(),
        unit=index_points(),
        tolerance=1e-4,
        grid=Grid(
            caption=_("W is the domain's weight, m the logarithmic mean of its two indices."),
            heads=(_("Domain"), "W", "m", "I − I′", _("Index points")),
            rows=tuple(
                (series_name(d), points(whole[d], 4), points(m, 3), signed(g, 3), signed(v, 3))
                for d, m, g, v in rows
            ),
            numeric=(False, True, True, True, True),
        ),
    )


def _values(case: Case, system: str) -> dict[str, float]:
    rows = {name: case.point(system, name) for name in (*DOMAINS, "balanced")}
    return {name: row.value for name, row in rows.items() if row is not None}


def log_mean(a: float, b: float) -> float:
    """(a − b) / (ln a − ln b); a where both are equal."""
    return a if a == b else (a - b) / (math.log(a) - math.log(b))
