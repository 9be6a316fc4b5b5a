"""The simulation of alerts, on few releases."""

from __future__ import annotations

from tests.bench import alerts_noise


def test_it_hears_a_move_and_no_noise() -> None:
    before = alerts_noise.release(1)
    noise = [alerts_noise.fires(before, alerts_noise.release(seed)) for seed in range(2, 12)]
    # Ten points of a score are some eight standard errors of the difference.
    moved = alerts_noise.release(2, raised=10.0)
    assert sum(noise) <= 2 and alerts_noise.fires(before, moved)
    assert alerts_noise.fires(before, moved, enters=True)


def test_it_measures_the_same_for_the_same_seed() -> None:
    one, other = alerts_noise.release(5), alerts_noise.release(5)
    assert one.values == other.values and one.headline != alerts_noise.release(6).headline
