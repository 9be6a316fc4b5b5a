"""Why one system stands above another, eval by eval, from a release's own sealed numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from baskets.engine import (
    Answer,
    EngineError,
    Problem,
    compute,
    contributions,
)
from baskets.engine.environment import ENGINE_VERSION
from baskets.models import Release
from baskets.selectors import releases
from baskets.selectors.catalog import EvalName
from baskets.selectors.moves import Driver, drivers_of
from baskets.selectors.sheets import sheets_of


@lru_cache(maxsize=2)
def _sealed(release: int) -> tuple[Problem, Answer]:
    bundle = releases.short_bundle(Release(pk=release))
    answer = {**bundle["answer"], "imputed": bundle["filled"]}
    return Problem.from_json(bundle["problem"]), Answer.from_json(answer)


def sealed(release: Release) -> tuple[Problem, Answer]:
    """The problem and the answer of a release, read from its bundle and kept for the next page."""
    return _sealed(release.pk)


@lru_cache(maxsize=2)
def _rebuilt(release: int) -> tuple[Problem, Answer]:
    """The same with the answer not rounded, so that differences add up within 1e-9.

    Another version of the engine left only what it sealed.
    """
    problem, answer = _sealed(release)
    if answer.engine != ENGINE_VERSION:
        return problem, answer
    central = replace(problem, method=replace(problem.method, replicates=0))
    return problem, compute(central, filled=answer.imputed)


def drivers(
    release: Release,
    *,
    system: str,
    against: str,
    series: str,
    evals: Mapping[str, EvalName],
) -> tuple[Driver, ...] | None:
    """What each eval adds to the difference of two systems, by slug, largest first.

    None where the release has no such decomposition: a value is missing, or the series is balanced
    and the two stand on different versions.
    """
    sheets = sheets_of(release, (system, against))
    if sheets.frame:
        terms = sheets.terms(system, against, series)
        rows = [{"eval": name, "points": points} for (_, name), points in (terms or {}).items()]
        return drivers_of(rows, evals) if terms is not None else None
    return _from_bundle(release, system, against, series, evals)


def _from_bundle(
    release: Release, system: str, against: str, series: str, evals: Mapping[str, EvalName]
) -> tuple[Driver, ...] | None:
    """The same of a release that was made before sheets."""
    problem, answer = _rebuilt(release.pk)
    try:
        rows = contributions(answer, problem, system=system, against=against, series=series)
    except EngineError:
        return None
    if not all(math.isfinite(row.points) for row in rows):
        return None
    return drivers_of([{"eval": row.eval, "points": row.points} for row in rows], evals)
