"""What a release says beside its values: why they moved, and how far they can be trusted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from django.db import connection

from baskets.engine import (
    Answer,
    EvalWatch,
    Problem,
    Revision,
    State,
    Vintage,
    core_measures,
    ladder,
    revisions,
    round_floats,
    sensitivity,
    watch,
)
from baskets.engine.core import flags_of
from baskets.models import Analysis, Release
from baskets.models import Revision as RevisionRow
from baskets.selectors.decomposition import sealed
from baskets.selectors.releases import previous
from baskets.summary import HEADLINES
from evals.models import System

REVISION_COLUMNS = ("release_id", "system_id", "series", "before", "after", "terms")

# A value that moved by less than a bundle's last decimal has not moved.
UNMOVED = 5e-7


def store_revisions(release: Release, problem: Problem, answer: Answer) -> None:
    """Store why the values of the headlines and domains are not those of the release before."""
    before = previous(release)
    if before is None:
        return
    old_problem, old_answer = sealed(before)
    series = [*HEADLINES, *sorted({item.domain for item in problem.evals})]
    found = revisions(
        Vintage(old_problem, old_answer.imputed),
        Vintage(problem, answer.imputed),
        series=series,
    )
    _store(release, (row for row in found if moved(row)))


def moved(row: Revision) -> bool:
    """Whether anything acted on the value, even where it cancels out."""
    return any(abs(term.points) >= UNMOVED for term in row.terms)


def _store(release: Release, rows: Iterable[Revision]) -> None:
    keys = dict(System.objects.values_list("slug", "pk"))
    names, table = ", ".join(REVISION_COLUMNS), RevisionRow._meta.db_table
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            terms = json.dumps([term.to_json() for term in row.terms])
            copy.write_row((release.pk, keys[row.system], row.series, row.before, row.after, terms))


def store_analyses(release: Release, state: State, answer: Answer) -> None:
    """Store the saturation watch, the core measures, the ladder and the sensitivity of a release.

    A reconstructed release has no sensitivity: nobody published it under those weights.
    """
    problem = state.problem
    watched = watch(problem, answer, today=release.vintage_on)
    flagged = flags_of(problem, also=_saturated(watched))
    core = core_measures(problem, answer, flagged=flagged)
    found = {
        Analysis.Kind.WATCH: {"rows": _plain(watched)},
        Analysis.Kind.CORE: {"flagged": flagged, "rows": _plain(core)},
        Analysis.Kind.LADDER: {"rows": _plain(ladder(problem, answer))},
    }
    if not release.reconstructed:
        found[Analysis.Kind.SENSITIVITY] = asdict(sensitivity(state, answer))
    Analysis.objects.bulk_create(
        Analysis(release=release, kind=kind, content=round_floats(content, 6))
        for kind, content in found.items()
    )


def _saturated(watched: Sequence[EvalWatch]) -> dict[str, tuple[str, ...]]:
    """The counted evals that the watch finds saturating, flagged as the core measures name it."""
    return {row.eval: ("saturated",) for row in watched if row.lifecycle == "saturating"}


def _plain(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [asdict(row) for row in rows]
