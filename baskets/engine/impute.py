"""Filling missing cells (methodology section 3): `model`, `parental` or nothing for `strict`."""

import hashlib
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from baskets.engine.aggregate import Table
from baskets.engine.crossvalidate import Chosen, choose
from baskets.engine.kin import Kin
from baskets.engine.measurement import MeasurementErrors, measurement_errors
from baskets.engine.parental import parental_points
from baskets.engine.parts import domains_of
from baskets.engine.points import all_points, between, slopes_at, stretch
from baskets.engine.predict import Predictions, predict
from baskets.engine.problem import Problem
from baskets.engine.response import Cells, Ints

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
class DomainTable:
    """What a domain's model is fitted to: names of rows and columns, cells, kin of the rows."""

    systems: tuple[str, ...]
    evals: tuple[str, ...]
    cells: Cells
    kin: Kin
    domain: str = ""

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all that the fit depends on."""
        kernel, cells = self.kin.kernel, self.cells
        arrays = (kernel.data, kernel.indices, kernel.indptr, cells.system, cells.eval, cells.y)
        found = hashlib.sha256(repr((self.domain, self.systems, self.evals)).encode())
        for array in (*arrays, *(() if cells.error is None else (cells.error,))):
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()


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


# Fits by the SHA-256 of their tables.
Known = MutableMapping[str, DomainFit]


@dataclass(frozen=True)
class Fill:
    """Every filled cell of the baskets, and the models behind them."""

    imputed: tuple[Imputed, ...]
    fits: tuple[DomainFit, ...] = ()

    def report(self) -> dict[str, object]:
        """Per domain: the model chosen, held-out RMSE in points per menu entry, cells used.

        interval_coverage is the share of held-out cells inside the 95% interval of the fit
        without them; `judged` the number of cells that were held out once. kin_rmse is that of
        the chosen model with kin's residuals, None with kin_shrink where they are not used.
        """
        return {
            fit.domain: {
                "chosen": fit.chosen.entry,
                "cv_rmse": dict(fit.chosen.rmse),
                "kin_rmse": fit.chosen.kin_rmse,
                "kin_shrink": fit.chosen.shrink,
                "penalties": vars(fit.chosen.penalties).copy(),
                "interval_coverage": fit.predicted.coverage,
                "judged": 0 if fit.chosen.trial is None else len(fit.chosen.trial.cells.y),
                "cells": len(fit.cells.y),
                "systems": len(fit.systems),
                "evals": len(fit.evals),
                "residual": fit.predicted.noise,
            }
            for fit in self.fits
        }


def fill(problem: Problem, tables: Sequence[Table], *, known: Known | None = None) -> Fill:
    """Fill the missing basket cells of every system observed in the cell's domain.

    known: as in `fit_domains`.
    """
    if problem.method.imputation == "strict":
        return Fill(())
    if problem.method.imputation == "parental":
        return Fill(tuple(cell for table in tables for cell in _siblings(problem, table)))
    fits = fit_domains(problem, tables, known=known)
    cells = [cell for table in tables for fit in fits for cell in _of_version(problem, table, fit)]
    return Fill(tuple(cells), fits)


def fit_domains(
    problem: Problem, tables: Sequence[Table], *, known: Known | None = None
) -> tuple[DomainFit, ...]:
    """The fitted model of every domain of the baskets in which a cell is missing.

    known: fits by `DomainTable.sha256`, looked into before a table is fitted and added to after:
    weights are no part of a fit, so that versions which differ in nothing else share theirs.
    """
    wanted = {name for table in tables for name in table.version.evals}
    domains = domains_of(problem.eval_by_id[name] for name in wanted)
    gaps = [domain for domain in domains if any(_has_gaps(table, domain) for table in tables)]
    errors = measurement_errors(problem) if gaps else None
    return tuple(fit_domain(problem, domain, wanted, errors=errors, known=known) for domain in gaps)


def _has_gaps(table: Table, domain: str) -> bool:
    nodes = [node for node in table.version.domains if node.domain == domain]
    return any(not table.observed[list(node.evals)].all() for node in nodes)


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


def fit_domain(
    problem: Problem,
    domain: str,
    wanted: set[str],
    *,
    errors: MeasurementErrors | None = None,
    known: Known | None = None,
) -> DomainFit:
    """Fit the menu to every usable observed cell of a domain; as `domain_table`, `fit_domains`."""
    table = domain_table(problem, domain, wanted, errors=errors)
    if known is not None and table.sha256 in known:
        return known[table.sha256]
    cells, kin = table.cells, table.kin
    chosen = choose(cells, table.systems, table.evals, kin)
    predicted = predict(cells, chosen, kin)
    found = DomainFit(domain, table.systems, table.evals, cells, chosen, predicted)
    if known is not None:
        known[table.sha256] = found
    return found


def domain_table(
    problem: Problem,
    domain: str,
    wanted: set[str],
    *,
    errors: MeasurementErrors | None = None,
) -> DomainTable:
    """Every usable observed cell of a domain, as a fit takes it.

    Evals that a basket uses but nobody was measured on get a column too: the model's prior.
    errors: of the scores, where they are at hand already.
    """
    usable = [
        e.id
        for e in problem.evals
        if e.domain == domain and problem.fit_goalposts(e.id).usable(e.scale)
    ]
    columns = problem.columns
    entries = {name: columns.of(problem.place_of[name]) for name in usable}
    evals = tuple(sorted(name for name in usable if len(entries[name]) or name in wanted))
    every = [columns.system[entries[name]] for name in evals]
    rows = np.unique(np.concatenate(every)) if every else np.zeros(0, dtype=np.intp)
    known = [problem.systems[row] for row in rows]
    errors = measurement_errors(problem) if errors is None else errors
    cells = _cells(problem, rows, {name: entries[name] for name in evals}, errors)
    kin = Kin.of(
        [system.developer for system in known],
        [system.released_on.toordinal() if system.released_on else None for system in known],
    )
    return DomainTable(tuple(system.id for system in known), evals, cells, kin, domain)


def _cells(
    problem: Problem, rows: Ints, entries: Mapping[str, Ints], errors: MeasurementErrors
) -> Cells:
    """Scores as shares with their errors as shares, both under the goalposts of the fit.

    rows: the systems of the fit; entries: of its evals, in order, the scores.
    """
    columns, shares, stderr = problem.columns, [], []
    for name, found in entries.items():
        scale, goalposts = problem.eval_by_id[name].scale, problem.fit_goalposts(name)
        values, at = columns.value[found], partial(_where, problem, found)
        points = all_points(values, scale=scale, goalposts=goalposts, at=at)
        slopes = slopes_at(values, scale=scale, goalposts=goalposts)
        shares.append(np.minimum(points, 100.0) / 100)
        stderr.append(slopes * errors.stderr[found] / 100)
    count = [len(found) for found in entries.values()]
    place = np.full(len(problem.systems), -1, dtype=np.intp)
    place[rows] = np.arange(len(rows))
    return Cells(
        system=place[columns.system[np.concatenate([*entries.values(), rows[:0]])]],
        eval=np.repeat(np.arange(len(count)), count),
        y=np.concatenate([*shares, np.zeros(0)]),
        n_systems=len(rows),
        n_evals=len(count),
        error=np.concatenate([*stderr, np.zeros(0)]),
    )


def _where(problem: Problem, entries: Ints, n: int) -> str:
    score = problem.scores[entries[n]]
    return f"score of {score.system} on {score.eval}"


def _of_version(problem: Problem, table: Table, fit: DomainFit) -> list[Imputed]:
    """The fit's fills of one version's missing cells, under that version's goalposts."""
    column = {name: n for n, name in enumerate(fit.evals)}
    places = np.array([problem.row_of[system] for system in fit.systems], dtype=np.intp)
    basket = table.version.basket
    cells = []
    for position, name in enumerate(table.version.evals):
        if name not in column:
            continue
        item = problem.eval_by_id[name]
        old, new = problem.fit_goalposts(name), problem.goalposts(basket, name)
        missing = np.flatnonzero(~table.observed[position, places])
        raw = fit.predicted.points[missing, column[name]]
        moved = between(raw, scale=item.scale, old=old, new=new)
        errors = fit.predicted.stderr[missing, column[name]] * stretch(
            raw, scale=item.scale, old=old, new=new
        )
        points = np.round(moved, FILL_DIGITS).tolist()
        stderr = np.round(errors, FILL_DIGITS).tolist()
        cells += [
            Imputed(fit.systems[row], name, basket.id, value, error)
            for row, value, error in zip(missing.tolist(), points, stderr, strict=True)
        ]
    return cells
