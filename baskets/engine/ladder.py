"""The like-for-like ladder: a developer's consecutive generations on shared evals (section 12).

Each generation is represented by one system, and two of them are compared only on evals that
both were measured on, among those that the version in force for the newer system counts at the
node. With that version's goalposts and weights, sums over the shared evals,

    difference = sum w (p_new - p_old) / sum w
    s.e.^2     = sum w^2 (e_new^2 + e_old^2) / (sum w)^2,  interval = difference -+ 1.96 s.e.

in goalpost points: no fill, no link and no base enters. The interval is in closed form, because
the measurement errors of section 6 are independent from cell to cell; like every other interval
it holds sampling error only.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from baskets.engine.answer import Answer
from baskets.engine.measurement import MeasurementError, measurement_errors
from baskets.engine.parts import Basket, System, domains_of
from baskets.engine.points import slope_at, to_points
from baskets.engine.problem import Problem
from baskets.engine.trend import GenerationValue, generations

FEWEST_SHARED = 2
REACH = 1.96

Errors = Mapping[tuple[str, str], MeasurementError]


@dataclass(frozen=True)
class SharedEval:
    """An eval that both were measured on: points, standard errors, share of the shared weight."""

    eval: str
    weight: float
    older: float
    newer: float
    older_stderr: float
    newer_stderr: float


@dataclass(frozen=True)
class Rung:
    """Two consecutive generations of one developer in one series.

    older_system, newer_system: each generation's best official system in the series, its best
    provisional one where it has none (`provisional` then holds), None where the series has no
    value for any of its systems. difference, low, high: goalpost points, newer less older.
    weight_shared: the share of the node's weight that the shared evals have. reason, where there
    is no difference: "no-value" (a generation without a system), "too-few-shared" (fewer than
    two evals), "domain-missing" (a headline would need a shared eval in every domain).
    """

    developer: str
    series: str
    older_generation: str
    newer_generation: str
    older_system: str | None
    newer_system: str | None
    basket: str | None
    provisional: bool
    difference: float | None
    low: float | None
    high: float | None
    shared: int
    weight_shared: float
    evals: tuple[SharedEval, ...]
    reason: str | None


def ladder(problem: Problem, answer: Answer, *, errors: Errors | None = None) -> tuple[Rung, ...]:
    """Every rung of the headline and the domains, by series, developer and time.

    A developer's generations follow each other by the first release date in them, then by name;
    a generation without a dated system has no place in the order and is left out. `errors` are
    those of `measurement_errors` where they are known already.
    """
    errors = measurement_errors(problem) if errors is None else errors
    counted = {name for basket in problem.baskets for name in basket.weights}
    domains = domains_of(problem.eval_by_id[name] for name in counted)
    order = _in_order(problem.systems)
    rungs: list[Rung] = []
    for series in ("headline", *domains):
        best = {
            (found.developer, found.generation): found
            for found in generations(answer.points, problem.systems, series)
        }
        rungs += [
            _rung(problem, errors, series, (developer, older, newer), best)
            for developer, names in order.items()
            for older, newer in pairwise(names)
        ]
    return tuple(rungs)


def _in_order(systems: tuple[System, ...]) -> dict[str, list[str]]:
    """The generations of every developer, by first release."""
    first: dict[tuple[str, str], date] = {}
    for system in systems:
        if system.developer and system.generation and system.released_on:
            key = (system.developer, system.generation)
            first[key] = min(first.get(key, system.released_on), system.released_on)
    order: dict[str, list[str]] = {}
    for developer, _, generation in sorted((key[0], day, key[1]) for key, day in first.items()):
        order.setdefault(developer, []).append(generation)
    return order


def _rung(
    problem: Problem,
    errors: Errors,
    series: str,
    step: tuple[str, str, str],
    best: Mapping[tuple[str, str], GenerationValue],
) -> Rung:
    """One rung; step: developer, older and newer generation."""
    developer, *pair = step
    older, newer = (best.get((developer, name)) for name in pair)
    basket = next((b for b in problem.baskets if newer and b.id == newer.basket), None)
    evals: tuple[SharedEval, ...] = ()
    covered, reason = 0.0, "no-value"
    if older and newer and basket:
        node = _node(problem, basket, series)
        evals = _shared(problem, errors, basket, node, (older.system, newer.system))
        covered = math.fsum(node[row.eval] for row in evals) / math.fsum(node.values())
        reason = _reason(problem, node, evals)
    found = (None, None, None) if reason else _compared(evals)
    return Rung(
        developer=developer,
        series=series,
        older_generation=pair[0],
        newer_generation=pair[1],
        older_system=older.system if older else None,
        newer_system=newer.system if newer else None,
        basket=basket.id if basket else None,
        provisional=bool((older and older.provisional) or (newer and newer.provisional)),
        difference=found[0],
        low=found[1],
        high=found[2],
        shared=len(evals),
        weight_shared=covered,
        evals=evals,
        reason=reason or None,
    )


def _node(problem: Problem, basket: Basket, series: str) -> dict[str, float]:
    """The weights of a version's evals in a series, by eval."""
    return {
        name: weight
        for name, weight in sorted(basket.weights.items())
        if series in ("headline", problem.eval_by_id[name].domain)
    }


def _shared(
    problem: Problem,
    errors: Errors,
    basket: Basket,
    node: Mapping[str, float],
    pair: tuple[str, str],
) -> tuple[SharedEval, ...]:
    """The evals of a node on which both systems were measured, weights made to sum to 1."""
    both = [name for name in node if all((s, name) in problem.score_by_cell for s in pair)]
    total = math.fsum(node[name] for name in both)
    rows = []
    for name in both:
        older, newer = (_placed(problem, errors, basket, system, name) for system in pair)
        rows.append(SharedEval(name, node[name] / total, older[0], newer[0], older[1], newer[1]))
    return tuple(rows)


def _placed(
    problem: Problem, errors: Errors, basket: Basket, system: str, name: str
) -> tuple[float, float]:
    """Points and standard error in points of one score under a version's goalposts."""
    score, scale = problem.score_by_cell[system, name], problem.eval_by_id[name].scale
    goalposts = problem.goalposts(basket, name)
    points = to_points(score.value, scale=scale, goalposts=goalposts).points
    slope = slope_at(score.value, scale=scale, goalposts=goalposts)
    return points, slope * errors[system, name].stderr


def _compared(evals: tuple[SharedEval, ...]) -> tuple[float, float, float]:
    """Newer less older with its 95% interval."""
    difference = math.fsum(row.weight * (row.newer - row.older) for row in evals)
    errors = (row.weight * math.hypot(row.older_stderr, row.newer_stderr) for row in evals)
    reach = REACH * math.hypot(*errors)
    return difference, difference - reach, difference + reach


def _reason(problem: Problem, node: Mapping[str, float], evals: tuple[SharedEval, ...]) -> str:
    """Why two generations cannot be compared; empty where they can."""
    if len(evals) < FEWEST_SHARED:
        return "too-few-shared"
    shared = {problem.eval_by_id[row.eval].domain for row in evals}
    wanted = {problem.eval_by_id[name].domain for name in node}
    return "" if shared == wanted else "domain-missing"
