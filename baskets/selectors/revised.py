"""Why the values of a release are not those of the one before, as it stored them (section 8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from baskets.models import Release, Revision
from baskets.selectors.catalog import EvalName, SystemName

KINDS = ("new_scores", "revised_scores", "weights", "fill", "link", "method")
SHOWN_EVALS = 10
SHOWN_SCORES = 12

Key = tuple[str, str]


@dataclass(frozen=True)
class EvalPart:
    """Index points that one eval of one version makes of a term; no eval for the remainder."""

    eval: EvalName | None
    version: str
    points: float


@dataclass(frozen=True)
class ChangedScore:
    """A counted score before and after, in the eval's unit; None where there was or is none."""

    system: SystemName
    eval: EvalName
    before: float | None
    after: float | None


@dataclass(frozen=True)
class OverlapMove:
    """Systems that joined or left the usable overlap of a link."""

    series: str
    version: str
    joined: tuple[SystemName, ...]
    left: tuple[SystemName, ...]


@dataclass(frozen=True)
class TermFacts:
    """One of the six terms: its points, its largest evals and the scores that acted.

    rest: points of the `more` evals that are not listed. scores_more: how many changed scores are
    not listed. note: why the points stand in a later term; empty where they do not.
    """

    kind: str
    points: float
    evals: tuple[EvalPart, ...]
    more: int
    rest: float
    scores: tuple[ChangedScore, ...]
    scores_more: int
    overlaps: tuple[OverlapMove, ...]
    note: str

    @property
    def acted(self) -> bool:
        """Whether the term moved the value, or says why it could not."""
        return abs(self.points) >= 0.0005 or bool(self.note)


@dataclass(frozen=True)
class RevisionFacts:
    """The six terms of one value."""

    terms: tuple[TermFacts, ...]

    @property
    def acting(self) -> tuple[TermFacts, ...]:
        """The terms that can be opened."""
        return tuple(term for term in self.terms if term.acted)

    @property
    def largest(self) -> TermFacts:
        """The term that made most of the move."""
        return max(self.terms, key=lambda term: abs(term.points))


@dataclass(frozen=True)
class Names:
    """Systems and evals by slug."""

    systems: Mapping[str, SystemName]
    evals: Mapping[str, EvalName]


def has_revisions(release: Release) -> bool:
    """Whether the release stored why its values moved."""
    return Revision.objects.filter(release=release).exists()


def revised(release: Release, keys: Iterable[Key], names: Names) -> dict[Key, RevisionFacts]:
    """The stored terms of the values asked for, by (system, series)."""
    wanted = set(keys)
    found = Revision.objects.filter(release=release).values_list("pk", "system__slug", "series")
    places = {pk: (system, series) for pk, system, series in found if (system, series) in wanted}
    rows = Revision.objects.filter(pk__in=places).values_list("pk", "terms")
    return {
        places[pk]: RevisionFacts(tuple(_term(term, names) for term in terms)) for pk, terms in rows
    }


def _term(row: Mapping[str, Any], names: Names) -> TermFacts:
    parts = [r for r in row["evals"] if abs(r["points"]) >= 0.0005]
    parts.sort(key=lambda r: (-abs(r["points"]), r["eval"]))
    shown, rest = parts[:SHOWN_EVALS], parts[SHOWN_EVALS:]
    scores = row["scores"][:SHOWN_SCORES]
    return TermFacts(
        kind=row["kind"],
        points=row["points"],
        evals=tuple(
            EvalPart(names.evals.get(r["eval"]), _version(r["basket"]), r["points"]) for r in shown
        ),
        more=len(rest),
        rest=sum(r["points"] for r in rest),
        scores=tuple(_score(r, names) for r in scores),
        scores_more=row.get("scores_total", len(row["scores"])) - len(scores),
        overlaps=tuple(_overlap(r, names) for r in row.get("overlaps", ())),
        note=row.get("note", ""),
    )


def _score(row: Mapping[str, Any], names: Names) -> ChangedScore:
    return ChangedScore(
        names.systems[row["system"]], names.evals[row["eval"]], row["before"], row["after"]
    )


def _overlap(row: Mapping[str, Any], names: Names) -> OverlapMove:
    return OverlapMove(
        row["series"],
        _version(row["basket"]),
        tuple(names.systems[slug] for slug in row["joined"]),
        tuple(names.systems[slug] for slug in row["left"]),
    )


def _version(basket: str) -> str:
    return basket.rsplit("-", 1)[-1]
