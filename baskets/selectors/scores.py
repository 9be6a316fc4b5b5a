"""Scores as a reader sees them: what became of each, which one counts, and why not the others."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable

from baskets.engine.points import Goalposts
from baskets.models import Release
from baskets.selectors.catalog import (
    EvalName,
    SystemName,
    eval_name,
    eval_names,
    eval_names_now,
    system_name,
    system_names,
    system_names_now,
)
from baskets.selectors.decided import Fates
from baskets.selectors.known import EVERYTHING, Known
from baskets.selectors.remembered import remembered
from baskets.selectors.standing import Told, sealed_of, standings
from evals.models import Decision, Eval, Score, System


class ScoreRow(NamedTuple):
    """One score with its fate in the release shown.

    `stands`: it is the one taken for its system and eval; `counts`: the index uses it; `why` (not),
    in words. `shared`: another system counts with the same value on this eval. `candidate`: it
    might stand, as one that is held, rejected, superseded or withdrawn may not.
    """

    id: int
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
    shared: bool = False
    candidate: bool = True


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

    @cached_property
    def best(self) -> ScoreRow | None:
        """The best score that stands for its system, or of all where none does."""
        pool = [row for row in self.rows if row.stands] or self.rows
        best = min if self.lower_is_better else max
        return best(pool, key=lambda row: row.value, default=None)

    @cached_property
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
    """Several scores of one system on one eval.

    `spread` is the largest less the smallest value of the candidates among them, in the eval's
    unit; `chosen` the one that stands, None where none does.
    """

    system: SystemName
    eval: EvalName
    scores: tuple[ScoreRow, ...]
    spread: float

    @cached_property
    def rows(self) -> tuple[ScoreRow, ...]:
        """The scores: the one that stands for the system first, then by value."""
        return tuple(sorted(self.scores, key=lambda row: (not row.stands, -row.value, row.id)))

    @property
    def chosen(self) -> ScoreRow | None:
        """The score that stands for the system."""
        return self.rows[0] if self.rows[0].stands else None


def newest_decision(field: str, known: Known = EVERYTHING, *, until: int | None = None) -> Subquery:
    """A field of a score's newest decision, or of the newest up to one, for an annotation."""
    decisions = Decision.objects.filter(known.decisions(), score=OuterRef("pk")).order_by("-id")
    if until is not None:
        decisions = decisions.filter(pk__lte=until)
    return Subquery(decisions.values(field)[:1])


JUDGED = ("pk", "system__slug", "eval__slug", "system__released_on", "value", "content_hash",
          "observed_on", "late")  # fmt: skip
SHOWN = ("uncertainty", "n_items_text", "n_items", "elicitation", "reported_by", "source_url",
         "note")  # fmt: skip


def _rows(
    scores: QuerySet[Score],
    release: Release | None,
    known: Known,
    systems: Mapping[str, SystemName],
    evals: Mapping[str, EvalName],
) -> list[ScoreRow]:
    """The known ones of all scores of some cells; read as columns, for there may be thousands."""
    asked = scores.filter(known.scores()).order_by()
    found = list(asked.annotate(late=_late(release)).values_list(*JUDGED, *SHOWN))
    # A score stored since the names were read may be of a system or an eval that they lack.
    if not systems.keys() >= {row[1] for row in found}:
        systems = system_names_now()
    if not evals.keys() >= {row[2] for row in found}:
        evals = eval_names_now()
    fates, judged = Fates(asked, release, known), len(JUDGED)
    told = [Told._make((*row[:judged], *fates.of(row[0], late=row[judged - 1]))) for row in found]
    sealed = None if release is None else sealed_of(release)
    reporters = {key: str(name) for key, name in Score.ReportedBy.choices}
    return [
        ScoreRow(
            one.pk,
            systems[one.system],
            evals[one.eval],
            one.value,
            uncertainty,
            n_items_text or ("" if n_items is None else str(n_items)),
            elicitation,
            reporters[reported_by],
            one.observed_on,
            source_url,
            note,
            fate.stands,
            fate.counts,
            fate.why,
            sealed is not None and sealed.is_shared(one.system, one.eval, one.value),
            fate.candidate,
        )
        for one, fate, (
            *_judged,
            uncertainty,
            n_items_text,
            n_items,
            elicitation,
            reported_by,
            source_url,
            note,
        ) in zip(told, standings(told, release), found, strict=True)
    ]


def _late(release: Release | None) -> Combinable:
    """Whether a score was recorded after the release was made.

    The database says so: to read a thousand moments takes longer than all else about their scores.
    """
    late = Value(False) if release is None else Q(recorded_at__gt=release.created_at)
    return ExpressionWrapper(late, BooleanField())


@remembered(16)
def scores_of_system(
    system: System, release: Release | None, known: Known = EVERYTHING
) -> tuple[ScoreRow, ...]:
    """All known scores of a system by domain and eval, the one that stands for it first."""
    own = {system.slug: system_name(system)}
    rows = _rows(Score.objects.filter(system=system), release, known, own, eval_names())
    order = ("capability", "safety", "alignment")
    rows.sort(
        key=lambda row: (
            order.index(row.eval.domain) if row.eval.domain in order else len(order),
            row.eval.subdomain,
            row.eval.name,
            not row.stands,
            -row.observed_on.toordinal(),
            row.id,
        )
    )
    return tuple(rows)


@remembered(8)
def eval_history(
    item: Eval, release: Release | None, goalposts: Goalposts, known: Known = EVERYTHING
) -> EvalHistory:
    """All known scores of an eval, oldest system first, between the goalposts that count."""
    own = {item.slug: eval_name(item)}
    scores = Score.objects.filter(eval=item)
    rows = _rows(scores, release, known, system_names(), own)
    rows.sort(key=attrgetter("system.released_on", "system.slug", "observed_on", "id"))
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


def counted_first(rows: Iterable[ScoreRow]) -> list[ScoreRow]:
    """The rows that the index counts before those that it does not, each in their order."""
    return sorted(rows, key=lambda row: not row.counts)


def conflicts(of: EvalHistory | Iterable[ScoreRow]) -> list[Conflict]:
    """Cells with several scores: those of one eval by spread, widest first, else by eval."""
    groups: dict[tuple[str, str], list[ScoreRow]] = defaultdict(list)
    for row in of.rows if isinstance(of, EvalHistory) else of:
        groups[row.system.slug, row.eval.slug].append(row)
    found = [_conflict(group) for group in groups.values() if len(group) > 1]
    if len({conflict.eval.slug for conflict in found}) > 1:
        # Spreads in different units cannot be compared.
        return sorted(found, key=lambda conflict: (conflict.eval.name, conflict.system.slug))
    return sorted(found, key=lambda conflict: (-conflict.spread, conflict.system.slug))


def _conflict(rows: Sequence[ScoreRow]) -> Conflict:
    values = [row.value for row in rows if row.candidate] or [0.0]
    return Conflict(rows[0].system, rows[0].eval, tuple(rows), max(values) - min(values))
