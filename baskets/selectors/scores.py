"""Scores as a reader sees them: what became of each, which one counts, and why not the others."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from baskets.engine.points import Goalposts
from baskets.models import Release
from baskets.selectors.catalog import EvalName, SystemName, system_name
from baskets.selectors.known import EVERYTHING, Known
from baskets.selectors.standing import Standing, standings
from evals.models import Decision, Eval, Score, System


@dataclass(frozen=True)
class ScoreRow:
    """One score with its fate in the release shown.

    `stands`: it is the one taken for its system and eval; `counts`: the index uses it; `why` (not),
    in words.
    """

    system: SystemName
    eval: EvalName
    value: float
    uncertainty: str
    n_items: str
    elicitation: str
    reported: str
    observed_on: dt.date
    source_url: str
    note: str
    stands: bool
    counts: bool
    why: str


@dataclass(frozen=True)
class EvalHistory:
    """An eval's accepted and refused scores, oldest system first, with its reference lines."""

    name: str
    unit: str
    log: bool
    lower_is_better: bool
    floor: float | None
    ceiling: float | None
    human_baseline: float | None
    rows: tuple[ScoreRow, ...]

    @property
    def best(self) -> ScoreRow | None:
        """The best score that stands for its system, or of all where none does."""
        pool = [row for row in self.rows if row.stands] or list(self.rows)
        ordered = sorted(pool, key=lambda row: row.value, reverse=not self.lower_is_better)
        return ordered[0] if ordered else None

    @property
    def record_rows(self) -> list[ScoreRow]:
        """The scores that stand for their system and beat every earlier system's."""
        records: list[ScoreRow] = []
        for row in self.rows:
            if not row.stands:
                continue
            better = not records or (
                row.value < records[-1].value
                if self.lower_is_better
                else row.value > records[-1].value
            )
            if better:
                records.append(row)
        return records


@dataclass(frozen=True)
class Conflict:
    """Several scores of one system on one eval: the one that stands for it first, then by value."""

    system: SystemName
    rows: tuple[ScoreRow, ...]
    spread: float


def newest_decision(field: str, known: Known = EVERYTHING) -> Subquery:
    """A field of a score's newest decision, for use in an annotation."""
    decisions = Decision.objects.filter(known.decisions(), score=OuterRef("pk")).order_by("-id")
    return Subquery(decisions.values(field)[:1])


def _rows(scores: QuerySet[Score], release: Release | None, known: Known) -> list[ScoreRow]:
    scores = scores.filter(known.scores()).annotate(
        status=newest_decision("status", known), status_reason=newest_decision("reason", known)
    )
    found = list(scores.select_related("system__developer", "system__generation", "eval__domain"))
    fates = standings(found, release)
    return [_row(score, fates[score.pk]) for score in found]


def _row(score: Score, fate: Standing) -> ScoreRow:
    item = score.eval
    return ScoreRow(
        system=system_name(score.system),
        eval=EvalName(item.slug, item.name, item.domain.slug, item.subdomain, item.unit),
        value=score.value,
        uncertainty=score.uncertainty,
        n_items=score.n_items_text or ("" if score.n_items is None else str(score.n_items)),
        elicitation=score.elicitation,
        reported=_reporter(score),
        observed_on=score.observed_on,
        source_url=score.source_url,
        note=score.note,
        stands=fate.stands,
        counts=fate.counts,
        why=fate.why,
    )


def _reporter(score: Score) -> str:
    return str(Score.ReportedBy(score.reported_by).label)


def scores_of_system(
    system: System, release: Release | None, known: Known = EVERYTHING
) -> list[ScoreRow]:
    """All known scores of a system by domain and eval, the one that stands for it first."""
    rows = _rows(Score.objects.filter(system=system), release, known)
    order = ("capability", "safety", "alignment")
    rows.sort(
        key=lambda row: (
            order.index(row.eval.domain) if row.eval.domain in order else len(order),
            row.eval.subdomain,
            row.eval.name,
            not row.stands,
            -row.observed_on.toordinal(),
        )
    )
    return rows


def eval_history(
    item: Eval, release: Release | None, goalposts: Goalposts, known: Known = EVERYTHING
) -> EvalHistory:
    """All known scores of an eval, oldest system first, between the goalposts that count."""
    rows = _rows(Score.objects.filter(eval=item), release, known)
    rows.sort(key=lambda row: (row.system.released_on, row.system.slug, row.observed_on))
    return EvalHistory(
        name=item.name,
        unit=item.unit,
        log=item.scale == Eval.Scale.LOG and all(row.value > 0 for row in rows),
        lower_is_better=item.direction == Eval.Direction.LOWER,
        floor=goalposts.floor,
        ceiling=goalposts.ceiling,
        human_baseline=item.human_baseline,
        rows=tuple(rows),
    )


def conflicts(history: EvalHistory) -> list[Conflict]:
    """Systems with several scores, widest spread first (in the eval's unit)."""
    groups: dict[str, list[ScoreRow]] = defaultdict(list)
    for row in history.rows:
        groups[row.system.slug].append(row)
    found = [_conflict(rows) for rows in groups.values() if len(rows) > 1]
    return sorted(found, key=lambda conflict: (-conflict.spread, conflict.system.slug))


def _conflict(rows: Sequence[ScoreRow]) -> Conflict:
    ordered = sorted(rows, key=lambda row: (not row.stands, -row.value))
    values = [row.value for row in rows]
    return Conflict(rows[0].system, tuple(ordered), max(values) - min(values))
