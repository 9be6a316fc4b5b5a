"""What becomes of the rows of a small file."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.audit import command
from baskets.models import Recompute
from evals.models import (
    Alias,
    AliasEvent,
    Decision,
    DecisionEvent,
    HeldRow,
    ImportRun,
    Rejection,
    Resolution,
    Score,
    System,
)
from evals.records import UnreadableFile
from evals.selectors.queues import waiting
from evals.services import imports
from evals.services.held import resolve_held_rows
from tests.evals.conftest import counts, imported
from tests.evals.tables import SYSTEMS, score, write

pytestmark = pytest.mark.usefixtures("names")


def reason_of(tmp_path: Path, line: str) -> str:
    """Why the only row of a file was rejected."""
    run = imported(write(tmp_path / "lab.csv", [line]))
    assert counts(run) == (1, 0, 0, 0, 1)
    assert not Score.objects.exists()
    rejection = Rejection.objects.get(import_run=run)
    assert rejection.line == 2
    return rejection.reason


def test_it_stores_a_good_row_with_an_accepting_decision(tmp_path: Path) -> None:
    before = timezone.now()
    run = imported(write(tmp_path / "lab.csv", [score(51)]))
    assert counts(run) == (1, 1, 0, 0, 0)
    found = Score.objects.get()
    assert (found.value, found.line, found.import_run_id) == (51.0, 2, run.pk)
    assert before <= found.recorded_at <= timezone.now()
    decision = Decision.objects.get(score=found)
    assert (decision.status, decision.reason) == ("accepted", f"import {run.pk}")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (score(-0.1), "the value -0.1 is below 0, the least gpqa-diamond can be"),
        (score(100.5), "the value 100.5 is above 100, the most gpqa-diamond can be"),
        (score(0, eval="horizon"), "the value 0 of horizon must be positive"),
        (score(uncertainty="±-1"), "the standard error -1 is negative or not finite"),
        (score(uncertainty="60-70"), "the value 50 lies outside its own interval, 60 to 70"),
        (score(uncertainty="70-40"), "the value 50 lies outside its own interval, 70 to 40"),
        (score(reported_by="us"), "reported_by 'us' is none of first_party, third_party, unstated"),
        (score(observed_on="2999-01-01"), "observed_on 2999-01-01 lies in the future"),
        (score(n_items="x" * 121), "n_items_text has 121 characters, and 120 is the most"),
        (score(system="x" * 301), "system_name has 301 characters, and 300 is the most"),
        (score("nan"), "value 'nan' is not a finite number"),
        (score() + ",", "11 cells where the header has 10"),
    ],
)
def test_it_rejects_a_bad_row_by_file_line_and_reason(
    tmp_path: Path, line: str, reason: str
) -> None:
    assert reason_of(tmp_path, line) == f"lab.csv, line 2: {reason}"


def test_it_names_the_file_as_it_came_when_its_name_was_used_before(tmp_path: Path) -> None:
    first = imported(write(tmp_path / "the lab.csv", [score(1)]))
    second = imported(write(tmp_path / "the lab.csv", ["too,short"]))
    assert first.file.name != second.file.name
    assert Rejection.objects.get().reason.startswith("the lab.csv, line 2: ")


def test_it_takes_the_ends_of_the_unit(tmp_path: Path) -> None:
    assert counts(imported(write(tmp_path / "o.csv", [score(0), score(100)]))) == (2, 2, 0, 0, 0)


def test_it_stores_a_row_once_however_often_it_comes(tmp_path: Path) -> None:
    lines = [score(1), score(2), score(1)]
    assert counts(imported(write(tmp_path / "a.csv", lines))) == (3, 2, 1, 0, 0)
    assert counts(imported(write(tmp_path / "b.csv", lines[::-1]))) == (3, 0, 3, 0, 0)
    assert Score.objects.count() == Decision.objects.count() == 2


def test_it_tells_scores_apart_by_what_they_state_and_not_by_their_note(tmp_path: Path) -> None:
    lines = [score(1), score(1, uncertainty="±1"), score(1, note="again")]
    assert counts(imported(write(tmp_path / "a.csv", lines))) == (3, 2, 1, 0, 0)


def test_it_sorts_a_mixed_file_into_all_four(tmp_path: Path) -> None:
    lines = [score(1), score(1), score(system="who"), score(system="who"), score(-1), "x"]
    assert counts(imported(write(tmp_path / "a.csv", lines))) == (6, 1, 2, 1, 2)


def test_it_matches_names_in_any_case_and_spacing(tmp_path: Path) -> None:
    lines = [score(1, system="GPT-4O"), score(2, system="  gpt-4o "), score(3, eval="GPQA-diamond")]
    assert counts(imported(write(tmp_path / "a.csv", lines))) == (3, 3, 0, 0, 0)


def test_it_holds_a_row_of_unknown_names_whole(tmp_path: Path) -> None:
    line = score(51, system="GPT Four", eval="Diamonds", uncertainty="±2", note="n")
    run = imported(write(tmp_path / "a.csv", [line]))
    assert counts(run) == (1, 0, 0, 1, 0)
    row = HeldRow.objects.get()
    assert row.reason == "line 2: no alias knows system 'GPT Four' and eval 'Diamonds'"
    assert row.record["value"] == 51.0
    assert (row.record["stderr"], row.record["note"]) == (2.0, "n")
    assert row.record["elicitation"] == "pass@1"


def test_it_scores_held_rows_once_their_names_are_known(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", [score(51, system="GPT Four", note="kept"), score(9, system="?")]
    )
    run = imported(path)
    assert resolve_held_rows() == 0
    Alias.objects.create(name="gpt four", system=System.objects.get())
    assert resolve_held_rows() == 1
    found = Score.objects.get()
    assert (found.value, found.note, found.line, found.import_run_id) == (51.0, "kept", 2, run.pk)
    assert found.held_row == HeldRow.objects.get(line=2)
    assert resolve_held_rows() == 0
    assert counts(imported(path)) == (2, 0, 2, 0, 0)


def test_a_held_row_ends_with_a_reason_where_the_eval_cannot_take_its_value(tmp_path: Path) -> None:
    run = imported(write(tmp_path / "a.csv", [score(101, system="GPT Four")]))
    Alias.objects.create(name="GPT Four", system=System.objects.get())
    assert resolve_held_rows() == 0
    resolution = Resolution.objects.get()
    why = "the value 101 is above 100, the most gpqa-diamond can be"
    assert (resolution.outcome, resolution.reason) == ("rejected", why)
    assert (waiting().names, Score.objects.count(), counts(run)) == (0, 0, (1, 0, 0, 1, 0))


def test_it_holds_a_name_that_means_two_systems(tmp_path: Path) -> None:
    lines = ["twin-1,Twin,Lab,T,2026-01-01,", "twin-2,Twin,Lab,T,2026-01-01,"]
    write(tmp_path / "systems.csv", lines, header=SYSTEMS)
    write(tmp_path / "observations.csv", [score(system="Twin"), score(system="twin-1")])
    assert counts(imported(tmp_path)) == (2, 1, 0, 1, 0)


def test_it_asks_for_no_release_where_no_basket_is_published(tmp_path: Path) -> None:
    imported(write(tmp_path / "a.csv", [score()]))
    assert not Recompute.objects.exists()


def test_it_keeps_a_folder_as_an_archive_with_the_same_hash_each_time(tmp_path: Path) -> None:
    folder = tmp_path / "monthly"
    folder.mkdir()
    write(folder / "observations.csv", [score()])
    runs = [imports.create_run(path=folder, source="lab") for _ in range(2)]
    assert runs[0].content_sha256 == runs[1].content_sha256
    assert [run.name for run in runs] == ["monthly", "monthly"]
    with runs[0].file.open("rb") as stored, zipfile.ZipFile(stored) as archive:
        assert archive.namelist() == ["observations.csv"]


def test_it_keeps_no_run_of_a_file_that_no_reader_knows(tmp_path: Path, media: Path) -> None:
    with pytest.raises(UnreadableFile):
        imports.create_run(path=write(tmp_path / "x.csv", [], header="a,b"), source="lab")
    assert not ImportRun.objects.exists()
    assert not media.exists()


def test_it_fails_a_run_whose_file_proves_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(write(path, [score()] * 200).read_bytes() + b"\xff\xff\n")
    run = imported(path)
    assert (run.state, counts(run)) == ("failed", (0, 0, 0, 0, 0))
    assert re.fullmatch(
        r"a\.csv, after line \d+: not UTF-8 text \(invalid start byte\)\.", run.error
    )
    assert not Score.objects.exists()


def test_it_dates_what_it_learns_by_now_and_what_was_measured_by_the_source(tmp_path: Path) -> None:
    imported(write(tmp_path / "a.csv", [score(observed_on="2025-02-03")]))
    assert Score.objects.get().observed_on == dt.date(2025, 2, 3)


def test_it_imports_alike_where_the_audit_listens(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [score(1), score(101), score(2, system="who")])
    with command("import_results"):
        run = imported(path)
        Alias.objects.create(name="who", system=System.objects.get(slug="gpt-4o"))
    assert counts(run) == (3, 1, 0, 1, 1)
    assert not AliasEvent._base_manager.exclude(name="who").exists()
    (made,) = AliasEvent._base_manager.values_list("pgh_context__command", flat=True)
    assert made == "import_results"
    assert not DecisionEvent._base_manager.exists()
