"""Which score stands for each cell of one eval, and why its other scores were left out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from baskets.engine import Candidate, select
from baskets.engine.points import Goalposts, all_points
from baskets.engine.selection import sole
from baskets.models import BasketVersion, Weight
from baskets.selectors.counted import CountedScore
from baskets.selectors.problem_rows import excluded_row
from evals.models import Eval, Score


def rules_of(evals: Mapping[str, Eval], versions: Sequence[BasketVersion]) -> dict[str, Rule]:
    """The rule of every eval, by slug: of its weight in the newest version that counts it.

    A cell has one score in all versions; publishing refuses a version that would change the rule.
    """
    weights = {w.eval.slug: w for version in versions for w in version.weights.all()}
    return {slug: Rule.of(item, weights.get(slug)) for slug, item in evals.items()}


@dataclass(frozen=True)
class Rule:
    """What an eval's scores must be like to enter a problem, and which one stands for a cell."""

    scale: str
    domain: str
    goalposts: Goalposts
    usable: bool
    protocol: str
    selection: str | None
    low: float
    high: float

    @staticmethod
    def of(item: Eval, weight: Weight | None) -> Rule:
        """That of an eval with its weight, None where no version counts it.

        Bounds can be corrected after scores came; such scores must not stop a release.
        """
        own = Goalposts(floor=item.floor, ceiling=item.ceiling)
        declared = Goalposts()
        if weight is not None:
            declared = Goalposts(weight.floor, weight.ceiling, weight.reference)
        return Rule(
            scale=item.scale,
            domain=item.domain.slug,
            goalposts=declared.over(own),
            usable=weight is not None or _fits(item),
            protocol=weight.protocol if weight is not None else "",
            selection=weight.selection if weight is not None else None,
            low=-math.inf if item.lower is None else item.lower,
            high=math.inf if item.upper is None else item.upper,
        )

    def refusal(self, score: CountedScore) -> str:
        """Why a score stays out, in words; empty where it enters."""
        if self.protocol and self.protocol.casefold() not in score.elicitation.casefold():
            return f"not of the counted protocol ({self.protocol})"
        if not self.usable:
            return "the eval has no usable goalposts"
        within = self.low <= score.value <= self.high
        if not within or (self.scale == Eval.Scale.LOG and score.value <= 0):
            return "the value lies outside the eval's unit bounds as they are now"
        return ""


def _fits(item: Eval) -> bool:
    """Whether an eval outside the baskets can help to fill gaps: its own goalposts are usable."""
    if item.scale == Eval.Scale.ELO or item.floor is None or item.ceiling is None:
        return False
    positive = item.floor > 0 and item.ceiling > 0
    return item.floor != item.ceiling and (item.scale != Eval.Scale.LOG or positive)


@dataclass(frozen=True)
class Chosen:
    """The scores of one eval that stand for their cells, and the rows of those left out.

    The rows are in the order of systems, and of content hashes within a system.
    """

    scores: tuple[CountedScore, ...]
    excluded: tuple[dict[str, Any], ...]


def order_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """By what the rows of one eval that were left out are put in order."""
    return row["system"], row["content_hash"]


def choose(scores: Iterable[CountedScore], rule: Rule) -> Chosen:
    """Choose among the scores of one eval, given in the order of storage."""
    excluded: list[dict[str, Any]] = []
    cells: dict[str, list[CountedScore]] = defaultdict(list)
    for score in scores:
        if why := rule.refusal(score):
            excluded.append(excluded_row(score, why))
        else:
            cells[score.system.slug].append(score)
    points = _points(cells, rule)
    chosen = tuple(_choose(cells[c], points.get(c), rule, excluded) for c in sorted(cells))
    excluded.sort(key=order_of)
    return Chosen(chosen, tuple(excluded))


def _points(cells: Mapping[str, Sequence[CountedScore]], rule: Rule) -> dict[str, list[float]]:
    """The points of the scores of every cell that has several.

    Clipped as the index clips them: what is equal there is a tie.
    """
    its = [cell for cell, scores in cells.items() if len(scores) > 1]
    if not its:
        return {}
    values = np.array([score.value for cell in its for score in cells[cell]])
    points = all_points(
        values, scale=rule.scale, goalposts=rule.goalposts, at=lambda _place: "score"
    )
    rest = iter(points.tolist())
    return {cell: list(islice(rest, len(cells[cell]))) for cell in its}


def _choose(
    scores: Sequence[CountedScore],
    points: Sequence[float] | None,
    rule: Rule,
    excluded: list[dict[str, Any]],
) -> CountedScore:
    if points is None:
        return scores[0]
    place, reason = sole(points, rule.selection, rule.domain) or _tied(scores, points, rule)
    score = scores[place]
    excluded.extend(
        excluded_row(other, f"another score stands: {reason}")
        for other in scores
        if other is not score
    )
    return score


def _tied(scores: Sequence[CountedScore], points: Sequence[float], rule: Rule) -> tuple[int, str]:
    """The place of the score that stands where height alone does not say so, and why it does."""
    candidates = [
        Candidate(
            value=score.value,
            points=its,
            first_party=score.reported_by == Score.ReportedBy.FIRST_PARTY,
            observed_on=score.observed_on,
            content_hash=score.content_hash,
            key=str(place),
        )
        for place, (score, its) in enumerate(zip(scores, points, strict=True))
    ]
    chosen = select(candidates, rule.selection, rule.domain)
    return int(chosen.candidate.key), chosen.reason
