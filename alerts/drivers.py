"""What moved a frontier most: the engine's contributions between the new frontier and the old."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TypedDict

from alerts import rules
from baskets.engine import EngineError, Imputed, Problem, compute, contributions
from baskets.models import Release
from baskets.selectors import releases
from evals.models import Eval

LARGEST = 3


class Driver(TypedDict):
    """One eval's contribution, in index points."""

    eval: str
    name: str
    points: float


def largest_contributions(release: Release, move: rules.Move) -> list[Driver]:
    """The `LARGEST` contributions, by size, to I(new frontier) − I(old frontier) in this release.

    An eval that counts on several versions on the way is added up. Empty where the method has no
    decomposition: the balanced series across basket versions (methodology.md, section 7).
    """
    points = _contributions(release, move)
    largest = sorted(points, key=lambda slug: (-abs(points[slug]), slug))[:LARGEST]
    names = dict(Eval.objects.filter(slug__in=largest).values_list("slug", "name"))
    return [
        Driver(eval=slug, name=names.get(slug, slug), points=round(points[slug], 6))
        for slug in largest
    ]


def _contributions(release: Release, move: rules.Move) -> dict[str, float]:
    """Points by eval. The fills are those of the bundle, so nothing is fitted again."""
    bundle = releases.bundle(release)
    problem = Problem.from_json(bundle["problem"])
    problem = replace(problem, method=replace(problem.method, replicates=0))
    filled = [Imputed(**row) for row in bundle["filled"]]
    try:
        rows = contributions(
            compute(problem, filled=filled),
            problem,
            system=move.after.system,
            against=move.before.system,
            series=move.series,
        )
    except EngineError:
        return {}
    points: dict[str, float] = defaultdict(float)
    for row in rows:
        points[row.eval] += row.points
    return dict(points)
