"""The reader of the files of Epoch's benchmark hub."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from evals import readers
from evals.readers import _epoch_columns as columns
from evals.readers import epoch
from evals.records import NameRecord, RejectedRow, ScoreRecord, UnreadableFile
from tests.evals.readers.files import DATED, SHARED, reasons, shared

RAW = ("epoch", "raw")
RUNS = "id,task,model,Best score (across scorers),Scores,log viewer,logs,job,started_at,Status,x"
FILES = sorted(path.name for path in SHARED.joinpath(*RAW).glob("*.csv"))


def found_in(name: str) -> list[ScoreRecord]:
    """The scores of an external file."""
    read = epoch.read(shared(*RAW, f"external_benchmark_{name}.csv"), dated=DATED)
    return [record for record in read if isinstance(record, ScoreRecord)]


def scores_of(found: list[ScoreRecord], system: str) -> dict[str, float]:
    """The values of one system by eval."""
    return {record.eval: record.value for record in found if record.system == system}


def run_file(path: Path, **changes: str) -> Path:
    """A file of one internal run."""
    row = {
        "id": "r1",
        "task": "GPQA diamond",
        "model": "m_high",
        "Best score (across scorers)": "0.854",
        "Scores": "choice:0.85±0.02",
        "started_at": "17 November 2025 4:28pm",
        "Status": "Success",
    } | changes
    cells = [row.get(column, "") for column in RUNS.split(",")]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([RUNS.split(","), cells])
    return path


def test_it_knows_each_file_that_the_hub_publishes() -> None:
    shared(*RAW)
    named = {name.removeprefix("external_benchmark_").removesuffix(".csv") for name in FILES}
    assert named == {*columns.BENCHMARKS, "benchmarks_runs", "model_versions"}


@pytest.mark.parametrize("name", FILES or ["benchmarks_runs.csv"])
def test_it_accounts_for_every_row_and_every_score_column(name: str) -> None:
    path = shared(*RAW, name)
    assert readers.choose(path) == "epoch"
    found = list(epoch.read(path, dated=DATED))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = len(list(csv.reader(file))) - 1
    assert len({record.line for record in found}) == rows
    bad = [record for record in found if isinstance(record, RejectedRow)]
    assert all(record.reason.startswith(f"{name}, line {record.line}: ") for record in bad)


def test_it_reads_an_internal_run_with_its_error() -> None:
    path = shared(*RAW, "benchmarks_runs.csv")
    found = next(iter(epoch.read(path)))
    assert isinstance(found, ScoreRecord)
    assert (found.line, found.system, found.eval) == (2, "gpt-5.1_medium", "GPQA diamond")
    assert (found.value, found.stderr, found.unit) == (0.85, 0.02, "proportion")
    assert found.observed_on == dt.date(2025, 11, 17)
    assert (found.external_id, found.uncertainty) == ("V3YQtSEnQ3TPZEPPgkCKQM", "choice:0.85±0.02")
    assert found.source_url.startswith("https://logs.epoch.ai/inspect-viewer/")
    assert found.elicitation == "task_version=1.0.1"


def test_it_gives_each_of_several_scorers_its_own_record_beside_the_best() -> None:
    found = list(epoch.read(shared(*RAW, "benchmarks_runs.csv")))
    run = [r for r in found if getattr(r, "external_id", "") == "5duoiNDccsgaW7UVt6feYX"]
    assert [(r.eval, r.value, r.stderr) for r in run if isinstance(r, ScoreRecord)] == [
        ("MATH level 5", 0.978, None),
        ("MATH level 5 normalized_string_match", 0.89, 0.01),
        ("MATH level 5 sympy_equiv", 0.92, 0.01),
        ("MATH level 5 model_graded_equiv", 0.98, None),
    ]


def test_it_counts_the_internal_runs() -> None:
    found = list(epoch.read(shared(*RAW, "benchmarks_runs.csv")))
    bad = [record for record in found if isinstance(record, RejectedRow)]
    # Four runs say nothing about when they were started.
    assert (len({r.line for r in found}), len(bad)) == (541, 4)
    assert {r.reason.partition(": ")[2] for r in bad} == {"started_at is empty; give the date"}


@pytest.mark.parametrize(
    ("name", "system", "expected"),
    [
        ("arc_agi", "o4-mini-2025-04-16_high", {"arc_agi": 59.0}),
        ("aider_polyglot", "gpt-5-2025-08-07_high", {"aider_polyglot Percent correct": 88.0}),
        ("arc_ai2", "Yi-6B", {"arc_ai2 Challenge score": 50.3}),
        ("balrog", "grok-4-0709", {"balrog NetHack progress": 1.8}),
        ("livebench", "gemini-2.5-pro-exp-03-25", {"livebench Global average": 82.35}),
        ("metr", "claude-3-5-sonnet-20240620", {"metr Time horizon": 18.21683}),
        ("mcbench", "Claude 3.7 Sonnet (2025-02-19)", {"mcbench ELO": 1312.0}),
        ("the_agent_company", "gemini-2.0-flash-001", {"the_agent_company % Score": 19.0}),
        ("os_world", "Agent S2 w/ Claude 3.7 (50 steps)", {"os_world": 34.5}),
        ("lech_mazur_writing", "qwen3-235b-a22b", {"lech_mazur_writing": 8.3}),
        ("vpct", "gpt-5.1_medium", {"vpct": 53.3}),
    ],
)
def test_it_reads_the_values_of_external_files(
    name: str, system: str, expected: dict[str, float]
) -> None:
    assert expected.items() <= scores_of(found_in(name), system).items()


def test_it_reads_units_errors_intervals_and_dates_where_a_file_has_them() -> None:
    balrog, horizon = found_in("balrog")[0], found_in("metr")[0]
    assert (balrog.value, balrog.stderr, balrog.unit) == (43.6, 2.2, "percent")
    assert balrog.observed_on == dt.date(2024, 7, 23)
    assert (horizon.low, horizon.high, horizon.unit) == (9.492954, 34.472569, "minutes")
    assert found_in("mcbench")[0].unit == "elo"
    assert found_in("mcbench")[0].n_items_text == "1585 votes"
    assert found_in("cadeval")[0].n_items == 50
    assert found_in("terminal_bench")[0].elicitation == "Agent=Apex2"


def test_it_names_the_empty_score_cells_of_a_row() -> None:
    read = epoch.read(shared(*RAW, "external_benchmark_anli.csv"), dated=DATED)
    assert getattr(next(iter(read)), "reason", "") == (
        "external_benchmark_anli.csv, line 2: no score stands in Score, R1, R2, R3"
    )


def test_it_rejects_rows_of_files_without_dates_unless_one_is_given() -> None:
    path = shared(*RAW, "external_benchmark_vpct.csv")
    assert len(list(epoch.read(path))) == 32
    assert set(reasons(path)) == {
        f"{path.name}, line {line}: the file does not say when it was measured; give the date"
        for line in range(2, 34)
    }


def test_it_tells_files_of_one_header_apart_by_their_names(tmp_path: Path) -> None:
    content = shared(*RAW, "external_benchmark_piqa.csv").read_bytes()
    renamed = tmp_path / "download.csv"
    renamed.write_bytes(content)
    assert not epoch.sniff(renamed)
    with pytest.raises(UnreadableFile, match="told apart by their names"):
        list(epoch.read(renamed))
    other = tmp_path / "elsewhere.csv"
    other.write_bytes(shared(*RAW, "external_benchmark_metr.csv").read_bytes())
    assert epoch.sniff(other)


def test_it_gives_what_is_known_of_names() -> None:
    read = list(epoch.read(shared(*RAW, "model_versions.csv")))
    named = {record.name: record for record in read if isinstance(record, NameRecord)}
    assert len(named) == len(read) == 574
    assert named["gpt2-xl"].released_on == dt.date(2019, 11, 5)
    assert named["gpt2-xl"].developer == "openai-community"
    assert named["claude-sonnet-4-5-20250929_59K"].aliases == ("Claude Sonnet 4.5 (59k thinking)",)
    assert named["claude-sonnet-4-5-20250929_59K"].family == "Claude Sonnet 4.5"


def test_it_rejects_a_name_that_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "model_versions.csv"
    path.write_text("id,Model,Version release date,Hugging Face developer id\n,M,2026-01-01,lab\n")
    assert reasons(path) == ["model_versions.csv, line 2: id is empty"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"Status": "Error"}, "the status of the run is 'Error'"),
        ({"Scores": "choice 0.85"}, "Scores holds 'choice 0.85', where scorer:score±error"),
        ({"Scores": ""}, "Scores holds '', where"),
        ({"Scores": "choice:0.8±" + "9" * 400}, "Scores '9999"),
        ({"Best score (across scorers)": "high"}, "Best score (across scorers) 'high' is not"),
        ({"started_at": "31 February 2025 4:28pm"}, "'31 February 2025 4:28pm' is not a date"),
        ({"started_at": "2025-02-03"}, "started_at '2025-02-03' is not a time as in"),
        ({"model": ""}, "model is empty"),
        ({"task": "x\0"}, "a cell holds a NUL character"),
    ],
)
def test_it_rejects_a_bad_run_by_line_and_reason(
    tmp_path: Path, changes: dict[str, str], why: str
) -> None:
    (reason,) = reasons(run_file(tmp_path / "runs.csv", **changes))
    assert reason.startswith(f"runs.csv, line 2: {why}")


def test_it_reads_a_run_from_a_file_of_its_own(tmp_path: Path) -> None:
    (found,) = epoch.read(run_file(tmp_path / "runs.csv"))
    assert isinstance(found, ScoreRecord)
    assert (found.value, found.stderr) == (0.854, 0.02)
