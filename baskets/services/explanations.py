"""What a release says beside its values: why they moved, and how far they can be trusted."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import connection

from baskets.engine import Answer, Problem, Replicates, Revision, State, Vintage
from baskets.explained import analysed, sensitivity_of, why_moved
from baskets.models import Analysis, Release, Sheet
from baskets.models import Revision as RevisionRow
from baskets.selectors.decomposition import sealed
from baskets.selectors.releases import previous
from baskets.sheets import packed_sheets
from evals.models import System

SHEET_COLUMNS = ("release_id", "system_id", "cells", "replicates")
REVISION_COLUMNS = ("release_id", "system_id", "series", "before", "after", "terms")


def store_revisions(release: Release, problem: Problem, answer: Answer) -> None:
    """Store why the values of the headlines and domains are not those of the release before."""
    before = previous(release)
    if before is None:
        return
    old_problem, old_answer = sealed(before)
    rows = why_moved(Vintage(old_problem, old_answer.imputed), Vintage(problem, answer.imputed))
    _store(release, rows)


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
    found = analysed(state.problem, answer, today=release.vintage_on)
    if not release.reconstructed:
        found[Analysis.Kind.SENSITIVITY] = sensitivity_of(state, answer)
    Analysis.objects.bulk_create(
        Analysis(release=release, kind=kind, content=content) for kind, content in found.items()
    )


def store_sheets(
    release: Release, problem: Problem, answer: Answer, replicates: Replicates | None
) -> None:
    """Store every system's cells and replicates."""
    keys = dict(System.objects.values_list("slug", "pk"))
    names, table = ", ".join(SHEET_COLUMNS), Sheet._meta.db_table
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(["int8", "int8", "bytea", "bytea"])
        for system, sheet in packed_sheets(problem, answer, replicates).items():
            copy.write_row((release.pk, keys[system], sheet.cells, sheet.replicates))
