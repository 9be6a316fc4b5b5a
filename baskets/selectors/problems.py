"""The engine's problem, read from the database: one chosen score a cell, and the versions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, QuerySet

from baskets.models import Basket, BasketVersion
from baskets.pieces import fragment, key_of
from baskets.selectors.choosing import Chosen, choose, rules_of
from baskets.selectors.counted import CountedScore, counted_scores
from baskets.selectors.problem_rows import basket_row, eval_row, score_row, system_row
from evals.models import Eval, Flag, Score, System

REPLICATES = 1000
SELF_REPORTED = "self-reported"


@dataclass(frozen=True)
class Taken:
    """What a release takes: its problem, and the parts of its bundle with what was left out.

    parts: their keys, in the order of evals. texts: the parts by key; what is not in it is stored
    already. hashes: the content hashes of the scores that count.
    """

    problem: dict[str, Any]
    parts: tuple[str, ...]
    texts: Mapping[str, bytes]
    hashes: frozenset[str]


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
        The rows of what is excluded are in the order of evals.
        """
        until = vintage_on if observed_only else None
        found = self.chosen(versions, until)
        excluded = [row for one in found.values() for row in one.excluded]
        scores = [score for one in found.values() for score in one.scores]
        named = {row["system"] for row in excluded}
        problem = self.assembled(
            versions, scores, until=until, also_named=named, replicates=replicates
        )
        return problem, excluded

    def taken(
        self, *, vintage_on: dt.date, versions: Sequence[BasketVersion], observed_only: bool
    ) -> Taken:
        """The same for a release, with what was left out as parts of its bundle."""
        until = vintage_on if observed_only else None
        found = self.chosen(versions, until)
        texts = [fragment(one.excluded) for one in found.values() if one.excluded]
        scores = [score for one in found.values() for score in one.scores]
        named = {row["system"] for one in found.values() for row in one.excluded}
        parts = tuple(key_of(text) for text in texts)
        return Taken(
            problem=self.assembled(versions, scores, until=until, also_named=named),
            parts=parts,
            texts=dict(zip(parts, texts, strict=True)),
            hashes=frozenset(score.content_hash for score in scores),
        )

    def chosen(self, versions: Sequence[BasketVersion], until: dt.date | None) -> dict[str, Chosen]:
        """What was chosen on every eval that has scores, in the order of slugs."""
        rules = rules_of(self.evals, versions)
        its: dict[str, list[CountedScore]] = defaultdict(list)
        for score in self.told(until):
            its[score.eval.slug].append(score)
        return {slug: choose(its[slug], rules[slug]) for slug in sorted(its)}

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

    def assembled(
        self,
        versions: Sequence[BasketVersion],
        scores: Sequence[CountedScore],
        *,
        until: dt.date | None,
        also_named: Collection[str] = (),
        replicates: int = REPLICATES,
    ) -> dict[str, Any]:
        """The problem of one score a cell, in any order; `also_named`: systems to keep too."""
        chosen = sorted(scores, key=lambda score: (score.system.slug, score.eval.slug))
        named = {system.slug for version in versions for system in version.overlap.all()}
        named |= {score.system.slug for score in chosen} | set(also_named)
        systems, flags = self._systems(named, until), self._flags(until)
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
    found = facts(basket, also=also)
    return replace(found, scores=counted_scores(found.systems, found.evals.values()))


def facts(basket: Basket, *, also: BasketVersion | None = None) -> Knowledge:
    """The same without any scores."""
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
        scores=(),
        flags=tuple(Flag.objects.order_by("id")),
    )


PARTS = ("weights__eval", "overlap")


def published(basket: Basket) -> QuerySet[BasketVersion]:
    """The basket's published versions in order, with weights and overlap."""
    found = basket.versions.filter(published_at__isnull=False).order_by(F("number"))
    return found.prefetch_related(*PARTS)


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
