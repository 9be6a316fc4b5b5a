"""`manage.py import_results` as a person or a script calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from evals.models import ImportRun, Score, Source, System
from evals.services import merging
from indexsite import embedded, env
from tests.evals.readers.files import shared
from tests.evals.tables import SYSTEMS, score, write

Captured = pytest.CaptureFixture[str]


def status_of(*arguments: object) -> int:
    """The exit status of the command."""
    try:
        call_command("import_results", *map(str, arguments))
    except SystemExit as ended:
        return int(str(ended.code))
    return 0


def files_in(folder: Path) -> list[Path]:
    """Every file under a folder that may not be there."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.usefixtures("names")
def test_it_ends_with_the_counts_and_status_0(tmp_path: Path, capsys: Captured) -> None:
    path = write(tmp_path / "a.csv", [score(1), score(1), score(2)])
    assert status_of(path, "--source", "lab") == 0
    told = capsys.readouterr()
    assert told.out == "read=3 accepted=2 duplicate=1 held=0 rejected=0\n"
    assert told.err == ""
    assert Source.objects.get().slug == "lab"


@pytest.mark.usefixtures("names")
def test_it_prints_the_same_counts_as_json(tmp_path: Path, capsys: Captured) -> None:
    assert status_of(write(tmp_path / "a.csv", [score(1), score(2)]), "--json") == 0
    counts = {"read": 2, "accepted": 2, "duplicate": 0, "held": 0, "rejected": 0}
    found = json.loads(capsys.readouterr().out)
    (run,) = found.pop("runs")
    assert found == counts and run["import_run"] == ImportRun.objects.get().pk
    assert status_of(write(tmp_path / "b.csv", [score(101)]), "--json") == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert "the value 101 is above 100" in run["reasons"][0]


@pytest.mark.usefixtures("names")
def test_it_says_that_a_date_would_help(capsys: Captured) -> None:
    assert status_of(shared("fixtures", "helm"), "--dry-run") == 1
    assert "--dated gives them one" in capsys.readouterr().err


@pytest.mark.usefixtures("names")
def test_it_adds_the_counts_of_several_paths(tmp_path: Path, capsys: Captured) -> None:
    first = write(tmp_path / "a.csv", [score(1)])
    second = write(tmp_path / "b.csv", [score(1), score(2)])
    assert status_of(first, second) == 0
    assert capsys.readouterr().out == "read=3 accepted=2 duplicate=1 held=0 rejected=0\n"


@pytest.mark.usefixtures("names")
def test_it_names_rows_that_were_held_or_rejected_and_ends_with_1(
    tmp_path: Path, capsys: Captured
) -> None:
    path = write(tmp_path / "a.csv", [score(), score(system="who"), score(101)])
    assert status_of(path) == 1
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == "read=3 accepted=1 duplicate=0 held=1 rejected=1"
    assert "rejected: a.csv, line 4: the value 101 is above 100" in told.err
    assert "held: line 3: no alias knows system 'who'" in told.err


@pytest.mark.usefixtures("names")
def test_it_goes_on_past_a_path_it_cannot_read(tmp_path: Path, capsys: Captured) -> None:
    good, strange = write(tmp_path / "a.csv", [score()]), write(tmp_path / "b", [], header="x")
    assert status_of(tmp_path / "none.csv", strange, good) == 1
    told = capsys.readouterr()
    assert told.out == "read=1 accepted=1 duplicate=0 held=0 rejected=0\n"
    assert "none.csv: there is no such file or folder." in told.err
    assert "b: no reader knows this format." in told.err


@pytest.mark.usefixtures("names")
def test_it_names_the_formats_where_an_unknown_one_is_asked_for(
    tmp_path: Path, capsys: Captured
) -> None:
    assert status_of(write(tmp_path / "a.csv", [score()]), "--format", "strange") == 1
    assert (
        "There is no format 'strange'; the formats are: archive, catalog" in capsys.readouterr().err
    )


@pytest.mark.usefixtures("names")
def test_it_stores_nothing_in_a_dry_run(tmp_path: Path, media: Path, capsys: Captured) -> None:
    folder = tmp_path / "lab"
    folder.mkdir()
    write(folder / "systems.csv", ["new-1,New,Lab,N,2026-01-01,"], header=SYSTEMS)
    write(folder / "observations.csv", [score(), score(1, system="new-1"), score(system="who")])
    assert status_of(folder, "--dry-run") == 1
    assert capsys.readouterr().out == "read=3 accepted=2 duplicate=0 held=1 rejected=0\n"
    stored = [table.objects.count() for table in (Score, ImportRun, Source)]
    assert (stored, System.objects.count()) == ([0, 0, 0], 1)
    assert files_in(media) == []


@pytest.mark.usefixtures("names")
def test_it_keeps_the_file_of_a_real_run(tmp_path: Path, media: Path) -> None:
    path = write(tmp_path / "a.csv", [score()])
    assert status_of(path) == 0
    (kept,) = files_in(media)
    assert kept.read_bytes() == path.read_bytes()


@pytest.mark.usefixtures("names")
def test_it_leaves_a_run_that_broke_to_be_tried_again(
    tmp_path: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "add_scores", lambda *a, **k: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        status_of(write(tmp_path / "a.csv", [score()]))
    run = ImportRun.objects.get()
    assert (run.state, run.attempts, Score.objects.count()) == ("pending", 1, 0)
    assert len(files_in(media)) == 1


@pytest.mark.usefixtures("names")
def test_it_ends_the_run_of_a_person_who_stops_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*arguments: object, **more: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(merging, "add_scores", stop)
    with pytest.raises(KeyboardInterrupt):
        status_of(write(tmp_path / "a.csv", [score()]))
    run = ImportRun.objects.get()
    assert (run.state, run.error) == ("failed", "ended by the person who began it")


@pytest.mark.usefixtures("names")
def test_it_finds_files_by_pattern_and_in_folders(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "logs" / "deep"
    folder.mkdir(parents=True)
    write(folder / "a.csv", [score(1)])
    write(folder / "b.csv", [score(2, eval="horizon")])
    write(folder / ".hidden.csv", [score(3)])
    assert status_of(tmp_path / "logs") == 0
    assert capsys.readouterr().out == "read=2 accepted=2 duplicate=0 held=0 rejected=0\n"
    assert status_of(tmp_path / "logs" / "**" / "?.csv") == 0
    assert capsys.readouterr().out == "read=2 accepted=0 duplicate=2 held=0 rejected=0\n"


@pytest.mark.usefixtures("names")
def test_it_reads_in_a_folder_what_it_reads_in_its_parts(capsys: Captured) -> None:
    whole = shared("fixtures")
    parts = sorted(path for path in whole.iterdir() if path.is_dir())
    read = []
    for paths in ([whole], parts):
        status_of(*paths, "--dated", "2026-01-02", "--dry-run")
        read.append(capsys.readouterr().out)
    assert read[0] == read[1]
    assert int(read[0].split()[0].removeprefix("read=")) > 10


@pytest.mark.usefixtures("names")
def test_it_reads_what_lies_beside_a_catalog(tmp_path: Path, capsys: Captured) -> None:
    write(tmp_path / "observations.csv", [score(1)])
    write(tmp_path / "more.csv", [score(2)])
    assert status_of(tmp_path) == 0
    assert capsys.readouterr().out == "read=2 accepted=2 duplicate=0 held=0 rejected=0\n"


@pytest.mark.usefixtures("names")
def test_it_refuses_a_mapping_with_unknown_members_and_the_reserved_source(tmp_path: Path) -> None:
    path, mapping = write(tmp_path / "a.csv", [score(1)]), tmp_path / "m.json"
    mapping.write_text('{"sytem": "Model"}')
    with pytest.raises(CommandError, match="--mapping: Object contains unknown field `sytem`"):
        status_of(path, "--mapping", mapping)
    with pytest.raises(CommandError, match="reserved for the shipped catalog"):
        status_of(path, "--source", "catalog")
    assert not ImportRun.objects.exists()


@pytest.mark.usefixtures("names")
def test_it_reads_standard_input(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    with write(tmp_path / "a.csv", [score(1), score(101)]).open() as given:
        monkeypatch.setattr(sys, "stdin", given)
        assert status_of("-") == 1
    told = capsys.readouterr()
    assert told.out == "read=2 accepted=1 duplicate=0 held=0 rejected=1\n"
    assert "rejected: standard input, line 3: the value 101 is above 100" in told.err


def test_it_works_as_a_program_while_redis_is_away(
    committed: embedded.Urls, tmp_path: Path
) -> None:
    dead = {**committed.environment(), "REDIS_URL": "redis://127.0.0.1:1/0"}
    path = write(tmp_path / "a.csv", [score(), score(-1)])
    ended = subprocess.run(
        [sys.executable, "manage.py", "import_results", str(path)],
        cwd=env.ROOT,
        env={**os.environ, **dead, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout == "read=2 accepted=1 duplicate=0 held=0 rejected=1\n"
    assert Score.objects.count() == 1
