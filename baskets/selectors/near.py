"""Names that are near to one that does not exist."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Value
from rapidfuzz import fuzz, process

from baskets.selectors.known import Known
from evals.models import Eval, System

LIKE_ENOUGH = 65.0


@dataclass(frozen=True)
class Near:
    """A system or an eval (`kind`) whose slug is near to what was asked for."""

    kind: str
    slug: str
    name: str


def near(asked: str, known: Known, *, most: int = 6) -> list[Near]:
    """The known systems and evals whose slugs are most like `asked`, the likest first."""
    columns = ("kind", "slug", "name")
    systems = System.objects.filter(known.named("system")).annotate(kind=Value("system"))
    evals = Eval.objects.filter(known.named("eval")).annotate(kind=Value("eval"))
    found = [Near(*row) for rows in (systems, evals) for row in rows.values_list(*columns)]
    best = process.extract(
        asked.lower(),
        [one.slug for one in found],
        scorer=fuzz.ratio,
        score_cutoff=LIKE_ENOUGH,
        limit=most,
    )
    return [found[place] for _slug, _score, place in best]
