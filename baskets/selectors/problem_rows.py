"""The rows of a problem and of what was left out of it, as the bundle of a release has them."""

from __future__ import annotations

import math
from typing import Any

from baskets.models import BasketVersion
from baskets.selectors.counted import CountedScore
from evals.models import Eval, Score, System

Z95 = 1.959963984540054


def basket_id(version: BasketVersion) -> str:
    """The version's name in problems and answers."""
    return f"{version.basket.slug}-{version.number}"


def score_row(score: CountedScore) -> dict[str, Any]:
    """A counted score."""
    return {
        "system": score.system.slug,
        "eval": score.eval.slug,
        "value": score.value,
        "stderr": standard_error(score),
        "n_items": score.n_items or None,
    }


def standard_error(score: CountedScore | Score) -> float | None:
    """The published standard error in the eval's unit, or that of the published 95% interval.

    On a log scale the interval is symmetric in ln x: se(ln x)·x, which the engine's own first-order
    step turns back into se(ln x).
    """
    if score.stderr is not None:
        return score.stderr
    if score.low is None or score.high is None:
        return None
    if score.eval.scale == Eval.Scale.LOG and score.low > 0:
        return score.value * math.log(score.high / score.low) / (2 * Z95)
    return (score.high - score.low) / (2 * Z95)


def excluded_row(score: CountedScore, reason: str) -> dict[str, Any]:
    """A score that was left out, and why."""
    return {
        "system": score.system.slug,
        "eval": score.eval.slug,
        "value": score.value,
        "content_hash": score.content_hash,
        "reason": reason,
    }


def eval_row(item: Eval) -> dict[str, Any]:
    """An eval; ratings have their goalposts in the baskets alone."""
    elo = item.scale == Eval.Scale.ELO
    return {
        "id": item.slug,
        "domain": item.domain.slug,
        "subdomain": item.subdomain,
        "scale": item.scale,
        "lower": item.lower,
        "upper": item.upper,
        "floor": None if elo else item.floor,
        "ceiling": None if elo else item.ceiling,
        "released_on": item.released_on.isoformat() if item.released_on else None,
    }


def system_row(system: System) -> dict[str, Any]:
    """A system."""
    return {
        "id": system.slug,
        "released_on": system.released_on.isoformat(),
        "generation": system.generation.name,
        "developer": system.developer.slug,
    }


def basket_row(version: BasketVersion) -> dict[str, Any]:
    """A version of the basket."""
    weights = list(version.weights.all())
    return {
        "id": basket_id(version),
        "effective_on": version.effective_on.isoformat(),
        "weights": {w.eval.slug: w.weight for w in weights},
        "goalposts": {
            w.eval.slug: [w.floor, w.ceiling]
            for w in weights
            if w.floor is not None and w.ceiling is not None
        },
        "references": {w.eval.slug: w.reference for w in weights if w.reference is not None},
        "overlap": sorted(system.slug for system in version.overlap.all()),
        "coverage_floor": version.coverage_floor,
        "domain_coverage_floor": version.domain_coverage_floor,
        "min_evals": version.min_evals,
    }
