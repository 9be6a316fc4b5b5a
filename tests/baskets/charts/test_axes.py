"""Axes and ticks."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baskets.charts.axes import (
    Axis,
    FigureError,
    axis,
    nice_step,
    number,
    tick_text,
    ticks,
    value_range,
)


def test_it_maps_a_linear_range_onto_pixels() -> None:
    on = axis({"range": [0, 200]}, [], start=400, end=0)
    assert (on.at(0), on.at(50), on.at(200)) == (400, 300, 0)


def test_it_maps_a_log_range_given_as_exponents() -> None:
    on = axis({"type": "log", "range": [0, 2]}, [], start=0, end=100)
    assert on.at(10) == pytest.approx(50)
    assert on.at_annotation(1) == pytest.approx(50)
    assert on.at(0) == 0


def test_it_maps_dates_in_proportion_to_days() -> None:
    on = axis({"type": "date", "range": ["2024-01-01", "2024-01-11"]}, [], start=0, end=10)
    assert on.at("2024-01-06") == 5
    assert on.at(dt.date(2024, 1, 2)) == 1


def test_it_makes_a_range_with_a_margin_where_none_is_given() -> None:
    on = axis({}, [0, None, 100], start=0, end=1)
    assert (on.low, on.high) == (-4, 104)


def test_it_refuses_an_axis_it_cannot_draw() -> None:
    with pytest.raises(FigureError):
        axis({"type": "category"}, [], start=0, end=1)
    with pytest.raises(FigureError):
        axis({"range": [3, 3]}, [], start=0, end=1)


def test_it_counts_days_from_1970() -> None:
    assert number("1970-01-02") == 1
    assert number(dt.date(1971, 1, 1)) == 365


@given(st.floats(1e-6, 1e9), st.integers(2, 12))
def test_it_takes_steps_of_one_two_two_and_a_half_or_five(extent: float, wanted: int) -> None:
    step = nice_step(extent, wanted)
    leading = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(leading - factor) for factor in (1, 2, 2.5, 5)) < 1e-6
    assert extent / step <= wanted * 1.01


@given(st.floats(-1e6, 1e6), st.floats(0.01, 1e6))
def test_it_keeps_every_tick_inside_the_range(low: float, extent: float) -> None:
    on = Axis("linear", low, low + extent, 0, 600)
    found = ticks(on, {}, 6)
    assert found
    assert all(-1e-3 <= at <= 600 + 1e-3 for at, _text in found)


def test_it_labels_hundreds_for_an_index() -> None:
    on = Axis("linear", 0, 320, 0, 320)
    assert [text for _at, text in ticks(on, {}, 7)] == [
        "0", "50", "100", "150", "200", "250", "300",
    ]  # fmt: skip


def test_it_writes_a_true_minus_sign() -> None:
    assert tick_text(-40, 20) == "\u221240"
    assert tick_text(0.25, 0.25) == "0.25"


def test_it_labels_half_years_with_month_and_year() -> None:
    on = axis({"type": "date", "range": ["2024-01-01", "2025-12-31"]}, [], start=0, end=500)
    assert [text for _at, text in ticks(on, {}, 5)] == [
        "Jan 2024", "Jul 2024", "Jan 2025", "Jul 2025",
    ]  # fmt: skip


def test_it_labels_long_spans_with_years_alone() -> None:
    on = axis({"type": "date", "range": ["2020-01-01", "2026-12-31"]}, [], start=0, end=500)
    assert [text for _at, text in ticks(on, {}, 7)][:2] == ["2020", "2021"]


def test_it_labels_decades_on_a_log_axis() -> None:
    on = Axis("log", -1, 4, 0, 500)
    assert [text for _at, text in ticks(on, {}, 6)] == ["0.1", "1", "10", "100", "1,000", "10,000"]


def test_it_begins_at_zero_where_the_lowest_value_is_small() -> None:
    assert value_range([40.0, 300.0]) == [0.0, 318.0]


def test_it_fits_values_that_lie_close_together() -> None:
    low, high = value_range([95.0, 110.0])
    assert 90 < low < 95
    assert 110 < high < 115


def test_it_keeps_the_base_and_values_below_zero_in_range() -> None:
    assert value_range([150.0])[0] < 100
    assert value_range([-20.0, 300.0])[0] < -20


def test_it_labels_a_short_way_on_a_log_axis_as_on_a_linear_one() -> None:
    on = Axis("log", math.log10(77), math.log10(130), 0, 500)
    assert [text for _at, text in ticks(on, {}, 6)] == ["80", "90", "100", "110", "120", "130"]
