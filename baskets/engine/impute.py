"""Filling missing cells (methodology section 3): `model`, `parental` or nothing for `strict`."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from baskets.engine.aggregate import Table
from baskets.engine.crossvalidate import Chosen, choose, eval_means, folds_of
from baskets.engine.observe import score_points
from baskets.engine.parental import parental_points
from baskets.engine.points import between
from baskets.engine.problem import Problem, domains_of
from baskets.engine.response import Array, Cells, Penalties, normal_equations

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

    points, stderr: (S, E) over `systems` and `evals`, under the goalposts of the fit. Filled
    points stay within [0, 100]: a log eval may stand above 100, and then enters the fit as 100,
    because the ceiling is the last level that anyone declared and a sigmoid has no other top;
    and the bounds of section 3 promise that a missing cell lies between 0 and 100.
    """

    domain: str
    systems: tuple[str, ...]
    evals: tuple[str, ...]
    cells: Cells
    chosen: Chosen
    points: Array
    stderr: Array
    noise: float
    covariance: Array | None = field(repr=False)


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
                "residual": fit.noise,
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
    points, stderr, noise, covariance = _predictions(cells, chosen)
    return DomainFit(domain, systems, evals, cells, chosen, points, stderr, noise, covariance)


def _predictions(cells: Cells, chosen: Chosen) -> tuple[Array, Array, float, Array | None]:
    """Points and standard errors (S, E), residual deviation in points, parameter covariance."""
    shape = (cells.n_systems, cells.n_evals)
    if not len(cells.y):
        return np.zeros(shape), np.zeros(shape), 0.0, None
    everything = np.ones((1, len(cells.y)))
    if chosen.parameters is None:
        means = eval_means(cells, everything)[0]
        miss = cells.y - means[cells.eval]
        noise = float(100 * np.sqrt((miss**2).sum() / max(len(miss) - cells.n_evals, 1)))
        count = np.maximum(np.bincount(cells.eval, minlength=cells.n_evals), 1)
        stderr = noise * np.sqrt(1 + 1 / count)
        return (
            np.tile(100 * means, (shape[0], 1)),
            np.tile(stderr, (shape[0], 1)),
            noise,
            None,
        )
    parameters = chosen.parameters
    equations = normal_equations(cells, parameters, chosen.penalties, everything)
    inverse: Array = np.asarray(np.linalg.inv(equations.dense()))
    free = normal_equations(cells, parameters, Penalties(0, 0, 0, 0), everything).dense()
    miss = cells.y - parameters.grid()[0][cells.system, cells.eval]
    spent = float(np.einsum("ij,ji->", inverse, free))
    noise = float(np.sqrt((miss**2).sum() / max(len(miss) - spent, 1.0)))
    grid = parameters.grid()[0]
    spread = noise * np.sqrt(_leverage(cells, chosen, inverse) * (grid * (1 - grid)) ** 2 + 1)
    return 100 * grid, 100 * spread, 100 * noise, noise**2 * inverse


def _leverage(cells: Cells, chosen: Chosen, inverse: Array) -> Array:
    """x' H^-1 x of every cell's linear predictor (S, E), x its gradient."""
    parameters = chosen.parameters
    assert parameters is not None
    u, v = parameters.u[0], parameters.v[0]
    s, q = u.shape
    e, r = v.shape[0], q + 1
    x = np.concatenate([u, np.ones((s, 1))], axis=1)
    top = s * q
    systems = inverse[:top, :top].reshape(s, q, s, q)[np.arange(s), :, np.arange(s), :]
    evals = inverse[top:, top:].reshape(e, r, e, r)[np.arange(e), :, np.arange(e), :]
    cross = inverse[:top, top:].reshape(s, q, e, r)
    own = np.einsum("ea,sab,eb->se", v, systems, v)
    items = np.einsum("sa,eab,sb->se", x, evals, x)
    both = np.einsum("ea,saeb,sb->se", v, cross, x)
    return np.asarray(own + items + 2 * both)


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
        moved = between(fit.points[:, column[name]], scale=item.scale, old=old, new=new)
        for row, system in enumerate(fit.systems):
            if table.observed[position, problem.row_of[system]]:
                continue
            points = round(float(moved[row]), FILL_DIGITS)
            stderr = round(float(fit.stderr[row, column[name]]), FILL_DIGITS)
            cells.append(Imputed(system, name, table.version.basket.id, points, stderr))
    return cells
