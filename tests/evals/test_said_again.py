"""Rows that are stored already and come again: nothing is lost with the import that came first."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.models import Alias, Decision, HeldRow, Resolution, Score, System
from evals.selectors.queues import waiting
from evals.services import imports
from evals.services.held import resolve_held_rows
from evals.services.withdrawal import reinstate_run, withdraw_run
from tests.evals.conftest import counts, imported
from tests.evals.tables import score, write

pytestmark = pytest.mark.usefixtures("names")


def statuses() -> dict[float, str]:
    """Value to what became of it, over all scores."""
    return {found.value: str(found.decisions.latest("id").status) for found in Score.objects.all()}


def lines(tmp_path: Path, *values: object, **facts: str) -> Path:
    """A file of one result's values."""
    return write(tmp_path / "a.csv", [score(value, **facts) for value in values])


def test_it_counts_a_row_whose_first_import_was_withdrawn(tmp_path: Path) -> None:
    withdraw_run(imported(lines(tmp_path, 51)), reason="wrong file", by=None)
    again = imported(lines(tmp_path, 51), source="else")
    assert counts(again) == (1, 1, 0, 0, 0)
    assert statuses() == {51.0: "accepted"}
    assert Decision.objects.latest("id").reason == f"import {again.pk} states it again"
    assert withdraw_run(again, reason="wrong too", by=None) == 1
    assert statuses() == {51.0: "withdrawn"}


def test_a_row_counts_for_as_long_as_one_import_states_it(tmp_path: Path) -> None:
    first = imported(lines(tmp_path, 51))
    assert counts(imported(lines(tmp_path, 51), source="else")) == (1, 0, 1, 0, 0)
    assert withdraw_run(first, reason="wrong file", by=None) == 0
    assert statuses() == {51.0: "accepted"}


def test_the_last_word_counts_though_it_was_said_before(tmp_path: Path) -> None:
    runs = [imported(lines(tmp_path, value)) for value in (50, 55, 50)]
    assert [counts(run) for run in runs] == [(1, 1, 0, 0, 0)] * 3
    assert statuses() == {50.0: "accepted", 55.0: "superseded"}
    reason = f"the source says 50 now, not 55 (score {Score.objects.get(value=50).pk})"
    assert Score.objects.get(value=55).decisions.latest("id").reason == reason


def test_a_source_corrects_only_its_own_word(tmp_path: Path) -> None:
    imported(lines(tmp_path, 50))
    other = imported(lines(tmp_path, 50), source="else")
    imported(lines(tmp_path, 55))
    assert statuses() == {50.0: "accepted", 55.0: "accepted"}
    withdraw_run(other, reason="wrong file", by=None)
    assert statuses() == {50.0: "superseded", 55.0: "accepted"}


def test_an_older_import_that_ends_later_takes_nobodys_place(tmp_path: Path) -> None:
    older = imports.create_run(path=lines(tmp_path, 50), source="lab")
    imported(lines(tmp_path, 55))
    assert imports.run_import(older.pk) is not None
    assert statuses() == {50.0: "superseded", 55.0: "accepted"}


def test_a_held_row_waits_for_as_long_as_one_import_states_it(tmp_path: Path) -> None:
    first = imported(lines(tmp_path, 44, system="Mystery"))
    again = imported(lines(tmp_path, 44, system="Mystery"), source="else")
    assert counts(again) == (1, 0, 1, 0, 0)
    withdraw_run(first, reason="wrong file", by=None)
    assert waiting().names == 1
    Alias.objects.create(name="Mystery", system=System.objects.get())
    assert resolve_held_rows() == 1
    assert withdraw_run(again, reason="wrong too", by=None) == 1


def test_a_row_waits_again_whose_first_import_was_withdrawn(tmp_path: Path) -> None:
    withdraw_run(imported(lines(tmp_path, 44, system="Mystery")), reason="wrong", by=None)
    again = imported(lines(tmp_path, 44, system="Mystery"), source="else")
    assert counts(again) == (1, 0, 0, 1, 0)
    Alias.objects.create(name="Mystery", system=System.objects.get())
    assert resolve_held_rows() == 1
    assert Score.objects.get().import_run == again


def test_a_row_waits_again_whose_twin_ended_while_its_name_was_known(tmp_path: Path) -> None:
    imported(lines(tmp_path, 44, system="Mystery"))
    alias = Alias.objects.create(name="Mystery", system=System.objects.get())
    resolve_held_rows()
    alias.delete()
    assert counts(imported(lines(tmp_path, 44, system="Mystery"))) == (1, 0, 0, 1, 0)
    assert HeldRow.objects.count() == 2


def test_a_held_row_whose_score_was_withdrawn_lets_it_count_again(tmp_path: Path) -> None:
    first = imported(lines(tmp_path, 44))
    imported(lines(tmp_path, 44, system="Mystery"), source="else")
    withdraw_run(first, reason="wrong file", by=None)
    Alias.objects.create(name="Mystery", system=System.objects.get())
    assert resolve_held_rows() == 1
    assert statuses() == {44.0: "accepted"}
    assert Resolution.objects.get().outcome == "duplicate"


def test_what_two_sources_said_otherwise_comes_back_when_one_takes_that_back(
    tmp_path: Path,
) -> None:
    for source in ("lab", "else"):
        imported(lines(tmp_path, 50), source=source)
    imported(lines(tmp_path, 60), source="lab")
    other = imported(lines(tmp_path, 55), source="else")
    assert statuses() == {50.0: "superseded", 55.0: "accepted", 60.0: "accepted"}
    withdraw_run(other, reason="wrong file", by=None)
    assert statuses() == {50.0: "accepted", 55.0: "withdrawn", 60.0: "accepted"}


def test_each_source_of_a_shared_word_may_take_its_own_back(tmp_path: Path) -> None:
    for source in ("lab", "else"):
        imported(lines(tmp_path, 50), source=source)
    runs = [imported(lines(tmp_path, v), source=s) for v, s in ((60, "lab"), (55, "else"))]
    for run in runs:
        withdraw_run(run, reason="wrong file", by=None)
        assert statuses()[50.0] == "accepted"
        reinstate_run(run, reason="right file", by=None)
        assert statuses()[50.0] == "superseded"
