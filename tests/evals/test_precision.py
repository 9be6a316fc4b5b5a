"""Standard errors that cannot be, or that so many items hardly have."""

from __future__ import annotations

import datetime as dt
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from evals.models import Decision, Eval
from evals.records import ScoreRecord
from evals.services.precision import binomial_error, doubtful_error, impossible_error, own_error
from tests.evals.conftest import counts, imported
from tests.evals.tables import score, write

PERCENT = Eval(slug="p", scale="linear", unit="percent", lower=0, upper=100)
OPEN = Eval(slug="m", scale="log", unit="minutes", lower=0)


def record(value: float = 87.0, **facts: Any) -> ScoreRecord:
    """A score of a percentage."""
    day = dt.date(2026, 3, 1)
    return ScoreRecord(
        line=2, system="s", eval="p", value=value, observed_on=day, reported_by="", **facts
    )


def test_items_that_pass_or_fail_have_the_binomial_error() -> None:
    assert binomial_error(87, PERCENT, 100) == pytest.approx(10 * sqrt(87.5 * 13.5) / 101)
    assert binomial_error(100, PERCENT, 50) == pytest.approx(100 * sqrt(50.5 * 0.5 / 50) / 51)
    assert binomial_error(90, OPEN, 100) is None


def test_a_score_has_the_error_it_states_or_else_that_of_its_items() -> None:
    assert own_error(record(stderr=1.5, n_items=9), PERCENT) == 1.5
    assert own_error(record(low=80.0, high=90.0), PERCENT) == pytest.approx(10 / 3.919928)
    assert own_error(record(n_items=100), PERCENT) == binomial_error(87, PERCENT, 100)
    assert own_error(record(), PERCENT) is None


def test_no_mean_between_bounds_has_an_error_of_more_than_half_their_distance() -> None:
    assert not impossible_error(record(stderr=50.0), PERCENT)
    assert "50.1 is more than 50" in impossible_error(record(stderr=50.1), PERCENT)
    assert "more than 50" in impossible_error(record(low=-200.0, high=200.0), PERCENT)
    assert not impossible_error(record(stderr=400.0), OPEN)


@pytest.mark.parametrize(
    ("value", "stderr", "n_items", "doubted"),
    [
        (87.0, 0.01, 198, True),
        (87.0, 0.0239, 198, True),
        (87.0, 2.39, 198, False),
        (87.0, 0.1, 198, False),
        (87.0, 33.6, 198, True),
        (87.0, 10.0, 198, False),
        (87.0, 0.0, 198, True),
        (100.0, 0.0, 198, False),
        (87.0, 0.01, None, False),
        (87.0, 0.01, 1, False),
    ],
)
def test_it_doubts_errors_that_so_many_items_hardly_have(
    value: float, stderr: float, n_items: int | None, doubted: bool
) -> None:
    found = doubtful_error(record(value, stderr=stderr, n_items=n_items), PERCENT)
    assert found.startswith(f"error: the standard error {stderr:g} beside {value:g} is") == doubted
    assert bool(found) == doubted


@pytest.mark.usefixtures("names")
def test_an_import_refuses_the_one_and_holds_the_other(tmp_path: Path) -> None:
    lines = [score(87, uncertainty="±400"), score(86, uncertainty="±0.01", n_items="198")]
    run = imported(write(tmp_path / "a.csv", lines))
    assert counts(run) == (2, 0, 0, 1, 1)
    assert "line 2: the standard error 400 is more than 50" in run.rejections.get().reason
    assert Decision.objects.get().reason == (
        "error: the standard error 0.01 beside 86 is less than 1/75 of 2.48, that of 198 items "
        "which each pass or fail"
    )
