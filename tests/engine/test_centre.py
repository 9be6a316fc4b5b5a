"""Weighted median and trimmed mean, by hand and by writing every weight out."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baskets.engine.centre import trimmed_mean, weighted_median

Pairs = list[tuple[int, int]]
pairs = st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), min_size=1, max_size=8)


def median(values: list[float], weights: list[float]) -> float:
    return float(weighted_median(np.array([values]).T, weights)[0])


def trimmed(values: list[float], weights: list[float]) -> float:
    return float(trimmed_mean(np.array([values]).T, weights)[0])


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([3], [1], 3),
        ([1, 2, 9], [1, 1, 1], 2),
        ([9, 1, 2], [0.6, 0.2, 0.2], 9),
        # Half of the weight lies on each side: the midpoint of lower and upper median.
        ([1, 2, 5, 9], [1, 1, 1, 1], 3.5),
        ([1, 5, 9], [0.5, 0.25, 0.25], 3),
        # Ten tenths do not add up to one in floating point.
        ([*range(10)], [0.1] * 10, 4.5),
    ],
)
def test_the_weighted_median_by_hand(
    values: list[float], weights: list[float], expected: float
) -> None:
    assert median(values, weights) == expected


def test_the_trimmed_mean_cuts_weights_in_part() -> None:
    # 5% goes whole, 3 of the next 20%; of the top 10% 8 go: (17 * 2 + 65 * 4 + 2 * 100) / 84.
    expected = (17 * 2 + 65 * 4 + 2 * 100) / 84
    assert trimmed([100, -100, 4, 2], [0.10, 0.05, 0.65, 0.20]) == pytest.approx(expected)


def test_a_single_eval_is_its_own_centre() -> None:
    assert trimmed([7.5], [0.3]) == median([7.5], [0.3]) == 7.5


def test_a_missing_value_leaves_its_column_without_a_centre() -> None:
    values = np.array([[1.0, np.nan], [2.0, 5.0]])
    for centre in (weighted_median(values, [1, 1]), trimmed_mean(values, [1, 1])):
        assert centre[0] == pytest.approx(1.5) and np.isnan(centre[1])


@given(pairs)
def test_the_median_is_that_of_the_written_out_list(rows: Pairs) -> None:
    written = sorted(value for value, weight in rows for _ in range(weight))
    middle = written[(len(written) - 1) // 2] + written[len(written) // 2]
    assert median([v for v, _ in rows], [w for _, w in rows]) == middle / 2


@given(pairs)
def test_the_trimmed_mean_is_that_of_the_written_out_list(rows: Pairs) -> None:
    # Every value 25 times as often as its weight says, so that 8% is a whole number of rows.
    written = sorted(value for value, weight in rows for _ in range(25 * weight))
    cut = Fraction(8, 100) * len(written)
    kept = written[int(cut) : len(written) - int(cut)]
    expected = float(Fraction(sum(kept), len(kept)))
    found = trimmed([v for v, _ in rows], [w for _, w in rows])
    assert found == pytest.approx(expected, abs=1e-9)


@given(pairs, st.integers(1, 8))
def test_splitting_a_weight_changes_neither(rows: Pairs, tenths: int) -> None:
    values, weights = [float(v) for v, _ in rows], [float(w) for _, w in rows]
    split = [weights[0] * tenths / 10, weights[0] * (10 - tenths) / 10]
    more = ([*values, values[0]], [split[0], *weights[1:], split[1]])
    assert median(*more) == pytest.approx(median(values, weights))
    assert trimmed(*more) == pytest.approx(trimmed(values, weights), abs=1e-9)
