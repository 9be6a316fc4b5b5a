"""What the command and watched folders find below a folder: each file once, none unsaid."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.core.management import call_command

from evals.models import HeldRow, ImportRun, Score
from evals.services.folders import found_below
from tests.evals.readers.files import LOGS
from tests.evals.readers.test_archive import RUN
from tests.evals.readers.test_hub import FULL
from tests.evals.tables import score, write

Captured = pytest.CaptureFixture[str]
DATED = ("--dated", "2026-02-03")


def status_of(*arguments: object) -> int:
    """The exit status of the command."""
    try:
        call_command("import_results", *map(str, arguments))
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of HELM with a log inside and one beside it, and things that are no logs."""
    run = tmp_path / "logs" / "suite" / "r"
    run.mkdir(parents=True)
    for name, text in RUN.items():
        (run / name).write_text(text)
    (run / "inside.eval").write_bytes((LOGS / "inspect.eval").read_bytes())
    (run.parent / "beside.json").write_bytes((LOGS / "lm_eval.json").read_bytes())
    (run.parent / "notes.txt").write_text("hello")
    (run.parent / ".DS_Store").write_text("x")
    (run.parent / "link").symlink_to(LOGS)
    os.mkfifo(run.parent / "pipe")
    return tmp_path / "logs"


def test_it_gives_each_file_once(folder: Path) -> None:
    found = [(f.path.relative_to(folder).as_posix(), f.format, f.why) for f in found_below(folder)]
    assert found == [
        ("suite/beside.json", "", ""),
        ("suite/link", "", "is a link, and links in a folder are not followed"),
        ("suite/notes.txt", "", ""),
        ("suite/pipe", "", "is no plain file"),
        ("suite/r", "helm", ""),
        ("suite/r/inside.eval", "", ""),
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("names")
def test_it_reads_all_and_names_what_it_does_not_read(folder: Path, capsys: Captured) -> None:
    assert status_of(folder, *DATED, "--json") == 1
    told = capsys.readouterr()
    runs = {run["name"]: run["read"] for run in json.loads(told.out)["runs"]}
    assert runs.keys() == {"r", "inside.eval", "beside.json"} and all(runs.values())
    assert "notes.txt: no reader knows this format." in told.err
    assert "link: is a link, and links in a folder are not followed." in told.err
    assert "pipe: is no plain file." in told.err and "DS_Store" not in told.err


@pytest.mark.django_db
@pytest.mark.usefixtures("names")
def test_it_keeps_of_a_shared_folder_only_what_its_reader_claims(folder: Path) -> None:
    status_of(folder / "suite" / "r", *DATED)
    names = set(ImportRun.objects.values_list("name", "format"))
    assert names == {("r", "helm"), ("inside.eval", "inspect")}
    assert ImportRun.objects.get(format="helm").read == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("names")
def test_it_reads_one_format_where_one_is_asked_for(folder: Path, capsys: Captured) -> None:
    assert status_of(folder, *DATED, "--format", "helm") == 1
    told = capsys.readouterr()
    assert told.out.startswith("read=1 ")
    assert "inside.eval" in told.err and "beside.json" in told.err


@pytest.mark.django_db
@pytest.mark.usefixtures("names")
def test_two_formats_may_share_a_folder(tmp_path: Path, capsys: Captured) -> None:
    for name, text in RUN.items():
        (tmp_path / name).write_text(text)
    write(tmp_path / "observations.csv", [score(1)])
    assert status_of(tmp_path, *DATED) == 1
    assert capsys.readouterr().out == "read=2 accepted=1 duplicate=0 held=1 rejected=0\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of the hub with a file of results."""
    found = tmp_path / "GPT-4o"
    (found / ".eval_results").mkdir(parents=True)
    (found / ".eval_results" / "hle.yaml").write_text(FULL)
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("inside", ["", ".eval_results", ".eval_results/hle.yaml"])
def test_it_takes_the_system_from_the_repository_in_the_path(repository: Path, inside: str) -> None:
    status_of(repository / inside, *DATED)
    assert set(HeldRow.objects.values_list("system_name", flat=True)) == {"GPT-4o"}


@pytest.mark.django_db
@pytest.mark.usefixtures("names")
def test_it_asks_for_the_system_of_a_file_by_itself(repository: Path, capsys: Captured) -> None:
    alone = (repository / ".eval_results" / "hle.yaml").rename(repository / "hle.yaml")
    status_of(alone, *DATED)
    told = capsys.readouterr()
    assert "the file names no model" in told.err and "--system gives its name" in told.err
    status_of(alone, *DATED, "--system", "gpt-4o")
    assert set(HeldRow.objects.values_list("system_name", flat=True)) == {"gpt-4o"}
    assert not Score.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("names")
def test_a_date_and_a_system_are_told_only_to_readers_that_ask(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [score(1)])
    assert status_of(path, *DATED, "--system", "other") == 0
    assert Score.objects.get().system.slug == "gpt-4o"
