"""The engine's problem, read from the database: one chosen score a cell, and the versions."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from baskets.engine import Candidate, select
from baskets.engine.points import Goalposts, to_points
from baskets.models import Basket, BasketVersion, Weight
from baskets.selectors.problem_rows import (
    basket_row,
    eval_row,
    excluded_row,
    score_row,
    system_row,
)
from evals.models import Decision, Eval, Flag, Score, System

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
    scores: tuple[Score, ...]
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
        cells: dict[Cell, list[Score]] = defaultdict(list)
        for score in self.told(vintage_on if observed_only else None):
            why = _exclusion(score, self.evals[score.eval.slug], weights.get(score.eval.slug))
            if why:
                excluded.append(excluded_row(score, why))
            else:
                cells[score.system.slug, score.eval.slug].append(score)
        chosen = [_choose(cells[c], weights.get(c[1]), excluded) for c in sorted(cells)]
        flags = self._flags(vintage_on if observed_only else None)
        named = {system.slug for version in versions for system in version.overlap.all()}
        named |= {score.system.slug for score in chosen} | {row["system"] for row in excluded}
        systems = self._systems(named, vintage_on if observed_only else None)
        return self._assembled(versions, systems, chosen, flags, replicates), excluded

    def told(self, until: dt.date | None) -> list[Score]:
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
        chosen: Sequence[Score],
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
        scores=_accepted(systems, evals),
        flags=tuple(Flag.objects.order_by("id")),
    )


def _accepted(systems: Sequence[System], evals: Sequence[Eval]) -> tuple[Score, ...]:
    """Every accepted score, with the system and the eval it belongs to from those given."""
    newest = Decision.objects.filter(score=OuterRef("pk")).order_by("-id")
    scores = (
        Score.objects.annotate(status=Subquery(newest.values("status")[:1]))
        .filter(status=Decision.Status.ACCEPTED)
        .order_by("id")
    )
    system_of = {system.pk: system for system in systems}
    eval_of = {item.pk: item for item in evals}
    found = []
    for score in scores:
        # A system or an eval that came after those were read waits for the next release.
        if score.system_id in system_of and score.eval_id in eval_of:
            score.system, score.eval = system_of[score.system_id], eval_of[score.eval_id]
            found.append(score)
    return tuple(found)


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


def _exclusion(score: Score, item: Eval, weight: Weight | None) -> str:
    if weight is not None and weight.protocol.casefold() not in score.elicitation.casefold():
        return f"not of the counted protocol ({weight.protocol})"
    if weight is None and not _fits(item):
        return "the eval has no usable goalposts"
    if not _within_bounds(score.value, item):
        return "the value lies outside the eval's unit bounds as they are now"
    return ""


def _fits(item: Eval) -> bool:
    """Whether an eval outside the baskets can help to fill gaps: its own goalposts are usable."""
    if item.scale == Eval.Scale.ELO or item.floor is None or item.ceiling is None:
        return False
    positive = item.floor > 0 and item.ceiling > 0
    return item.floor != item.ceiling and (item.scale != Eval.Scale.LOG or positive)


def _within_bounds(value: float, item: Eval) -> bool:
    """Bounds can be corrected after scores came; such scores must not stop a release."""
    low = -math.inf if item.lower is None else item.lower
    high = math.inf if item.upper is None else item.upper
    return low <= value <= high and (item.scale != Eval.Scale.LOG or value > 0)


def _points(score: Score, weight: Weight | None) -> float:
    """The score in points, clipped as the index clips it: what is equal there is a tie."""
    item = score.eval
    own = Goalposts(floor=item.floor, ceiling=item.ceiling)
    if weight is not None:
        own = Goalposts(
            floor=item.floor if weight.floor is None else weight.floor,
            ceiling=item.ceiling if weight.ceiling is None else weight.ceiling,
            reference=weight.reference,
        )
    return to_points(score.value, scale=item.scale, goalposts=own).points


def _choose(scores: list[Score], weight: Weight | None, excluded: list[dict[str, Any]]) -> Score:
    item = scores[0].eval
    candidates = [
        Candidate(
            value=score.value,
            points=_points(score, weight),
            first_party=score.reported_by == Score.ReportedBy.FIRST_PARTY,
            observed_on=score.observed_on,
            content_hash=score.content_hash,
            key=str(position),
        )
        for position, score in enumerate(scores)
    ]
    chosen = select(candidates, weight.selection if weight else None, item.domain.slug)
    score = scores[int(chosen.candidate.key)]
    excluded.extend(
        excluded_row(other, f"another score stands: {chosen.reason}")
        for other in scores
        if other is not score
    )
    return score


def _self_reported(chosen: Sequence[Score]) -> dict[str, list[str]]:
    """The evals on which every counted score comes from a system's own developer."""
    reporters: dict[str, set[str]] = defaultdict(set)
    for score in chosen:
        reporters[score.eval.slug].add(score.reported_by)
    return {
        slug: [SELF_REPORTED]
        for slug, found in reporters.items()
        if found == {Score.ReportedBy.FIRST_PARTY}
    }
