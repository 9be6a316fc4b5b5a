"""Watched folders: a file is imported once, when it has stood still."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evals.models import ImportRun, WatchedFile
from evals.services.files import SHIPPED
from evals.services.watching import look
from tests.evals.feeding.test_feeds import UNDATED
from tests.evals.readers.files import DATED
from tests.evals.web.conftest import line

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to watch, with one file in it."""
    found = tmp_path / "logs"
    found.mkdir()
    (found / "one.jsonl").write_text(line() + "\n")
    return found


def test_it_imports_a_file_that_stood_still_once(folder: Path) -> None:
    assert look({"lab": folder}) == []
    (run,) = look({"lab": folder})
    assert (run.name, run.source.slug) == ("one.jsonl", "lab")
    assert look({"lab": folder}) == [] and ImportRun.objects.count() == 1


def test_it_waits_for_a_file_that_is_still_written(folder: Path) -> None:
    path = folder / "one.jsonl"
    for _time in range(3):
        assert look({"lab": folder}) == []
        with path.open("a") as file:
            file.write(line() + "\n")
    look({"lab": folder})
    assert len(look({"lab": folder})) == 1


def test_it_imports_a_file_again_when_its_content_changes(folder: Path) -> None:
    look({"lab": folder})
    look({"lab": folder})
    (folder / "one.jsonl").write_text(line(value=54) + "\n")
    look({"lab": folder})
    assert len(look({"lab": folder})) == 1 and ImportRun.objects.count() == 2


def test_it_imports_the_same_content_under_another_name_not_again(folder: Path) -> None:
    look({"lab": folder})
    look({"lab": folder})
    (folder / "copy.jsonl").write_text(line() + "\n")
    look({"lab": folder})
    assert look({"lab": folder}) == []
    copy = WatchedFile.objects.get(path="copy.jsonl")
    assert copy.import_run == ImportRun.objects.get() and "imported before" in copy.reason


def test_it_names_the_import_that_was_told_alike(folder: Path) -> None:
    for _time in range(2):
        look({"lab": folder})
    first = ImportRun.objects.get()
    # A newer import of the same content, of which something else was told.
    ImportRun.objects.create(
        source=first.source,
        name="other",
        state="done",
        content_sha256=first.content_sha256,
        options={"system": "GPT-4o"},
    )
    (folder / "copy.jsonl").write_text(line() + "\n")
    for _time in range(2):
        look({"lab": folder})
    assert WatchedFile.objects.get(path="copy.jsonl").import_run == first


def test_it_says_why_a_file_was_not_imported(folder: Path) -> None:
    (folder / "one.jsonl").write_bytes(b"\x89PNG\r\n\x1a\n")
    look({"lab": folder})
    assert look({"lab": folder}) == []
    assert "no reader knows" in WatchedFile.objects.get().reason
    assert look({"lab": folder}) == []


def test_it_follows_no_link_and_looks_at_nothing_hidden(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jsonl").write_text(line(value=1) + "\n")
    os.symlink(outside, folder / "linked")
    os.symlink(outside / "secret.jsonl", folder / "link.jsonl")
    (folder / ".hidden.jsonl").write_text(line(value=2) + "\n")
    os.mkfifo(folder / "pipe")
    look({"lab": folder})
    why = "is a link, and links in a folder are not followed"
    told = {"link.jsonl": why, "linked": why, "one.jsonl": "", "pipe": "is no plain file"}
    assert dict(WatchedFile.objects.values_list("path", "reason")) == told
    assert len(look({"lab": folder})) == 1 and look({"lab": folder}) == []


def test_it_takes_a_folder_of_a_known_kind_as_one_import(folder: Path) -> None:
    inside = folder / "catalog"
    inside.mkdir()
    for name in ("systems.csv", "evals.csv", "observations.csv"):
        (inside / name).write_bytes((SHIPPED / name).read_bytes())
    look({"lab": folder})
    assert sorted(row.path for row in WatchedFile.objects.all()) == ["catalog", "one.jsonl"]
    runs = look({"lab": folder})
    assert sorted(run.format for run in runs) == ["catalog", "results"]


def test_it_sees_logs_beside_a_nested_run_of_helm(folder: Path) -> None:
    run = folder / "mixed" / "run"
    run.mkdir(parents=True)
    (run / "run_spec.json").write_text("{}")
    (run / "stats.json").write_text("[]")
    (folder / "mixed" / "two.jsonl").write_text(line(value=2) + "\n")
    look({"lab": folder})
    seen = sorted(row.path for row in WatchedFile.objects.all())
    assert seen == ["mixed/run", "mixed/two.jsonl", "one.jsonl"]


def test_it_bears_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert look({"lab": tmp_path / "gone"}) == []


def test_it_gives_results_the_date_and_the_system_that_they_lack(folder: Path) -> None:
    (folder / "one.jsonl").unlink()
    (folder / "gpqa.yaml").write_bytes(UNDATED)
    for _time in range(2):
        look({"lab": folder})
    told = {"dates": {"lab": DATED, "else": DATED}, "systems": {"lab": "GPT-4o"}}
    (folder / "gpqa.yaml").write_bytes(UNDATED)
    runs = [run for _time in range(3) for run in look({"lab": folder}, **told)]  # type: ignore[arg-type]
    assert [run.options for run in runs] == [{"dated": DATED.isoformat(), "system": "GPT-4o"}]
