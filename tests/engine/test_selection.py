"""Section 2: which measurement stands for a cell."""

from datetime import date
from itertools import product
from typing import Any

import pytest

from baskets.engine import Candidate, select
from baskets.engine.errors import MalformedProblem, UndefinedComparison
from baskets.engine.selection import sole


def candidate(points: float | None, key: str = "k", **more: Any) -> Candidate:
    fields: dict[str, Any] = {
        "value": points,
        "points": points,
        "first_party": False,
        "observed_on": date(2025, 1, 1),
        "content_hash": key,
    }
    return Candidate(**(fields | more))


THREE = [candidate(50, "m"), candidate(70, "h"), candidate(20, "l")]


@pytest.mark.parametrize(
    ("rule", "domain", "expected"),
    [
        (None, "capability", "h"),
        (None, "safety", "l"),
        (None, "alignment", "l"),
        ("best", "safety", "h"),
        ("worst", "capability", "l"),
        ("median", "capability", "m"),
    ],
)
def test_it_picks_by_rule(rule: str | None, domain: str, expected: str) -> None:
    assert select(THREE, rule, domain).candidate.content_hash == expected


def test_it_reports_the_spread_of_all_candidates() -> None:
    assert select(THREE, "best", "capability").spread == 50


def test_the_median_of_an_even_number_is_the_lower_middle_one() -> None:
    four = [*THREE, candidate(60, "x")]
    assert select(four, "median", "capability").candidate.points == 50


def test_latest_ignores_how_high_a_value_is() -> None:
    later = candidate(1, "later", observed_on=date(2026, 1, 1))
    undated = candidate(99, "undated", observed_on=None)
    assert select([*THREE, later, undated], "latest", "capability").candidate is later


def test_a_tie_goes_to_the_third_party() -> None:
    own = candidate(70, "a", first_party=True, observed_on=date(2026, 1, 1))
    chosen = select([own, *THREE], "best", "capability")
    assert chosen.candidate.content_hash == "h"
    assert chosen.reason == "best of 4, tie broken for the third party"


def test_then_to_the_later_observation() -> None:
    later = candidate(70, "z", observed_on=date(2026, 1, 1))
    chosen = select([*THREE, later], "best", "capability")
    assert (chosen.candidate, chosen.reason) == (
        later,
        "best of 4, tie broken for the later observation",
    )


def test_then_to_the_smaller_content_hash_whatever_the_order() -> None:
    pair = [candidate(70, "b"), candidate(70, "a")]
    chosen = select(pair, "best", "capability")
    assert (
        chosen.candidate.content_hash
        == "a"
        == select(pair[::-1], "best", "x").candidate.content_hash
    )
    assert chosen.reason == "best of 2, tie broken by content hash"


def test_zero_is_a_score() -> None:
    assert select([candidate(0, "zero"), candidate(5)], "worst", "x").candidate.points == 0


def test_it_compares_values_where_there_are_no_points() -> None:
    pair = [candidate(None, "a", value=1.2), candidate(None, "b", value=3.4)]
    assert select(pair, "best", "capability").candidate.value == 3.4


def test_one_candidate_needs_no_rule() -> None:
    assert select([candidate(3)], None, "safety").reason == "only measurement"


def test_it_refuses_an_empty_cell_and_an_unknown_rule() -> None:
    with pytest.raises(UndefinedComparison):
        select([], "best", "capability")
    with pytest.raises(MalformedProblem):
        select(THREE, "mean", "capability")


@pytest.mark.parametrize("rule", [None, "best", "worst", "median", "latest"])
def test_a_sole_height_is_chosen_as_among_all_that_is_known_of_it(rule: str | None) -> None:
    for heights in product((0.0, 20.0, 20.5, 100.0), repeat=3):
        candidates = [candidate(height, key=str(place)) for place, height in enumerate(heights)]
        chosen = select(candidates, rule, "safety")
        place = int(chosen.candidate.content_hash)
        level = rule == "latest" or heights.count(heights[place]) > 1
        assert sole(heights, rule, "safety") == (None if level else (place, chosen.reason))
