"""Conversions of units at the ends of what a number can hold."""

from __future__ import annotations

import datetime as dt
import math

from evals.models import Eval
from evals.records import ScoreRecord
from evals.services.units import in_unit_of, other_readings


def test_a_number_that_overflows_is_told_by_its_row_and_not_by_the_run() -> None:
    item = Eval(slug="e", unit="percent", lower=0, upper=100)
    day = dt.date(2026, 1, 1)
    record = ScoreRecord(
        1, "s", "e", 0.5, day, "third_party", stderr=1e307, unit="proportion"
    )  # fmt: skip
    assert in_unit_of(record, item).stderr == math.inf


def test_a_number_without_a_unit_has_no_endless_reading() -> None:
    item = Eval(slug="e", unit="minutes", lower=0, upper=None)
    assert all(math.isfinite(value) for _unit, value in other_readings(1e307, item))
