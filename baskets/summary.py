"""A release's summary: the few facts that pages and alerts ask for on every request.

Made once from the answer, stored with the release; slugs are the keys and points the unit.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from baskets.engine import (
    Answer,
    EngineError,
    Point,
    Problem,
    Replicates,
    contributions,
    frontier,
    generations,
    round_floats,
    safety_gap,
)
from baskets.engine.measurement import measurement_errors

HEADLINES = ("headline", "balanced")
GAP_DOMAINS = ("safety", "alignment")
LATEST = 4


def summarise(
    problem: Problem,
    answer: Answer,
    versions: Mapping[str, int],
    replicates: Replicates | None,
) -> dict[str, Any]:
    """The summary; `versions` gives the number of each basket id of the problem.

    Each step of a frontier and each mover is compared with the system before it on paired
    replicates: `difference` has the 95% interval and the probability of being ahead, or is None
    where there are no replicates. `errors` counts the measured cells by what their error rests on.
    """
    domains = sorted({item.domain for item in problem.evals})
    series = [*HEADLINES, *domains]
    official = {
        name: sorted(p.system for p in answer.points if p.series == name and p.official)
        for name in series
    }
    found = {name: _series(problem, answer, name, replicates) for name in series}
    summary = {
        "made_with": dict(answer.made_with),
        "systems": len({score.system for score in problem.scores}),
        "evals": len({score.eval for score in problem.scores}),
        "scores": len(problem.scores),
        "official": official,
        "series": found,
        "movers": _movers(problem, answer, official, found, replicates),
        "safety_gap": {domain: _gap(problem, answer, domain) for domain in GAP_DOMAINS},
        "imputation": dict(answer.imputation),
        "errors": _bases(problem),
        "basket_changes": [
            {"version": versions[basket.id], "effective_on": _iso(basket.effective_on)}
            for basket in problem.baskets
        ],
    }
    return cast(dict[str, Any], round_floats(summary, 6))


def _bases(problem: Problem) -> dict[str, int]:
    """How many cells of the baskets' evals have which kind of error; none without intervals."""
    if not problem.method.replicates:
        return {}
    counted = {name for basket in problem.baskets for name in basket.weights}
    found = measurement_errors(problem).values()
    return dict(Counter(error.basis for error in found if error.eval in counted))


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _officials(answer: Answer, series: str) -> dict[str, Point]:
    return {p.system: p for p in answer.points if p.series == series and p.official}


def _difference(
    replicates: Replicates | None, series: str, system: str, against: str | None
) -> dict[str, float] | None:
    if replicates is None or against is None:
        return None
    found = replicates.compare(system=system, against=against, series=series)
    return {"low": found.low, "high": found.high, "ahead": found.ahead}


def _series(
    problem: Problem, answer: Answer, series: str, replicates: Replicates | None
) -> dict[str, Any]:
    points = _officials(answer, series)
    steps: list[dict[str, Any]] = []
    for step in frontier(answer.points, problem.systems, series):
        before = steps[-1]["system"] if steps else None
        steps.append(
            {
                "system": step.system,
                "released_on": _iso(step.released_on),
                "value": step.value,
                "low": points[step.system].low,
                "high": points[step.system].high,
                "previous": step.previous,
                "previous_system": before,
                "difference": _difference(replicates, series, step.system, before),
            }
        )
    return {
        "frontier": steps,
        "generations": [
            {
                "developer": row.developer,
                "generation": row.generation,
                "system": row.system,
                "released_on": _iso(row.released_on),
                "value": row.value,
                "low": row.low,
                "high": row.high,
                "official": not row.provisional,
            }
            for row in generations(answer.points, problem.systems, series)
        ],
    }


def _movers(
    problem: Problem,
    answer: Answer,
    official: Mapping[str, Sequence[str]],
    found: Mapping[str, Mapping[str, Any]],
    replicates: Replicates | None,
) -> list[dict[str, Any]]:
    """The newest official systems against the frontier before each, in headline and domains."""
    released = {s.id: s.released_on for s in problem.systems if s.released_on}
    series = [name for name in found if name != "balanced"]
    entered = {system for name in series for system in official[name] if system in released}
    newest = sorted(entered, key=lambda system: (released[system], system), reverse=True)[:LATEST]
    points = {name: _officials(answer, name) for name in series}
    rows = []
    for system in newest:
        for name in series:
            day = released[system].isoformat()
            before = [step for step in found[name]["frontier"] if step["released_on"] < day]
            if system not in points[name] or not before:
                continue
            row = _mover(problem, answer, points[name][system], before[-1], day)
            row["difference"] = _difference(replicates, name, system, row["against"])
            rows.append(row)
    return rows


def _mover(
    problem: Problem, answer: Answer, point: Point, before: Mapping[str, Any], day: str
) -> dict[str, Any]:
    """An official point against the frontier's last step before its system came out."""
    assert point.value is not None
    try:
        parts = contributions(
            answer, problem, system=point.system, against=before["system"], series=point.series
        )
    except EngineError:
        parts = ()
    return {
        "system": point.system,
        "series": point.series,
        "released_on": day,
        "value": point.value,
        "low": point.low,
        "high": point.high,
        "before": before["value"],
        "against": before["system"],
        "move": point.value - before["value"],
        "contributions": [
            {"eval": part.eval, "basket": part.basket, "points": part.points}
            for part in sorted(parts, key=lambda part: (-abs(part.points), part.eval))
        ],
    }


def _gap(problem: Problem, answer: Answer, domain: str) -> dict[str, Any] | None:
    try:
        gap = safety_gap(answer, problem, domain=domain)
    except EngineError:
        return None
    if gap is None:
        return None
    rows = asdict(gap)
    for name in ("domain", "capability", "gap"):
        rows[name]["since"] = _iso(rows[name]["since"])
        rows[name]["until"] = _iso(rows[name]["until"])
    rows["systems"] = list(gap.systems)
    return rows
