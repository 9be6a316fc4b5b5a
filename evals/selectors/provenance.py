"""Where a score comes from and what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from evals.models import Decision, Restatement, Score
from evals.readers.results import FIELDS


@dataclass(frozen=True)
class Provenance:
    """A score with its decisions, oldest first, and its record as it was read or stored.

    again: the newest imports, after its own, that state it too.
    """

    score: Score
    decisions: tuple[Decision, ...]
    record: dict[str, object]
    as_read: bool
    same_value: tuple[Score, ...]
    again: tuple[Restatement, ...]

    @property
    def status(self) -> Decision | None:
        """The newest decision, which holds."""
        return self.decisions[-1] if self.decisions else None


MOST_SAME = 20
MOST_AGAIN = 20


def provenance(score_id: int) -> Provenance | None:
    """A score's provenance; None where there is no such score."""
    score = _scores().filter(pk=score_id).first()
    if score is None:
        return None
    decisions = score.decisions.select_related("by", "in_favour_of").order_by("pk")
    again = score.restatements.select_related("import_run__source")
    read = score.held_row.record if score.held_row is not None else None
    return Provenance(
        score=score,
        decisions=tuple(decisions),
        record=read if read is not None else _stored(score),
        as_read=read is not None,
        same_value=tuple(_same_value(score)),
        again=tuple(again.order_by("-import_run")[:MOST_AGAIN]),
    )


def _scores() -> QuerySet[Score]:
    return Score.objects.select_related(
        "system__developer", "eval__domain", "import_run__source", "held_row"
    )


def _same_value(score: Score) -> QuerySet[Score]:
    """Scores of other systems with the same value on the same eval: a mark, not a verdict."""
    found = _scores().filter(eval=score.eval, value=score.value).exclude(system=score.system_id)
    return found.order_by("observed_on", "pk")[:MOST_SAME]


def _stored(score: Score) -> dict[str, object]:
    """The record as the score keeps it, under the slugs that its names meant."""
    kept = {name: getattr(score, name) for name in sorted(FIELDS) if hasattr(score, name)}
    names = {"system": score.system.slug, "eval": score.eval.slug, "line": score.line}
    return {name: value for name, value in {**kept, **names}.items() if value not in (None, "")}
