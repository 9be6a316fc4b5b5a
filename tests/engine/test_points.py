"""Section 1: values to points."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baskets.engine.errors import BadGoalposts, NotPositive
from baskets.engine.points import (
    Goalposts,
    all_points,
    between,
    slope_at,
    slopes_at,
    to_points,
    value_at,
)


def moved(points: float, scale: str, old: Goalposts, new: Goalposts) -> float:
    return float(between(np.array(points), scale=scale, old=old, new=new))


def points(value: float, scale: str = "linear", **ends: float) -> float:
    return to_points(value, scale=scale, goalposts=Goalposts(**ends)).points


def test_it_places_a_value_between_chance_and_ceiling() -> None:
    # 100 (62.5 - 25) / (100 - 25) = 50
    assert points(62.5, floor=25, ceiling=100) == 50


def test_it_turns_a_lower_is_better_eval_round() -> None:
    # 30 of 100 bad answers: 100 (30 - 100) / (0 - 100) = 70
    assert points(30, floor=100, ceiling=0) == 70


@pytest.mark.parametrize(("value", "expected"), [(10, 0.0), (97, 100.0)])
def test_it_clips_a_linear_value_outside_its_goalposts_and_says_so(
    value: float, expected: float
) -> None:
    found = to_points(value, scale="linear", goalposts=Goalposts(25, 93.5))
    assert (found.points, found.clipped) == (expected, True)


def test_it_does_not_mark_a_value_on_a_goalpost() -> None:
    assert not to_points(25, scale="linear", goalposts=Goalposts(25, 93.5)).clipped


def test_it_measures_a_log_scale_in_doublings() -> None:
    # ln(8 / 1) / ln(64 / 1) = 3 / 6
    assert points(8, "log", floor=1, ceiling=64) == pytest.approx(50, abs=1e-12)


def test_it_lets_a_log_value_pass_its_milestone_but_not_its_floor() -> None:
    assert points(128, "log", floor=1, ceiling=64) == pytest.approx(700 / 6)
    below = to_points(0.5, scale="log", goalposts=Goalposts(1, 64))
    assert (below.points, below.clipped) == (0, True)


@pytest.mark.parametrize("value", [0, -3])
def test_it_refuses_the_logarithm_of_a_value_that_is_not_positive(value: float) -> None:
    with pytest.raises(NotPositive):
        points(value, "log", floor=1, ceiling=64)


def test_it_reads_an_elo_rating_as_a_chance_of_winning() -> None:
    # 400 points above the reference wins 10 of 11 games.
    assert points(1600, "elo", reference=1200) == pytest.approx(1000 / 11)
    assert points(1200, "elo", reference=1200) == 50


def test_it_survives_absurd_ratings() -> None:
    assert points(-1e9, "elo", reference=1200) == pytest.approx(0)
    assert points(1e9, "elo", reference=1200) == 100


@pytest.mark.parametrize("scale", ["linear", "log", "elo"])
def test_it_gives_no_points_without_goalposts(scale: str) -> None:
    with pytest.raises(BadGoalposts):
        points(1, scale, floor=0.5)


@given(st.floats(1, 99), st.sampled_from([("linear", 10.0, 90.0), ("log", 2.0, 50.0)]))
def test_it_carries_a_fill_to_other_goalposts_as_the_same_value(
    share: float, kind: tuple[str, float, float]
) -> None:
    scale, floor, ceiling = kind
    wider = Goalposts(floor / 2, ceiling * 2)
    there = moved(share, scale, Goalposts(floor, ceiling), wider)
    assert moved(there, scale, wider, Goalposts(floor, ceiling)) == pytest.approx(share, abs=1e-9)


def test_it_carries_an_elo_fill_to_another_reference() -> None:
    old, new = Goalposts(reference=1200), Goalposts(reference=1600)
    assert moved(1000 / 11, "elo", old, new) == pytest.approx(50)
    assert moved(0, "elo", old, new) == 0 and moved(100, "elo", old, new) == 100


def test_a_fill_beyond_the_new_goalposts_is_clipped() -> None:
    assert moved(90, "linear", Goalposts(0, 100), Goalposts(0, 80)) == 100


@pytest.mark.parametrize(
    ("scale", "goalposts"),
    [
        ("linear", Goalposts(20, 80)),
        ("log", Goalposts(1, 90)),
        ("elo", Goalposts(reference=30)),
    ],
)
def test_its_slope_is_the_derivative_of_points(scale: str, goalposts: Goalposts) -> None:
    step = 1e-5
    high = to_points(40 + step, scale=scale, goalposts=goalposts).points
    low = to_points(40 - step, scale=scale, goalposts=goalposts).points
    expected = abs(high - low) / (2 * step)
    assert math.isclose(slope_at(40, scale=scale, goalposts=goalposts), expected, rel_tol=1e-6)


@given(st.floats(-50, 150))
@pytest.mark.parametrize(
    ("scale", "goalposts"),
    [("linear", Goalposts(90, 3)), ("log", Goalposts(0.3, 900)), ("elo", Goalposts(reference=40))],
)
def test_a_value_has_the_points_that_it_was_made_of(
    scale: str, goalposts: Goalposts, wanted: float
) -> None:
    value = value_at(wanted, scale=scale, goalposts=goalposts)
    clipped = max(wanted, 0) if scale == "log" else min(max(wanted, 0), 100)
    found = to_points(value, scale=scale, goalposts=goalposts).points
    assert math.isclose(found, clipped, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("scale", "goalposts"),
    [
        ("linear", Goalposts(7, 93)),
        ("linear", Goalposts(90, 3)),
        ("log", Goalposts(0.3, 900)),
        ("elo", Goalposts(reference=40)),
    ],
)
def test_many_values_are_placed_as_each_alone_to_the_last_bit(
    scale: str, goalposts: Goalposts
) -> None:
    values = np.random.default_rng(0).uniform(0.1, 1000, 500)
    together = all_points(values, scale=scale, goalposts=goalposts, at=str)
    alone = [to_points(x, scale=scale, goalposts=goalposts).points for x in values.tolist()]
    assert together.tolist() == alone
    slopes = slopes_at(values, scale=scale, goalposts=goalposts)
    each = [slope_at(x, scale=scale, goalposts=goalposts) for x in values.tolist()]
    assert slopes == pytest.approx(each, rel=1e-12)


def test_of_many_values_it_names_the_one_that_cannot_be_placed() -> None:
    log, at = Goalposts(1, 10), "n{}".format
    with pytest.raises(NotPositive, match=r"^n1: "):
        all_points(np.array([2.0, -1.0]), scale="log", goalposts=log, at=at)
    far = Goalposts(-1e308, 1e308)
    with pytest.raises(BadGoalposts, match=r"^n0: "):
        all_points(np.array([1e308]), scale="linear", goalposts=far, at=at)
