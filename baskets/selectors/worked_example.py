"""The newest official capability value, worked out line by line from the sealed numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from baskets.engine import Answer, Problem
from baskets.engine.points import to_points
from baskets.models import Release
from baskets.selectors.catalog import EvalName, SystemName
from baskets.selectors.decomposition import sealed
from baskets.selectors.frontier import steps_of


@dataclass(frozen=True)
class Line:
    """One eval of the sum: weight within the domain, score (None where filled), points."""

    eval: EvalName
    weight: float
    score: float | None
    points: float

    @property
    def product(self) -> float:
        """What the eval adds to the weighted level."""
        return self.weight * self.points


@dataclass(frozen=True)
class WorkedExample:
    """I = at + k (L - anchor), with L the sum of the lines' products."""

    system: SystemName
    series: str
    version: str
    lines: tuple[Line, ...]
    k: float
    at: float
    anchor: float
    stated: float

    @property
    def level(self) -> float:
        """L, the weighted mean of the points."""
        return math.fsum(line.product for line in self.lines)

    @property
    def value(self) -> float:
        """The index that the lines give."""
        return self.at + self.k * (self.level - self.anchor)


def worked_example(
    release: Release,
    systems: Mapping[str, SystemName],
    evals: Mapping[str, EvalName],
    series: str = "capability",
) -> WorkedExample | None:
    """The example of the newest system on the frontier of a domain; None where there is none."""
    steps = steps_of(release, series, dict(systems))
    if not steps:
        return None
    slug = steps[-1].system.slug
    problem, answer = sealed(release)
    basket = problem.version_in_force(problem.system_by_id[slug])
    level = answer.level_of[series, basket.id]
    return WorkedExample(
        system=systems[slug],
        series=series,
        version=basket.id.rsplit("-", 1)[-1],
        lines=_lines(problem, answer, slug, series, evals),
        k=level.slope,
        at=level.at,
        anchor=level.anchor,
        stated=steps[-1].value,
    )


def _lines(
    problem: Problem, answer: Answer, slug: str, series: str, evals: Mapping[str, EvalName]
) -> tuple[Line, ...]:
    basket = problem.version_in_force(problem.system_by_id[slug])
    inside = {e: w for e, w in basket.weights.items() if problem.eval_by_id[e].domain == series}
    total = math.fsum(inside.values())
    scores = {score.eval: score.value for score in problem.scores if score.system == slug}
    lines = []
    for name, weight in inside.items():
        score = scores.get(name)
        if score is None:
            points = answer.filled[slug, name, basket.id]
        else:
            goalposts = problem.goalposts(basket, name)
            scale = problem.eval_by_id[name].scale
            points = to_points(score, scale=scale, goalposts=goalposts).points
        lines.append(Line(evals[name], weight / total, score, points))
    return tuple(sorted(lines, key=lambda line: -line.weight))
