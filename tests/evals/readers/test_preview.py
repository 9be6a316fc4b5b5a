"""The first rows of a table, and the mapping that is suggested for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.readers import table
from evals.readers.table import Mapping, preview
from evals.records import UnreadableFile
from tests.evals.readers.files import DATED, shared


def text(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_it_shows_the_header_the_first_rows_and_what_is_wrong(tmp_path: Path) -> None:
    lines = ["Model;Score;", *[f"m{i};{i},5;x" for i in range(30)]]
    lines[3] = "broken"
    shown = preview(text(tmp_path / "t.csv", *lines), rows=5)
    assert (shown.kind, shown.delimiter, shown.header) == ("text", ";", ("Model", "Score"))
    assert shown.rows[0] == {"Model": "m0", "Score": "0,5"}
    assert len(shown.rows) == 4
    assert shown.rejected == ("t.csv, line 4: 1 cells where the header has 3",)
    assert shown.suggested.decimal_comma


def test_it_suggests_columns_by_their_names(tmp_path: Path) -> None:
    header = "Model Name,Benchmark,Score,Std. Error,Date,Shots,Higher is better,Colour"
    path = text(tmp_path / "t.csv", header, "m,t,0.5,0.1,13/2/2026,5,true,red")
    assert preview(path).suggested == Mapping(
        system="Model Name",
        eval="Benchmark",
        value="Score",
        stderr="",
        observed_on="Date",
        higher_is_better="Higher is better",
        elicitation=("Shots",),
        delimiter=",",
        dates="day/month/year",
    )


def test_it_suggests_the_columns_of_numbers_of_a_wide_table(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", "model,GPQA,MMLU,colour", "a,50%,80,red", "b,,81.5,blue")
    assert preview(path).suggested.wide == ("GPQA", "MMLU")


def test_it_suggests_for_lines_of_json_what_any_of_them_names(tmp_path: Path) -> None:
    path = text(tmp_path / "t.jsonl", '{"model": "a"}', '{"model": "b", "score": 1}')
    shown = preview(path)
    assert (shown.kind, shown.header) == ("jsonl", ("model", "score"))
    assert (shown.suggested.system, shown.suggested.value) == ("model", "score")


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["2026-01-02"], "year-month-day"),
        (["1/2/2026", "1/13/2026"], "month/day/year"),
        (["1/2/2026", "13/1/2026"], "day/month/year"),
        (["13.1.2026"], "day.month.year"),
        (["soon"], "year-month-day"),
    ],
)
def test_it_suggests_the_form_that_every_date_has(
    tmp_path: Path, cells: list[str], form: str
) -> None:
    path = text(tmp_path / "t.csv", "model,day", *(f"m,{cell}" for cell in cells))
    assert preview(path).suggested.dates == form


def test_it_suggests_a_mapping_that_reads_a_table_as_it_lies(tmp_path: Path) -> None:
    path = shared("epoch", "scores.csv")
    shown = preview(path)
    found = list(table.read(path, shown.suggested, dated=DATED))
    assert len(shown.rows) == 20
    assert len(found) == 1324


def test_it_refuses_what_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"t\.txt: is not a table of several columns"):
        preview(text(tmp_path / "t.txt", "hello", "world"))
