"""What stands in a cell: numbers, uncertainty, counts of items, dates."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.readers._uncertainty import leading_integer, read_uncertainty
from tests.evals.tables import EVALS, SYSTEMS, only_rejection, read_scores, score, write


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (None, None, None)),
        ("±1.5", (1.5, None, None)),
        ("± 2 SE", (2.0, None, None)),
        ("±0.4SEM", (0.4, None, None)),
        ("40-60", (None, 40.0, 60.0)),
        ("40.5 - 60.25", (None, 40.5, 60.25)),
        ("-5--3", (None, -5.0, -3.0)),
        ("-5-3", (None, -5.0, 3.0)),
        ("1e-3-2e-3", (None, 0.001, 0.002)),
        ("+3/-2", (None, 48.0, 53.0)),
        ("+ 3.5 / - 2.5", (None, 47.5, 53.5)),
    ],
)
def test_it_reads_the_three_forms_of_uncertainty(
    text: str, expected: tuple[float | None, float | None, float | None]
) -> None:
    assert read_uncertainty(50.0, text) == expected


@pytest.mark.parametrize(
    "text", ["1.5", "±", "±1.5%", "40 to 60", "40-", "~3", "±nan", "+3", "±1.5 SD", "40-60 (90%)"]
)
def test_it_refuses_any_other_form_of_uncertainty(text: str) -> None:
    with pytest.raises(ValueError, match=r"is none of ±x, ±x \(95%\), lo-hi, \+a/-b"):
        read_uncertainty(50.0, text)


@pytest.mark.parametrize("text", ["±1e999", "0-1e999", "+1e999/-1"])
def test_it_refuses_an_endless_uncertainty(text: str) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        read_uncertainty(50.0, text)


@given(low=st.floats(-1e6, 1e6), high=st.floats(-1e6, 1e6))
def test_it_reads_back_any_interval_that_it_can_be_written(low: float, high: float) -> None:
    text = f"{low:.4f}-{high:.4f}"
    assert read_uncertainty(0.0, text) == (None, float(f"{low:.4f}"), float(f"{high:.4f}"))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("198", 198),
        ("1320 tasks (220 gold)", 1320),
        ("1 exam", 1),
        ("0", 0),
        ("", None),
        ("about 500", None),
        ("1,320 tasks", None),
        ("1.5k", None),
        ("-3", None),
        ("99999999999 tokens", None),
    ],
)
def test_it_reads_the_number_that_a_count_begins_with(text: str, number: int | None) -> None:
    assert leading_integer(text) == number


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "Infinity", "1e999"])
def test_it_rejects_a_value_that_is_not_finite(tmp_path: Path, value: str) -> None:
    bad = only_rejection(write(tmp_path / "o.csv", [score(value)]))
    assert bad.reason == f"o.csv, line 2: value '{value}' is not a finite number"


@pytest.mark.parametrize("value", ["12%", "1,5", "about 3", "0x10", "1_0"])
def test_it_rejects_a_value_that_is_not_a_number(tmp_path: Path, value: str) -> None:
    bad = only_rejection(write(tmp_path / "o.csv", [score(f'"{value}"')]))
    assert bad.reason == f"o.csv, line 2: value '{value}' is not a number"


def test_it_keeps_zero_as_a_score(tmp_path: Path) -> None:
    values = [found.value for found in read_scores(write(tmp_path / "o.csv", [score(0)]))]
    assert values == [0.0]


@pytest.mark.parametrize(
    "date", ["2026-02-30", "01.02.2026", "2026", "20260201", "2026-W05-1", "2026-2-1", "soon"]
)
def test_it_rejects_a_date_of_another_form(tmp_path: Path, date: str) -> None:
    bad = only_rejection(write(tmp_path / "o.csv", [score(observed_on=date)]))
    assert bad.reason == f"o.csv, line 2: observed_on '{date}' is not a date (YYYY-MM-DD)"


@pytest.mark.parametrize("column", ["system", "eval", "reported_by", "observed_on"])
def test_it_rejects_a_row_without_what_a_score_needs(tmp_path: Path, column: str) -> None:
    bad = only_rejection(write(tmp_path / "o.csv", [score(**{column: "  "})]))
    assert bad.reason == f"o.csv, line 2: {column} is empty"


def test_it_rejects_a_row_without_a_value(tmp_path: Path) -> None:
    assert only_rejection(write(tmp_path / "o.csv", [score("")])).reason.endswith("value is empty")


def test_it_rejects_declarations_with_endless_or_missing_facts(tmp_path: Path) -> None:
    write(tmp_path / "systems.csv", ["x,X,Lab,,2026-01-01,"], header=SYSTEMS)
    assert only_rejection(tmp_path).reason == "systems.csv, line 2: generation is empty"
    (tmp_path / "systems.csv").write_text(SYSTEMS)
    line = "e,E,safety,misuse,percent,linear,higher,0,100,nan,100,"
    write(tmp_path / "evals.csv", [line], header=EVALS)
    assert (
        only_rejection(tmp_path).reason == "evals.csv, line 2: floor 'nan' is not a finite number"
    )
