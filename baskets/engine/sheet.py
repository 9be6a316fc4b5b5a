"""What takes two systems apart, without the whole problem (methodology sections 6 and 7).

A problem of a thousand systems is too large to be read for a page about two of them. Its frame
says once how points become index points in every series of every version; a system's sheet holds
the system's own cells. On version j, with o the profile that the version counts from (the mean of
its link's overlap, or the base), path the parts of the versions before it:

    I_s - 100 = path_j + sum_e factor_je (p_se - o_je),   factor_je = slope_j w_je

so what each eval adds to I_s - I_t is the difference of two such sums, the same terms as those of
contributions.py. Only for the points scale and the arithmetic mean of domains; for a balanced
series of one version the terms of its domains are weighted by logarithmic means.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from baskets.engine.aggregate import Array, Node, Table, mean_over, version_of
from baskets.engine.answer import Answer
from baskets.engine.columns import Ints
from baskets.engine.contributions import log_mean
from baskets.engine.errors import UndefinedComparison
from baskets.engine.measurement import measurement_errors
from baskets.engine.observe import filled_table, observed_table
from baskets.engine.points import all_points, slopes_at
from baskets.engine.problem import Problem

# (basket, eval)
Place = tuple[str, str]
Terms = dict[Place, float]
Json = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """A score that a release took: in the eval's unit, and on the scale of points.

    points, stderr: on the goalposts under which the eval enters the fit, None where it has none;
    stderr is in points. known: whether the error was published or follows from the items.
    """

    eval: str
    value: float
    points: float | None
    stderr: float | None
    known: bool


@dataclass(frozen=True)
class Sheet:
    """A system's cells: on the version in force for it by eval, and every score taken for it."""

    basket: str
    points: Mapping[str, float]
    cells: tuple[Cell, ...]


def frame_of(problem: Problem, answer: Answer) -> Json:
    """The frame as JSON; without series where the method has no such sums.

    `series`: per series and basket the `evals`, their `factors`, the profile counted `from` and
    the `path` as [basket, eval, points]. `shares`: per basket the weight of each domain.
    """
    method = problem.method
    if method.scale != "points" or method.domain_mean != "arithmetic":
        return {"series": {}, "shares": {}}
    tables = _tables(problem, answer)
    series: dict[str, dict[str, Json]] = {}
    for position, table in enumerate(tables):
        for node in table.version.nodes:
            if (node.series, table.version.basket.id) in answer.level_of:
                part = _part(problem, answer, tables, position, node)
                # A cell of the profile that nobody measured or filled leaves nothing to take apart.
                numbers = [*part["from"], *(points for _basket, _eval, points in part["path"])]
                if all(map(math.isfinite, numbers)):
                    series.setdefault(node.series, {})[table.version.basket.id] = part
    shares = {
        table.version.basket.id: {node.series: node.share for node in table.version.domains}
        for table in tables
    }
    return {"series": series, "shares": shares}


def _tables(problem: Problem, answer: Answer) -> list[Table]:
    versions = (version_of(problem, basket) for basket in problem.baskets)
    return [filled_table(problem, observed_table(problem, v), answer.filled) for v in versions]


def _part(
    problem: Problem, answer: Answer, tables: Sequence[Table], position: int, node: Node
) -> Json:
    """One series on one version: its own sum, and the path through the versions before it."""
    table = tables[position]
    basket = table.version.basket.id
    level = answer.level_of[node.series, basket]
    below = _profile(problem, table, level.overlap or (problem.method.base,))
    path: list[list[Any]] = []
    if level.overlap:
        earlier = tables[position - 1]
        before = next(n for n in earlier.version.nodes if n.series == node.series)
        part = _part(problem, answer, tables, position - 1, before)
        top = _profile(problem, earlier, level.overlap)
        path = [*part["path"]]
        rows = zip(part["evals"], part["factors"], part["from"], before.evals, strict=True)
        name = earlier.version.basket.id
        path += [[name, item, f * (float(top[e]) - start)] for item, f, start, e in rows]
    return {
        "evals": [table.version.evals[e] for e in node.evals],
        "factors": [level.slope * weight for weight in node.weights],
        "from": [float(below[e]) for e in node.evals],
        "path": path,
    }


def _profile(problem: Problem, table: Table, systems: Sequence[str]) -> Array:
    """Mean points (E,) over some systems; NaN where one of them has none."""
    return mean_over(table.points[:, :, 0].T, [problem.row_of[name] for name in systems])


def sheets_of(problem: Problem, answer: Answer) -> dict[str, Json]:
    """The sheet of every system as JSON, read back by `sheet_from`."""
    tables = {t.version.basket.id: t for t in _tables(problem, answer)}
    cells = _cells(problem)
    found = {}
    for row, system in enumerate(problem.systems):
        table = tables[problem.version_in_force(system).id]
        column = table.points[:, row, 0].tolist()
        pairs = zip(table.version.evals, column, strict=True)
        found[system.id] = {
            "basket": table.version.basket.id,
            "points": {name: value for name, value in pairs if not math.isnan(value)},
            "cells": cells.get(system.id, []),
        }
    return found


def _cells(problem: Problem) -> dict[str, list[list[Any]]]:
    """Every score by system, in the order of evals: [eval, value, points, stderr, known]."""
    points, stderr = _in_points(problem)
    columns = zip(points.tolist(), stderr.tolist(), strict=True)
    found: dict[str, list[list[Any]]] = {}
    for score, (value, error) in zip(problem.scores, columns, strict=True):
        known = score.stderr is not None or score.n_items is not None
        row = [score.eval, score.value, _or_none(value), _or_none(error), known]
        found.setdefault(score.system, []).append(row)
    return found


def _in_points(problem: Problem) -> tuple[Array, Array]:
    """Points and standard errors in points (n,) of every score; NaN without usable goalposts."""
    columns, errors = problem.columns, measurement_errors(problem)
    points, stderr = np.full((2, len(problem.scores)), np.nan)
    for place, item in enumerate(problem.evals):
        entries, goalposts = columns.of(place), problem.fit_goalposts(item.id)
        if not (len(entries) and goalposts.usable(item.scale)):
            continue
        values, where = columns.value[entries], partial(_where, problem, entries)
        points[entries] = all_points(values, scale=item.scale, goalposts=goalposts, at=where)
        slopes = slopes_at(values, scale=item.scale, goalposts=goalposts)
        stderr[entries] = errors.stderr[entries] * slopes
    return points, stderr


def _where(problem: Problem, entries: Ints, n: int) -> str:
    score = problem.scores[entries[n]]
    return f"score of {score.system} on {score.eval}"


def _or_none(number: float) -> float | None:
    return number if math.isfinite(number) else None


def sheet_from(obj: Mapping[str, Any]) -> Sheet:
    """The sheet that `sheets_of` wrote."""
    return Sheet(obj["basket"], obj["points"], tuple(Cell(*row) for row in obj["cells"]))


def terms_between(
    frame: Mapping[str, Any],
    one: Sheet,
    other: Sheet,
    *,
    series: str,
    values: Mapping[str, tuple[float, float]],
) -> Terms:
    """What each eval of each version adds to the index of one system less that of another.

    values: by series the index of the one and of the other, which must both exist. Refuses as
    `contributions` does, and where the frame has no such series.
    """
    if series != "balanced":
        return _less(_along(frame, one, series), _along(frame, other, series))
    if one.basket != other.basket:
        raise UndefinedComparison("the balanced series of two versions has different weights")
    shares = frame["shares"].get(one.basket, {})
    whole, terms = log_mean(*values["balanced"]), Terms()
    for domain, share in shares.items():
        if domain not in values or min(values[domain]) <= 0:
            raise UndefinedComparison(f"a system has no positive value in {domain}")
        part = _less(_along(frame, one, domain), _along(frame, other, domain))
        scale = whole * share / log_mean(*values[domain])
        terms |= {place: scale * points for place, points in part.items()}
    return terms


def _along(frame: Mapping[str, Any], sheet: Sheet, series: str) -> Terms:
    """What each eval adds to a system's index less 100."""
    part = frame["series"].get(series, {}).get(sheet.basket)
    if part is None or any(name not in sheet.points for name in part["evals"]):
        raise UndefinedComparison(f"the system has no sum for {series} on {sheet.basket}")
    terms = {(basket, name): points for basket, name, points in part["path"]}
    rows = zip(part["evals"], part["factors"], part["from"], strict=True)
    for name, factor, start in rows:
        terms[sheet.basket, name] = factor * (sheet.points[name] - start)
    return terms


def _less(one: Terms, other: Terms) -> Terms:
    places = dict.fromkeys([*one, *other])
    return {place: one.get(place, 0.0) - other.get(place, 0.0) for place in places}
