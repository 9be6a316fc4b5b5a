"""A bar of contributions has no more parts than can be seen, and loses none of them."""

from __future__ import annotations

import math

import pytest

from baskets.charts.bars import MOST_PARTS, bar_parts
from baskets.selectors.catalog import EvalName
from baskets.selectors.moves import Driver


def drivers(*points: float) -> list[Driver]:
    named = [EvalName(f"e{n}", f"Eval {n}", "safety", "", "percent") for n in range(len(points))]
    return [Driver(name, value) for name, value in zip(named, points, strict=True)]


def test_gains_run_right_of_the_zero_line_and_losses_left() -> None:
    parts = list(bar_parts(drivers(6.0, -4.0, 2.0), extent=10.0))
    assert [(part.start, part.wide) for part in parts] == [(100, 60), (60, 40), (160, 20)]
    assert [part.title for part in parts][:2] == ["Eval 0: +6.0", "Eval 1: −4.0"]


def test_many_small_ones_share_a_part_on_each_side() -> None:
    many = drivers(*[9.0] * MOST_PARTS, *[0.5, -0.25] * 40)
    parts = list(bar_parts(many, extent=500.0))
    assert len(parts) == MOST_PARTS + 2
    gained = math.fsum(part.wide for part in parts if part.start >= 100) * 5
    assert gained == pytest.approx(9.0 * MOST_PARTS + 20)
    assert [part.title for part in parts[-2:]] == ["40 other evals: +20.0", "40 other evals: −10.0"]
    assert parts[-1].wide == pytest.approx(2.0)
