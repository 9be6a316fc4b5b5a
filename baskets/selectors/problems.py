"""The engine's problem, read from the database: one chosen score a cell, and the versions."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from django.db.models import F, QuerySet

from baskets.engine import Candidate, select
from baskets.engine.points import Goalposts, all_points
from baskets.engine.selection import sole
from baskets.models import Basket, BasketVersion, Weight
from baskets.selectors.counted import CountedScore, counted_scores
from baskets.selectors.problem_rows import (
    basket_row,
    eval_row,
    excluded_row,
    score_row,
    system_row,
)
from evals.models import Eval, Flag, Score, System

REPLICATES = 1000
SELF_REPORTED = "self-reported"

Cell = tuple[str, str]


@dataclass(frozen=True)
class Knowledge:
    """All that a release may use, read once: a replay asks it for many dates."""

    basket: Basket
    versions: tuple[BasketVersion, ...]
    systems: tuple[System, ...]
    evals: dict[str, Eval]
    scores: tuple[CountedScore, ...]
    flags: tuple[Flag, ...] = ()

    def problem(
        self,
        *,
        vintage_on: dt.date,
        versions: Sequence[BasketVersion],
        observed_only: bool,
        replicates: int = REPLICATES,
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """(problem, excluded scores with their reasons).

        `observed_only` leaves out what was observed after `vintage_on`, as a reconstruction must.
        """
        weights = _rules(versions)
        excluded: list[dict[str, Any]] = []
        cells: dict[Cell, list[CountedScore]] = defaultdict(list)
        rules = {slug: _Rule.of(e, weights.get(slug)) for slug, e in self.evals.items()}
        for score in self.told(vintage_on if observed_only else None):
            if why := rules[score.eval.slug].refusal(score):
                excluded.append(excluded_row(score, why))
            else:
                cells[score.system.slug, score.eval.slug].append(score)
        points = _points(cells, rules)
        chosen = [_choose(cells[c], points.get(c), rules[c[1]], excluded) for c in sorted(cells)]
        flags = self._flags(vintage_on if observed_only else None)
        named = {system.slug for version in versions for system in version.overlap.all()}
        named |= {score.system.slug for score in chosen} | {row["system"] for row in excluded}
        systems = self._systems(named, vintage_on if observed_only else None)
        return self._assembled(versions, systems, chosen, flags, replicates), excluded

    def told(self, until: dt.date | None) -> list[CountedScore]:
        """The accepted scores, or those of them that had been observed by a date."""
        return [s for s in self.scores if until is None or s.observed_on <= until]

    def _systems(self, named: Collection[str], until: dt.date | None) -> list[System]:
        """The systems of a problem; of those released after `until` only what was known by then:

        what a score or a version in force names, for some are measured before their release.
        """
        return [
            system
            for system in self.systems
            if until is None or system.released_on <= until or system.slug in named
        ]

    def _flags(self, until: dt.date | None) -> dict[str, list[str]]:
        """The flags that hold, by eval; those made public after `until` are left out."""
        newest = {
            (flag.eval_id, flag.kind): flag
            for flag in self.flags
            if until is None or flag.since <= until
        }
        slug_of = {item.pk: slug for slug, item in self.evals.items()}
        found: dict[str, list[str]] = defaultdict(list)
        for (item, kind), flag in newest.items():
            if flag.raised and item in slug_of:
                found[slug_of[item]].append(kind)
        return found

    def _assembled(
        self,
        versions: Sequence[BasketVersion],
        systems: Sequence[System],
        chosen: Sequence[CountedScore],
        flags: Mapping[str, Sequence[str]],
        replicates: int,
    ) -> dict[str, Any]:
        self_reported = _self_reported(chosen)
        counted = {score.eval.slug for score in chosen}
        counted.update(w.eval.slug for v in versions for w in v.weights.all())
        newest = versions[-1]
        return {
            "method": {
                "base": self.basket.base.slug,
                "link": newest.link,
                "imputation": "model",
                "coverage_floor": newest.coverage_floor,
                "domain_coverage_floor": newest.domain_coverage_floor,
                "min_evals": newest.min_evals,
                "replicates": replicates,
            },
            "evals": [
                eval_row(self.evals[slug])
                | {"flags": [*flags.get(slug, ()), *self_reported.get(slug, ())]}
                for slug in sorted(counted)
            ],
            "systems": [system_row(system) for system in systems],
            "scores": [score_row(score) for score in chosen],
            "baskets": [basket_row(version) for version in versions],
        }


def knowledge(basket: Basket, *, also: BasketVersion | None = None) -> Knowledge:
    """Everything accepted now, for a basket; `also` adds a draft version, for a trial."""
    versions = list(published(basket))
    if also is not None:
        versions.append(BasketVersion.objects.prefetch_related(*PARTS).get(pk=also.pk))
    evals = list(Eval.objects.select_related("domain"))
    systems = list(System.objects.select_related("developer", "generation").order_by("slug"))
    return Knowledge(
        basket=basket,
        versions=tuple(versions),
        systems=tuple(systems),
        evals={item.slug: item for item in evals},
        scores=counted_scores(systems, evals),
        flags=tuple(Flag.objects.order_by("id")),
    )


PARTS = ("weights__eval", "overlap")


def published(basket: Basket) -> QuerySet[BasketVersion]:
    """The basket's published versions in order, with weights and overlap."""
    found = basket.versions.filter(published_at__isnull=False).order_by(F("number"))
    return found.prefetch_related(*PARTS)


def _rules(versions: Sequence[BasketVersion]) -> dict[str, Weight]:
    """Each eval's weight row in the newest version that counts it: its rule and its protocol.

    A cell has one score in all versions; publishing refuses a version that would change the rule.
    """
    return {w.eval.slug: w for version in versions for w in version.weights.all()}


@dataclass(frozen=True)
class _Rule:
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
    def of(item: Eval, weight: Weight | None) -> _Rule:
        """That of an eval with its weight, None where no version counts it.

        Bounds can be corrected after scores came; such scores must not stop a release.
        """
        own = Goalposts(floor=item.floor, ceiling=item.ceiling)
        declared = Goalposts()
        if weight is not None:
            declared = Goalposts(weight.floor, weight.ceiling, weight.reference)
        return _Rule(
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


def _points(
    cells: Mapping[Cell, Sequence[CountedScore]], rules: Mapping[str, _Rule]
) -> dict[Cell, list[float]]:
    """The points of the scores of every cell that has several, eval by eval.

    Clipped as the index clips them: what is equal there is a tie.
    """
    several: dict[str, list[Cell]] = defaultdict(list)
    for cell, scores in cells.items():
        if len(scores) > 1:
            several[cell[1]].append(cell)
    found: dict[Cell, list[float]] = {}
    for slug, its in several.items():
        rule = rules[slug]
        values = np.array([score.value for cell in its for score in cells[cell]])
        points = all_points(
            values, scale=rule.scale, goalposts=rule.goalposts, at=lambda _place: "score"
        )
        rest = iter(points.tolist())
        found.update((cell, list(islice(rest, len(cells[cell])))) for cell in its)
    return found


def _choose(
    scores: Sequence[CountedScore],
    points: Sequence[float] | None,
    rule: _Rule,
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


def _tied(scores: Sequence[CountedScore], points: Sequence[float], rule: _Rule) -> tuple[int, str]:
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


def _self_reported(chosen: Sequence[CountedScore]) -> dict[str, list[str]]:
    """The evals on which every counted score comes from a system's own developer."""
    reporters: dict[str, set[str]] = defaultdict(set)
    for score in chosen:
        reporters[score.eval.slug].add(score.reported_by)
    return {
        slug: [SELF_REPORTED]
        for slug, found in reporters.items()
        if found == {Score.ReportedBy.FIRST_PARTY}
    }
