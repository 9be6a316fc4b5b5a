"""Differences: of two systems, eval by eval, and of one value in two releases (6, 7, 8)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts.words import (
    DOMAINS,
    interval,
    points,
    probability,
    rise,
    series_name,
    signed,
    term_name,
)
from baskets.engine import Basket
from baskets.models import IndexPoint, Revision
from baskets.selectors.worked.case import Case, number_of
from baskets.selectors.worked.example import Grid, Worked, index_points, table_of_points

SERIES = "capability"
Part = tuple[str, Basket, float]


def of_comparison(case: Case) -> Iterator[Worked]:
    """The newest system on the frontier against the one it passed, on paired replicates."""
    steps = [s for s in case.steps(SERIES) if s.rise_low is not None and s.previous_system]
    if not steps:
        return
    step, before = steps[-1], steps[-1].previous_system
    assert before is not None and step.rise_low is not None
    one, other = case.point(step.system.slug, SERIES), case.point(before.slug, SERIES)
    if one is None or other is None:
        return
    result = one.value - other.value
    said = _(
        "%(system)s stands at %(value)s (95%% interval %(interval)s) and %(other)s at "
        "%(before)s (%(others)s). Both are redrawn together, with the same errors in what they "
        "share, so the interval of the difference is not that of two separate values: "
        "%(rise)s. %(system)s is ahead in %(ahead)s of the replicates."
    )
    yield Worked(
        ident="comparison",
        title=_("Two systems compared on paired replicates"),
        said=said
        % {
            "system": step.system.name,
            "value": points(one.value, 2),
            "interval": interval(one.low, one.high, 1),
            "other": before.name,
            "before": points(other.value, 2),
            "others": interval(other.low, other.high, 1),
            "rise": rise(step.rise_low, step.rise_high, 1),
            "ahead": probability(step.ahead),
        },
        lines=(f"{points(one.value, 3)} − {points(other.value, 3)} = {signed(result, 2)}",),
        result=result,
        stated=step.change,
        where=_("the release's summary, from which the front page and alerts are written"),
        unit=index_points(),
    )


def of_contributions(case: Case) -> Iterator[Worked]:
    """Two neighbours on the frontier with a link between them, else two on one version."""
    pairs = [(a.system.slug, b.system.slug) for a, b in pairwise(case.steps(SERIES))]
    if not pairs:
        return
    order = {basket.id: n for n, basket in enumerate(case.problem.baskets)}
    apart = {
        pair: order[case.in_force(pair[1]).id] - order[case.in_force(pair[0]).id] for pair in pairs
    }
    fitting = [p for p in pairs if apart[p] == 1] or [p for p in pairs if apart[p] == 0]
    if not fitting:
        return
    against, system = fitting[-1]
    high, low = case.point(system, SERIES), case.point(against, SERIES)
    if high is None or low is None:
        return
    parts = _parts(case, system, against)
    result = math.fsum(points for _name, _basket, points in parts)
    yield Worked(
        ident="contributions",
        title=_("A difference, eval by eval, across a link")
        if apart[against, system]
        else _("A difference, eval by eval"),
        said=_contributed(case, system, against, apart[against, system]),
        lines=(" ".join(signed(part[2], 2) for part in parts) + f" = {signed(result, 2)}",),
        result=result,
        stated=high.value - low.value,
        where=table_of_points(),
        unit=index_points(),
        tolerance=1e-3,
        grid=_grid(case, parts, result),
    )


def _contributed(case: Case, system: str, against: str, apart: int) -> str:
    said = _("Every term is k · w (p − p′), between %(system)s and %(against)s on one version.")
    if apart:
        said = _(
            "%(against)s stands on version %(old)s, %(system)s on version %(new)s. The way from "
            "one to the other leads through the overlap systems: on the old version from "
            "%(against)s to their mean, on the new one from their mean to %(system)s. The terms "
            "of both versions add, with nothing left over."
        )
    return said % {
        "system": case.systems[system].name,
        "against": case.systems[against].name,
        "old": number_of(case.in_force(against)),
        "new": number_of(case.in_force(system)),
    }


def _parts(case: Case, system: str, against: str) -> list[Part]:
    """k w (p_s − mean_o p_o) on the newer version and k w (mean_o p_o − p_t) on the older."""
    new, old = case.in_force(system), case.in_force(against)
    if new is old:
        return _between(case, new, [system], [against])
    overlap = list(case.line(SERIES, new).overlap)
    return [
        *_between(case, new, [system], overlap),
        *_between(case, old, overlap, [against]),
    ]


def _between(case: Case, basket: Basket, high: list[str], low: list[str]) -> list[Part]:
    k = case.line(SERIES, basket).slope
    rows = []
    for name, weight in case.shares(SERIES, basket).items():
        ends = [
            math.fsum(case.points(s, name, basket) for s in side) / len(side)
            for side in (high, low)
        ]
        rows.append((name, basket, k * weight * (ends[0] - ends[1])))
    return sorted(rows, key=lambda row: (-abs(row[2]), row[0]))


def _grid(case: Case, parts: list[Part], result: float) -> Grid:
    return Grid(
        caption=_("Index points that each eval adds."),
        heads=(_("Eval"), _("Version"), _("Index points")),
        rows=tuple(
            (case.evals[name].name, str(number_of(basket)), signed(value, 2))
            for name, basket, value in parts
        ),
        numeric=(False, True, True),
        foot=(_("Sum"), "", signed(result, 2)),
    )


def of_revision(case: Case) -> Iterator[Worked]:
    """The largest official revision of the newest release that moved anything."""
    rows = Revision.objects.filter(
        release__basket=case.release.basket_id, release__number__lte=case.release.number
    )
    newest = rows.order_by("-release__number").values_list("release", flat=True).first()
    points_now = IndexPoint.objects.filter(
        release=newest, on_official_version=True, official=True, series__in=DOMAINS
    )
    official = {
        (system, series): value
        for system, series, value in points_now.values_list("system", "series", "value")
    }
    found = rows.filter(release=newest, series__in=DOMAINS).values_list(
        "pk", "system", "series", "before", "after"
    )
    moves = {
        pk: (abs(after - before), system, series)
        for pk, system, series, before, after in found
        if (system, series) in official
    }
    if moves:
        largest = max(moves, key=lambda pk: moves[pk])
        row = Revision.objects.select_related("release", "system").defer(
            "release__bundle", "release__summary"
        )
        yield _revised(case, row.get(pk=largest), official[moves[largest][1:]])


def _revised(case: Case, row: Revision, stated: float) -> Worked:
    result = row.before + math.fsum(term["points"] for term in row.terms)
    said = _(
        "In release %(number)s the %(series)s value of %(system)s went from %(before)s to "
        "%(after)s. One thing after the other is put in place of the old, and the index is "
        "computed anew each time; what it moves by is the term."
    )
    terms = " ".join(signed(term["points"], 2) for term in row.terms)
    return Worked(
        ident="revision",
        title=_("Why a value moved between two releases"),
        said=said
        % {
            "number": row.release.number,
            "series": series_name(row.series).lower(),
            "system": case.systems[row.system.slug].name,
            "before": points(row.before, 2),
            "after": points(row.after, 2),
        },
        lines=(f"{points(row.before, 2)} {terms} = {points(result, 2)}",),
        result=result,
        stated=stated,
        where=_("the table of index points of that release"),
        unit=index_points(),
        grid=_terms(case, row),
    )


def _terms(case: Case, row: Revision) -> Grid:
    return Grid(
        caption=_("The six terms, each with the eval that made most of it."),
        heads=(_("Term"), _("Largest eval"), _("Of it"), _("Index points")),
        rows=tuple(
            (term_name(t["kind"]), *_largest(case, t), signed(t["points"], 3)) for t in row.terms
        ),
        numeric=(False, False, True, True),
        foot=(_("Sum"), "", "", signed(math.fsum(t["points"] for t in row.terms), 3)),
    )


def _largest(case: Case, term: Mapping[str, Any]) -> tuple[str, str]:
    rows = [r for r in term["evals"] if r["eval"] and r["points"]]
    if not rows:
        return ("", "")
    top = max(rows, key=lambda r: abs(r["points"]))
    return (case.evals[top["eval"]].name, signed(top["points"], 3))
