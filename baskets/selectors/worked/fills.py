"""A cell that was never measured, and how it was filled (section 3)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts.words import DOMAINS, fill_model, points, series_name
from baskets.engine import Imputed
from baskets.selectors.worked.case import Case, in_points
from baskets.selectors.worked.example import Grid, Worked

MENU = ("eval-mean", "one-dimensional", "one-factor", "two-factor")


@dataclass(frozen=True)
class Judged:
    """A domain's cross-validation: held-out RMSE in points of every model, and what was chosen.

    kin: the error with the residuals of a developer's neighbours smoothed in time, None where
    they are not used. inside: share of held-out cells within their 95% predictive interval.
    """

    domain: str
    chosen: str
    errors: tuple[float | None, ...]
    kin: float | None
    inside: float | None
    cells: int

    @property
    def labelled(self) -> list[tuple[str, float | None]]:
        """The errors of the menu beside their names."""
        return [(fill_model(name), error) for name, error in zip(MENU, self.errors, strict=True)]

    @property
    def mean(self) -> float | None:
        """The error of the eval's mean, which a model has to beat."""
        return self.errors[0]

    @property
    def error(self) -> float | None:
        """The error of what is used."""
        return self.kin if self.kin is not None else self.errors[MENU.index(self.chosen)]


def judged(report: Mapping[str, Any]) -> tuple[Judged, ...]:
    """The cross-validation of every domain that the release records."""
    return tuple(
        Judged(
            domain=domain,
            chosen=row["chosen"],
            errors=tuple(row["cv_rmse"].get(name) for name in MENU),
            kin=row.get("kin_rmse"),
            inside=row.get("interval_coverage"),
            cells=row["cells"],
        )
        for domain in DOMAINS
        if (row := report.get(domain))
    )


@dataclass(frozen=True)
class Filled:
    """A filled cell of a system on the frontier of its domain, in points."""

    system: str
    eval: str
    domain: str
    model: str
    points: float
    stderr: float | None


def filled_cells(case: Case) -> tuple[Filled, ...]:
    """In each domain the heaviest cell that was filled for the newest frontier system with one."""
    found = []
    for domain in DOMAINS:
        report = case.answer.imputation.get(domain)
        chosen = report.get("chosen", "") if isinstance(report, Mapping) else ""
        cell = _heaviest(case, domain)
        if cell is not None:
            system, name = case.systems[cell.system].name, case.evals[cell.eval].name
            found.append(Filled(system, name, domain, chosen, cell.points, cell.stderr))
    return tuple(found)


def _heaviest(case: Case, domain: str) -> Imputed | None:
    by_place = {(c.system, c.eval, c.basket): c for c in case.answer.imputed}
    measured = {score.eval for score in case.problem.scores}
    for step in reversed(case.steps(domain)):
        system = step.system.slug
        basket = case.in_force(system)
        shares = case.shares(domain, basket)
        gaps = [e for e in shares if e in measured and (system, e, basket.id) in by_place]
        if gaps:
            name = max(gaps, key=lambda e: (shares[e], e))
            return by_place[system, name, basket.id]
    return None


def of_means(case: Case) -> Iterator[Worked]:
    """A cell filled with its eval's mean, in a domain where that was chosen."""
    for domain in DOMAINS:
        report = case.answer.imputation.get(domain)
        if isinstance(report, Mapping) and report.get("chosen") == "eval-mean":
            cell = _heaviest(case, domain)
            if cell is not None:
                yield _mean(case, domain, cell)
                return


def _mean(case: Case, domain: str, cell: Imputed) -> Worked:
    item = case.problem.eval_by_id[cell.eval]
    ends = case.problem.fit_goalposts(cell.eval)
    seen = [
        (s.system, min(in_points(s.value, item.scale, ends), 100.0))
        for s in case.problem.scores
        if s.eval == cell.eval
    ]
    result = math.fsum(value for _system, value in seen) / len(seen)
    said = _(
        "In the domain %(domain)s cross-validation chose the eval's own mean: no model of "
        "abilities foretold held-out scores better. %(count)s systems were measured on %(eval)s, "
        "%(system)s was not."
    )
    return Worked(
        ident="fill-mean",
        title=_("A cell filled with the mean of its eval"),
        said=said
        % {
            "domain": series_name(domain),
            "count": len(seen),
            "eval": case.evals[cell.eval].name,
            "system": case.systems[cell.system].name,
        },
        lines=(
            f"({' + '.join(points(value) for _system, value in seen)}) / {len(seen)}"
            f" = {points(result, 3)}",
        ),
        result=result,
        stated=cell.points,
        where=_("the filled cells in the bundle"),
        digits=3,
        unit=_("points"),
        grid=Grid(
            caption=_("What the mean is taken of."),
            heads=(_("System"), _("Points")),
            rows=tuple((case.systems[s].name, points(value, 2)) for s, value in seen),
            numeric=(False, True),
        ),
    )
