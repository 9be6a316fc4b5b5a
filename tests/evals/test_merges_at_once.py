"""Merges that are under way at the same moment do not miss each other."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from evals.models import HeldRestatement, HeldRow, ImportRun, Score
from evals.services import imports
from evals.services.superseding import lock
from evals.services.withdrawal import withdraw_run
from tests.evals.tables import score, write

pytestmark = pytest.mark.usefixtures("committed")


def merged_at_once(
    paths: Iterable[Path], sources: Iterable[str], patch: pytest.MonkeyPatch
) -> list[ImportRun]:
    """Runs of files whose rows are all stored before one of them asks what they change."""
    runs = [imports.create_run(path=p, source=s).pk for p, s in zip(paths, sources, strict=True)]
    all_stored = Barrier(len(runs), timeout=60)

    def lock_when_all_are_stored() -> None:
        all_stored.wait()
        lock()

    def merge(run: int) -> ImportRun | None:
        try:
            return imports.run_import(run)
        finally:
            connection.close()

    # It keeps the merges of one source apart; nothing here may rest on that.
    patch.setattr(imports, "hold_repeated_vectors", lambda *runs: 0)
    patch.setattr(imports, "lock", lock_when_all_are_stored)
    with ThreadPoolExecutor(len(runs)) as pool:
        return [run for run in pool.map(merge, runs) if run is not None]


def newest() -> dict[float, str]:
    """Value to what became of it."""
    return {found.value: str(found.decisions.latest("id").status) for found in Score.objects.all()}


def test_two_merges_of_a_source_at_once_leave_the_later_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [write(tmp_path / f"{value}.csv", [score(value)]) for value in (50, 55, 60)]
    merged_at_once(paths, ["lab"] * 3, monkeypatch)
    assert newest() == {50.0: "superseded", 55.0: "superseded", 60.0: "accepted"}


def test_two_merges_at_once_hold_a_row_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [write(tmp_path / f"{n}.csv", [score(44, system="Mystery")]) for n in (1, 2)]
    runs = merged_at_once(paths, ["lab", "else"], monkeypatch)
    assert sorted((run.held, run.duplicate) for run in runs) == [(0, 1), (1, 0)]
    row = HeldRow.objects.get()
    assert HeldRestatement.objects.get().import_run_id != row.import_run_id


def test_a_merge_sees_a_withdrawal_that_was_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.csv", [score(50)])
    first = imports.run_import(imports.create_run(path=path, source="lab").pk)
    assert first is not None

    def lock_after_it() -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(withdraw).result()
        lock()

    def withdraw() -> None:
        withdraw_run(first, reason="wrong", by=None)
        connection.close()

    monkeypatch.setattr(imports, "lock", lock_after_it)
    again = imports.run_import(imports.create_run(path=path, source="else").pk)
    assert again is not None and again.accepted == 1
    assert newest() == {50.0: "accepted"}
