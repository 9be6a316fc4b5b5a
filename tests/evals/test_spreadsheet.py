"""CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from evals import spreadsheet


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠a"],
)
def test_it_puts_an_apostrophe_before_a_formula(text: str) -> None:
    assert spreadsheet.harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "GPT-5", "1-2", "±3", "a=b", "系統"])
def test_it_leaves_other_texts_as_they_are(text: str) -> None:
    assert spreadsheet.harmless(text) == text


def test_it_writes_numbers_as_numbers_and_dates_in_iso_form() -> None:
    row = [-1.5, 2, True, False, None, dt.date(2026, 3, 31), 'a "b", c']
    read = list(csv.reader(io.StringIO(spreadsheet.table(["a"], [row]))))
    assert read[1] == ["-1.5", "2", "yes", "no", "", "2026-03-31", 'a "b", c']


def test_it_writes_a_long_table_in_parts_that_join() -> None:
    rows = [[n] for n in range(3 * spreadsheet.ROWS_AT_A_TIME)]
    parts = list(spreadsheet.lines(["n"], rows))
    assert len(parts) == 4
    assert "".join(parts).split() == ["n", *(str(n) for n in range(len(rows)))]


def test_it_writes_the_head_of_an_empty_table() -> None:
    assert spreadsheet.table(["a", "b"], []) == "a,b\r\n"
