"""What the indexes of scores must hold and find."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from evals.models import HeldRow, Score
from tests.evals.conftest import imported
from tests.evals.tables import score, write

pytestmark = pytest.mark.usefixtures("names")


def plan_of(statement: str) -> str:
    """How a statement is run where there is an index for it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_a_held_row_becomes_one_score_at_most(tmp_path: Path) -> None:
    imported(write(tmp_path / "lab.csv", [score(51), score(52), score(system="nobody")]))
    held = HeldRow.objects.get()
    first, second = Score.objects.order_by("id")
    for one in (first, second):
        one.pk, one.held_row, one.content_hash = None, held, f"copy of {one.pk}"
    first.save()
    with pytest.raises(IntegrityError, match="score_of_held_row"), transaction.atomic():
        second.save()


@pytest.mark.parametrize("column", ["system_id", "eval_id"])
def test_the_scores_of_a_system_and_of_an_eval_are_found_by_one_index(column: str) -> None:
    assert "score_key" in plan_of(f"SELECT * FROM evals_score WHERE {column} = 1")


def test_what_waits_in_doubt_is_found_without_the_rest() -> None:
    found = plan_of(
        "SELECT * FROM evals_stagedscore WHERE batch = gen_random_uuid() AND hold <> ''"
    )
    assert "evals_stagedscore_doubtful" in found


def test_what_became_of_scores_is_found_without_the_decisions_that_accepted_them() -> None:
    found = plan_of("SELECT score_id FROM evals_decision WHERE NOT status = 'accepted'")
    assert "decision_other" in found
