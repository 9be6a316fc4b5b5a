"""Imports that are taken back and come again, and results that a source corrects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.models import User
from evals.models import Alias, Decision, Score, System
from evals.services.held import resolve_held_rows
from evals.services.withdrawal import NotPossible, reinstate_run, withdraw_run
from evals.signals import scores_changed
from tests.evals.conftest import counts, imported
from tests.evals.tables import HEADER, score, write

pytestmark = pytest.mark.usefixtures("names")


def statuses() -> dict[float, str]:
    """Value to what became of it, over all scores."""
    return {found.value: str(found.decisions.latest("id").status) for found in Score.objects.all()}


@pytest.fixture
def told() -> Iterator[list[str]]:
    """The causes for which a release is asked."""
    causes: list[str] = []

    def hear(*, cause: str, **kwargs: object) -> None:
        causes.append(cause)

    scores_changed.connect(hear)
    yield causes
    scores_changed.disconnect(hear)


def test_it_withdraws_every_score_and_deletes_none(tmp_path: Path, told: list[str]) -> None:
    run, person = imported(write(tmp_path / "a.csv", [score(1), score(2)])), None
    person = User.objects.create_user("ada")
    assert withdraw_run(run, reason="wrong sheet", by=person) == 2
    assert statuses() == {1.0: "withdrawn", 2.0: "withdrawn"}
    newest = Decision.objects.latest("id")
    assert (newest.reason, newest.by) == ("wrong sheet", person)
    assert told == ["2 new scores from lab", f"import {run.pk} withdrawn: wrong sheet"]
    run.refresh_from_db()
    assert run.withdrawn_at is not None


def test_it_reinstates_what_was_withdrawn(tmp_path: Path, told: list[str]) -> None:
    run = imported(write(tmp_path / "a.csv", [score(1)]))
    withdraw_run(run, reason="wrong", by=None)
    assert reinstate_run(run, reason="right after all", by=None) == 1
    assert statuses() == {1.0: "accepted"}
    assert told[-1] == f"import {run.pk} reinstated: right after all"
    with pytest.raises(NotPossible, match="not withdrawn"):
        reinstate_run(run, reason="again", by=None)


def test_it_withdraws_no_score_that_did_not_count(tmp_path: Path) -> None:
    imported(write(tmp_path / "a.csv", [score(1)]))
    again = imported(write(tmp_path / "b.csv", [score(1)]))
    assert withdraw_run(again, reason="wrong", by=None) == 0
    assert statuses() == {1.0: "accepted"}
    with pytest.raises(NotPossible, match="is withdrawn"):
        withdraw_run(again, reason="again", by=None)


def test_held_rows_of_a_withdrawn_run_stay_held(tmp_path: Path) -> None:
    run = imported(write(tmp_path / "a.csv", [score(1, system="GPT Four")]))
    withdraw_run(run, reason="wrong", by=None)
    Alias.objects.create(name="GPT Four", system=System.objects.get())
    assert resolve_held_rows() == 0
    reinstate_run(run, reason="right", by=None)
    assert resolve_held_rows() == 1


def test_a_corrected_row_takes_the_place_of_the_wrong_one(tmp_path: Path) -> None:
    imported(write(tmp_path / "a.csv", [score(70), score(60, eval="horizon")]))
    run = imported(write(tmp_path / "b.csv", [score(71), score(60, eval="horizon")]))
    assert counts(run) == (2, 1, 1, 0, 0)
    assert statuses() == {70.0: "superseded", 71.0: "accepted", 60.0: "accepted"}
    decision = Decision.objects.get(status="superseded")
    right = Score.objects.get(value=71)
    assert decision.in_favour_of == right
    assert decision.reason == f"the source says 71 now, not 70 (score {right.pk})"


def test_results_that_stand_side_by_side_correct_each_other_not(tmp_path: Path) -> None:
    imported(write(tmp_path / "a.csv", [score(70), score(72)]))
    imported(write(tmp_path / "b.csv", [score(70), score(71)]))
    assert statuses() == {70.0: "accepted", 71.0: "accepted", 72.0: "superseded"}


def test_another_source_corrects_nothing(tmp_path: Path) -> None:
    imported(write(tmp_path / "a.csv", [score(70)]))
    imported(write(tmp_path / "b.csv", [score(71)]), source="else")
    assert statuses() == {70.0: "accepted", 71.0: "accepted"}


@pytest.mark.parametrize(("identity", "status"), [("r1", "superseded"), ("r2", "accepted")])
def test_a_result_is_known_by_the_sources_own_identity(
    tmp_path: Path, identity: str, status: str
) -> None:
    header = f"{HEADER},external_id"
    first = write(tmp_path / "a.csv", [score(70) + ",r1"], header=header)
    imported(first)
    later = score(71, observed_on="2026-03-05") + f",{identity}"
    imported(write(tmp_path / "b.csv", [later], header=header))
    assert statuses() == {70.0: status, 71.0: "accepted"}


def test_what_a_withdrawn_import_corrected_counts_again(tmp_path: Path) -> None:
    imported(write(tmp_path / "a.csv", [score(70)]))
    run = imported(write(tmp_path / "b.csv", [score(71)]))
    withdraw_run(run, reason="the first was right", by=None)
    assert statuses() == {70.0: "accepted", 71.0: "withdrawn"}
    reinstate_run(run, reason="it was not", by=None)
    assert statuses() == {70.0: "superseded", 71.0: "accepted"}


def test_one_identity_on_two_evals_is_two_results(tmp_path: Path) -> None:
    header = f"{HEADER},external_id"
    both = [score(70) + ",1", score(60, eval="horizon") + ",1"]
    imported(write(tmp_path / "a.csv", both, header=header))
    later = score(71, observed_on="2026-03-05") + ",1"
    imported(write(tmp_path / "b.csv", [later], header=header))
    assert statuses() == {70.0: "superseded", 60.0: "accepted", 71.0: "accepted"}


def test_one_identity_of_two_systems_is_two_results(tmp_path: Path) -> None:
    first = System.objects.get()
    facts = {"developer": first.developer, "generation": first.generation}
    System.objects.create(slug="nova", name="Nova", released_on=first.released_on, **facts)
    header = f"{HEADER},external_id"
    imported(write(tmp_path / "a.csv", [score(70) + ",1"], header=header))
    imported(write(tmp_path / "b.csv", [score(71, system="nova") + ",1"], header=header))
    assert statuses() == {70.0: "accepted", 71.0: "accepted"}
