"""Tables through a mapping of their columns."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import msgspec
import pyarrow
import pyarrow.parquet
import pytest

from evals.readers import table
from evals.readers._mapping import FACTS, DateForm
from evals.readers.table import Mapping
from evals.records import RejectedRow, ScoreRecord, UnreadableFile
from tests.evals.readers.files import DATED

PLAIN = Mapping(system="model", eval="task", value="score", observed_on="day")
HEADER = "model,task,score,day"


@dataclass(frozen=True)
class Read:
    """What came of a table."""

    scores: list[ScoreRecord]
    reasons: list[str]


def read(path: Path, mapping: Mapping = PLAIN, dated: dt.date | None = None) -> Read:
    """The table under a mapping."""
    found = list(table.read(path, mapping, dated=dated))
    return Read(
        [record for record in found if isinstance(record, ScoreRecord)],
        [record.reason for record in found if isinstance(record, RejectedRow)],
    )


def text(path: Path, *lines: str) -> Path:
    """A file of lines."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


STATED = {fact: f"{fact} x" for fact in FACTS if fact != "uncertainty"} | {
    "value": "0.5",
    "stderr": "0.1",
    "low": "0.4",
    "high": "0.6",
    "n_items": "198 questions",
    "observed_on": "2026-03-01T10:00:00Z",
}


def test_it_reads_every_fact_from_the_column_that_is_named_for_it(tmp_path: Path) -> None:
    columns = {fact: f"the {fact}" for fact in STATED}
    header, row = (
        ",".join([*columns.values(), "shots", "up"]),
        ",".join([*STATED.values(), "5", "no"]),
    )
    mapping = Mapping(**columns, elicitation=("shots",), higher_is_better="up")  # type: ignore[arg-type]
    (found,) = read(text(tmp_path / "t.csv", header, row), mapping).scores
    assert (found.line, found.system, found.eval) == (2, "system x", "eval x")
    assert (found.value, found.stderr, found.low, found.high) == (0.5, 0.1, 0.4, 0.6)
    assert (found.n_items, found.n_items_text) == (198, "198 questions")
    assert found.observed_on == dt.date(2026, 3, 1)
    assert (found.unit, found.note, found.elicitation) == ("unit x", "note x", "shots=5")
    assert (found.developer, found.harness) == ("developer x", "harness x")
    assert found.higher_is_better is False


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_it_finds_the_delimiter_or_is_told_it(tmp_path: Path, delimiter: str) -> None:
    lines = [line.replace(",", delimiter) for line in (HEADER, "m,t,0.5,2026-01-02")]
    path = text(tmp_path / "t.txt", *lines)
    assert table.sniff(path)
    told = msgspec.structs.replace(PLAIN, delimiter=delimiter)
    assert read(path).scores == read(path, told).scores
    assert read(path).scores[0].value == 0.5


def test_it_reads_constants_for_what_has_no_column(tmp_path: Path) -> None:
    mapping = Mapping(
        system="model",
        value="score",
        constants={"eval": "gpqa", "unit": "percent", "reported_by": "first_party"},
    )
    (found,) = read(text(tmp_path / "t.csv", "model,score", "m,50"), mapping, DATED).scores
    assert (found.eval, found.unit, found.reported_by) == ("gpqa", "percent", "first_party")
    assert found.observed_on == DATED


def test_it_reads_a_wide_table_as_one_record_for_each_eval(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", "model,GPQA,MMLU", "a,50.5%,80%", "b,,81%")
    found = read(path, Mapping(system="model", wide=("GPQA", "MMLU")), DATED)
    assert [(r.line, r.system, r.eval, r.value, r.unit) for r in found.scores] == [
        (2, "a", "GPQA", 50.5, "percent"),
        (2, "a", "MMLU", 80.0, "percent"),
        (3, "b", "MMLU", 81.0, "percent"),
    ]
    assert found.reasons == ["t.csv, line 3: no value stands in GPQA"]


@pytest.mark.parametrize(
    ("cell", "value"), [("0,87", 0.87), ("1.234,5", 1234.5), ("-3", -3.0), ("87,5 %", 87.5)]
)
def test_it_reads_decimal_commas_where_it_is_told_of_them(
    tmp_path: Path, cell: str, value: float
) -> None:
    mapping = msgspec.structs.replace(PLAIN, decimal_comma=True)
    path = text(tmp_path / "t.csv", HEADER.replace(",", ";"), f"m;t;{cell};2026-01-02")
    assert read(path, mapping).scores[0].value == value


def test_it_takes_no_point_for_a_decimal_where_decimals_follow_a_comma(tmp_path: Path) -> None:
    mapping = msgspec.structs.replace(PLAIN, decimal_comma=True)
    path = text(tmp_path / "t.csv", HEADER, "m,t,0.87,2026-01-02")
    assert read(path, mapping).reasons == [
        "t.csv, line 2: score '0.87' has a point, where decimals follow a comma"
    ]


@pytest.mark.parametrize(
    ("form", "cell"),
    [
        ("day/month/year", "2/1/2026"),
        ("month/day/year", "1/2/2026"),
        ("day.month.year", "02.01.2026"),
        ("year-month-day", "2026-01-02 10:00"),
    ],
)
def test_it_reads_dates_in_the_form_it_is_told(tmp_path: Path, form: DateForm, cell: str) -> None:
    mapping = Mapping(system="model", eval="task", value="score", observed_on="day", dates=form)
    path = text(tmp_path / "t.csv", HEADER, f"m,t,1,{cell}")
    assert read(path, mapping).scores[0].observed_on == dt.date(2026, 1, 2)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("m,t,,2026-01-02", "score is empty"),
        (",t,1,2026-01-02", "model is empty"),
        ("m,,1,2026-01-02", "task is empty"),
        ("m,t,1,", "day is empty"),
        ("m,t,high,2026-01-02", "score 'high' is not a number"),
        ("m,t,nan,2026-01-02", "score 'nan' is not a number"),
        ("m,t,1e999,2026-01-02", "score '1e999' is not a finite number"),
        ("m,t,=1+1,2026-01-02", "score '=1+1' is not a number"),
        ("m,t,1,2026-02-30", "day '2026-02-30' is not a date (year-month-day)"),
        ("m,t,1,02/01/2026", "day '02/01/2026' is not a date (year-month-day)"),
        ("m,t,1", "3 cells where the header has 4"),
        ("m,t\0,1,2026-01-02", "a cell holds a NUL character"),
    ],
)
def test_it_rejects_a_row_by_line_and_reason(tmp_path: Path, row: str, why: str) -> None:
    path = text(tmp_path / "t.csv", HEADER, "m,t,1,2026-01-02", row)
    found = read(path)
    assert len(found.scores) == 1
    assert found.reasons[0].startswith(f"t.csv, line 3: {why}")


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        (Mapping(system="model"), "no column and no constant for eval, value, observed_on"),
        (Mapping(system="model", eval="x", value="y", observed_on="day"), "missing columns: x, y"),
        (Mapping(constants={"colour": "red"}), "constants for unknown facts: colour"),
        (Mapping(delimiter=",,"), "the delimiter ',,' is not one character"),
        (
            Mapping(system="model", observed_on="day", wide=("score",), eval="task"),
            "both wide columns and a column for the eval",
        ),
    ],
)
def test_it_says_what_a_mapping_lacks(tmp_path: Path, mapping: Mapping, why: str) -> None:
    path = text(tmp_path / "t.csv", HEADER, "m,t,1,2026-01-02")
    with pytest.raises(UnreadableFile, match=rf"t\.csv.*{why}"):
        read(path, mapping)


def test_it_does_not_guess_what_columns_mean(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", HEADER, "m,t,1,2026-01-02")
    with pytest.raises(UnreadableFile, match="it must be said first what its columns mean"):
        list(table.read(path))


OBJECTS = Mapping(
    system="model.name",
    value="score",
    developer="model.by",
    n_items="n",
    constants={"eval": "gpqa"},
)


def test_it_reads_lines_of_json_with_objects_inside(tmp_path: Path) -> None:
    row = {"model": {"name": "m", "by": "Lab"}, "score": 0.5, "tags": ["a"], "n": 3}
    path = text(tmp_path / "t.jsonl", json.dumps(row))
    (found,) = read(path, OBJECTS, DATED).scores
    assert (found.line, found.system, found.developer) == (1, "m", "Lab")
    assert (found.value, found.n_items) == (0.5, 3)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"model": {"name": "m"}, "score": null}', "score is empty"),
        ('{"model": "m", "score": 1}', "model.name is empty"),
        ("[1]", "the row is not an object"),
        ('{"model": {"name": "m"}, "score": NaN}', "score 'nan' is not a number"),
        ('{"score": 1, "score": 2}', "the key 'score' stands twice in one object"),
        ('{"a": {"b": 1}, "a.b": 2}', "the column 'a.b' stands there twice"),
        ('{"model"', "not JSON (Expecting ':' delimiter, line 2, column 1)"),
    ],
)
def test_it_rejects_a_line_of_json_by_its_reason(tmp_path: Path, line: str, why: str) -> None:
    path = text(tmp_path / "t.jsonl", '{"model": {"name": "m"}, "score": 1}', line)
    found = read(path, OBJECTS, DATED)
    assert len(found.scores) == 1
    assert found.reasons == [f"t.jsonl, line 2: {why}"]


def test_it_reads_parquet(tmp_path: Path) -> None:
    columns = {
        "model": ["m", None, "n"],
        "task": ["t", "t", "t"],
        "score": [Decimal("0.50"), Decimal(1), Decimal(2)],
        "day": [dt.date(2026, 1, 2), dt.date(2026, 1, 2), None],
    }
    path = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    assert table.sniff(path)
    found = read(path)
    assert [(r.line, r.system, r.value, r.observed_on) for r in found.scores] == [
        (1, "m", 0.5, dt.date(2026, 1, 2))
    ]
    assert found.reasons == [
        "t.parquet, line 2: model is empty",
        "t.parquet, line 3: day is empty",
    ]


def test_it_says_that_a_parquet_file_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1" + b"x" * 100)
    with pytest.raises(UnreadableFile, match=r"t\.parquet: the Parquet file cannot be read"):
        read(path)


def test_it_says_what_to_install_where_parquet_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(UnreadableFile, match=r"pyarrow .* not installed; install agi-index\[parq"):
        read(path)
