"""Numbers and sentences as readers see them."""

from __future__ import annotations

import dataclasses

import pytest

from baskets.charts import words
from baskets.prose import release_sentence
from baskets.selectors.front import Standing
from baskets.selectors.frontier import FrontierFacts
from tests.baskets.charts.facts import frontier, mark


@pytest.mark.parametrize(
    ("value", "text"),
    [(612.345, "612.3"), (-4.04, "\u22124.0"), (-0.04, "0.0"), (12345.6, "12,345.6"), (None, "")],
)
def test_it_writes_points_with_one_decimal(value: float | None, text: str) -> None:
    assert words.points(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(23.1, "+23.1"), (-4.0, "\u22124.0"), (0.0, "0.0"), (0.01, "0.0")]
)
def test_it_signs_changes_but_not_zero(value: float, text: str) -> None:
    assert words.signed(value) == text


def test_it_writes_no_interval_where_an_end_is_missing() -> None:
    assert words.interval(1.0, None) == ""
    assert words.interval(1.0, 2.0) == "1.0–2.0"


def test_it_states_measured_values_as_they_were_stated() -> None:
    assert words.number(75.52) == "75.52"
    assert words.number(1044.78) == "1,044.78"


def test_it_names_a_subdomain_by_its_own_name() -> None:
    assert words.series_name("safety/bias") == "bias"


def standing(series: str, facts: FrontierFacts) -> Standing:
    return Standing(series, dataclasses.replace(facts, series=series), 1, 0)


def test_it_leads_the_sentence_with_the_newest_step() -> None:
    older = frontier((mark("x", "2024-02-01", 120.0),))
    text = release_sentence([standing("capability", frontier()), standing("safety", older)])
    assert text == (
        "With C the capability index reached 150 (95% interval 140–162), up 50 (+38 to +62) on A; "
        "safety has stood at 120 since X."
    )


def test_it_says_when_a_step_is_within_noise() -> None:
    small = frontier((mark("a", "2024-05-13", 100.0), mark("c", "2025-06-01", 105.0)))
    text = release_sentence([standing("capability", small)])
    assert "up 5 (−7 to +17) on A, within noise" in text


def test_it_says_when_one_system_moved_two_domains() -> None:
    text = release_sentence([standing("capability", frontier()), standing("safety", frontier())])
    assert text.endswith("safety rose 50 to 150 with it.")


def test_it_says_when_nothing_is_official() -> None:
    none = frontier((mark("b", "2025-01-01", 180.0, official=False),))
    assert "No system has enough evidence" in release_sentence([standing("safety", none)])
