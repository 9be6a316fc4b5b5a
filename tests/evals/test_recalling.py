"""Imports of before restatements were kept: what they stated again is found in their files."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from evals import fingerprint
from evals.models import HeldRestatement, ImportRun, Restatement, Score
from evals.services import recalling
from evals.services.withdrawal import withdraw_run
from tests.evals.conftest import counts, imported
from tests.evals.tables import score, write

pytestmark = pytest.mark.usefixtures("names")


@pytest.fixture(params=["", "hashes too"])
def before(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> pytest.MonkeyPatch:
    """An earlier version: it notes no restatement and, in the second case, hashes otherwise."""
    monkeypatch.setattr("evals.services.imports.restate_scores", lambda batches: 0)
    monkeypatch.setattr("evals.services.merging.restate_held_rows", lambda batch, run: None)
    if request.param:
        monkeypatch.setattr("evals.services.sorting.fingerprint", fingerprint.earlier_fingerprint)
    return monkeypatch


def statuses() -> dict[float, str]:
    """Value to what became of it, over all scores."""
    return {found.value: str(found.decisions.latest("id").status) for found in Score.objects.all()}


def test_a_row_of_before_counts_on_when_its_first_import_is_withdrawn(
    tmp_path: Path, before: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    held = score(44, system="Mystery")
    first = imported(write(tmp_path / "a.csv", [score(51), score(52), held]))
    again = imported(write(tmp_path / "b.csv", [score(51), score(53), held]), source="else")
    assert counts(again) == (3, 1, 2, 0, 0)
    before.undo()
    for _time in range(2):
        call_command("restate_imports")
        assert [row.line for row in Restatement.objects.filter(import_run=again)] == [2]
        assert HeldRestatement.objects.count() == 1 and Score.objects.count() == 3
    assert f"import {again.pk}: states 1 scores of others" in capsys.readouterr().out
    withdraw_run(first, reason="wrong file", by=None)
    assert statuses() == {51.0: "accepted", 52.0: "withdrawn", 53.0: "accepted"}


def test_the_last_word_of_before_counts_though_it_was_said_before(
    tmp_path: Path, before: pytest.MonkeyPatch
) -> None:
    for value in (50, 55, 50):
        newest = imported(write(tmp_path / "a.csv", [score(value)]))
    before.undo()
    assert statuses() == {50.0: "superseded", 55.0: "accepted"}
    assert list(recalling.unrecalled()) == [newest] and recalling.recall(newest) == 1
    assert statuses() == {50.0: "accepted", 55.0: "superseded"}
    assert not recalling.unrecalled().exists()


def test_it_names_an_import_whose_file_is_gone(
    tmp_path: Path, before: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.csv", "b.csv"):
        run = imported(write(tmp_path / name, [score(51)]))
    ImportRun.objects.filter(pk=run.pk).update(content_sha256="0" * 64)
    before.undo()
    with pytest.raises(SystemExit):
        call_command("restate_imports")
    told = capsys.readouterr().err
    assert f"import {run.pk}: b.csv: the stored file is not the one that was sent" in told
