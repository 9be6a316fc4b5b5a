"""Filling missing cells (methodology section 3): `model`, `parental` or nothing for `strict`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baskets.engine.aggregate import Table
from baskets.engine.crossvalidate import Chosen, choose, folds_of
from baskets.engine.observe import score_points
from baskets.engine.parental import parental_points
from baskets.engine.parts import domains_of
from baskets.engine.points import between, stretch
from baskets.engine.predict import Predictions, predict
from baskets.engine.problem import Problem
from baskets.engine.response import Cells, Penalties

FILL_DIGITS = 6


@dataclass(frozen=True)
class Imputed:
    """A filled cell of a basket version, in that version's points; `stderr` in points too."""

    system: str
    eval: str
    basket: str
    points: float
    stderr: float | None


@dataclass(frozen=True)
class DomainFit:
    """The fitted model of one domain: its rows and columns, the cells, what was chosen.

    Predictions are (S, E) over `systems` and `evals`, under the goalposts of the fit. They stay
    within [0, 100]: a log eval may stand above 100, and then enters the fit as 100, because the
    ceiling is the last level that anyone declared and a sigmoid has no other top; and the bounds
    of section 3 promise that a missing cell lies between 0 and 100.
    """

    domain: str
    systems: tuple[str, ...]
    evals: tuple[str, ...]
    cells: Cells
    chosen: Chosen
    predicted: Predictions


@dataclass(frozen=True)
class Fill:
    """Every filled cell of the baskets, and the models behind them."""

    imputed: tuple[Imputed, ...]
    fits: tuple[DomainFit, ...] = ()

    def report(self) -> dict[str, object]:
        """Per domain: the model chosen, held-out RMSE in points per menu entry, cells used."""
        return {
            fit.domain: {
                "chosen": fit.chosen.entry,
                "cv_rmse": dict(fit.chosen.rmse),
                "cells": len(fit.cells.y),
                "systems": len(fit.systems),
                "evals": len(fit.evals),
                "residual": fit.predicted.noise,
            }
            for fit in self.fits
        }


def fill(problem: Problem, tables: Sequence[Table]) -> Fill:
    """Fill the missing basket cells of every system observed in the cell's domain."""
    if problem.method.imputation == "strict":
        return Fill(())
    if problem.method.imputation == "parental":
        return Fill(tuple(cell for table in tables for cell in _siblings(problem, table)))
    fits = fit_domains(problem, tables)
    cells = [cell for table in tables for fit in fits for cell in _of_version(problem, table, fit)]
    return Fill(tuple(cells), fits)


def fit_domains(problem: Problem, tables: Sequence[Table]) -> tuple[DomainFit, ...]:
    """The fitted model of every domain of the baskets."""
    wanted = {name for table in tables for name in table.version.evals}
    domains = domains_of(problem.eval_by_id[name] for name in wanted)
    return tuple(fit_domain(problem, domain, wanted) for domain in domains)


def _siblings(problem: Problem, table: Table) -> list[Imputed]:
    """The parental fills of one version."""
    whole = parental_points(table, problem.row_of[problem.method.base])
    version = table.version
    return [
        Imputed(system.id, name, version.basket.id, round(points, FILL_DIGITS), None)
        for row, name in enumerate(version.evals)
        for column, system in enumerate(problem.systems)
        if not table.observed[row, column] and not np.isnan(points := float(whole[row, column, 0]))
    ]


def fit_domain(problem: Problem, domain: str, wanted: set[str]) -> DomainFit:
    """Fit the menu to every usable observed cell of a domain.

    Evals that a basket uses but nobody was measured on get a column too: the model's prior.
    """
    usable = {
        e.id
        for e in problem.evals
        if e.domain == domain and problem.fit_goalposts(e.id).usable(e.scale)
    }
    scores = [s for s in problem.scores if s.eval in usable]
    evals = tuple(sorted({s.eval for s in scores} | (wanted & usable)))
    systems = tuple(sorted({s.system for s in scores}))
    column, row = (
        {e: n for n, e in enumerate(evals)},
        {s: n for n, s in enumerate(systems)},
    )
    shares = [min(score_points(problem, s).points, 100.0) / 100 for s in scores]
    cells = Cells(
        system=np.array([row[s.system] for s in scores], dtype=np.intp),
        eval=np.array([column[s.eval] for s in scores], dtype=np.intp),
        y=np.array(shares, dtype=np.float64),
        n_systems=len(systems),
        n_evals=len(evals),
    )
    chosen = choose(cells, folds_of([(s.system, s.eval) for s in scores]), Penalties())
    return DomainFit(domain, systems, evals, cells, chosen, predict(cells, chosen))


def _of_version(problem: Problem, table: Table, fit: DomainFit) -> list[Imputed]:
    """The fit's fills of one version's missing cells, under that version's goalposts."""
    column = {name: n for n, name in enumerate(fit.evals)}
    cells = []
    for position, name in enumerate(table.version.evals):
        if name not in column:
            continue
        item = problem.eval_by_id[name]
        old, new = (
            problem.fit_goalposts(name),
            problem.goalposts(table.version.basket, name),
        )
        raw = fit.predicted.points[:, column[name]]
        moved = between(raw, scale=item.scale, old=old, new=new)
        errors = fit.predicted.stderr[:, column[name]] * stretch(
            raw, scale=item.scale, old=old, new=new
        )
        for row, system in enumerate(fit.systems):
            if table.observed[position, problem.row_of[system]]:
                continue
            points = round(float(moved[row]), FILL_DIGITS)
            stderr = round(float(errors[row]), FILL_DIGITS)
            cells.append(Imputed(system, name, table.version.basket.id, points, stderr))
    return cells
