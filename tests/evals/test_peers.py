"""What an eval's counted scores say of the unit of another one."""

from __future__ import annotations

import datetime as dt

import pytest

from evals.models import Eval
from evals.services.peers import MOST, NORMAL, Peers
from evals.services.units import other_readings

DAY = dt.date(2025, 1, 1)
PERCENT = Eval(slug="p", scale="linear", unit="percent", lower=0, upper=100)
MINUTES = Eval(slug="m", scale="log", unit="minutes", lower=0)
RATING = Eval(slug="r", scale="elo", unit="elo")


def peers(item: Eval, *values: float) -> Peers | None:
    """Those of systems that all came out on one day."""
    return Peers.of(item, [(DAY, value) for value in values], DAY)


def test_it_measures_percentages_in_log_odds_from_their_median() -> None:
    # Log-odds of 50, 50, 50, 20, 80: middle 0; deviations 0, 0, 0, 1.386, 1.386: median 0.
    found = peers(PERCENT, 50, 50, 50, 20, 80)
    assert found is not None and found.middle == 0 and found.spread == 0.7
    assert found.z(80) == pytest.approx(1.386294 / 0.7)


def test_it_measures_times_in_logarithms() -> None:
    # ln of 1, e, e^2 apart: middle 2.302585, median deviation 1.
    found = peers(MINUTES, 10 / 2.718281828, 10, 27.18281828)
    assert found is not None and found.spread == pytest.approx(NORMAL)
    assert found.z(10) == pytest.approx(0, abs=1e-9)


def test_two_scores_say_nothing_and_ratings_are_not_compared() -> None:
    assert peers(PERCENT, 50, 60) is None
    assert peers(RATING, 1200, 1300, 1400) is None


def test_an_old_score_without_a_logarithm_stops_nothing() -> None:
    found = peers(MINUTES, 0, 10, 20, 30)
    assert found is not None and abs(found.z(15)) < 1


@pytest.mark.parametrize("wrong", [0.4, 0.9, 99.9])
def test_one_wrong_score_of_four_moves_it_little(wrong: float) -> None:
    sound, spoilt = peers(PERCENT, 50, 60, 70), peers(PERCENT, 50, 60, 70, wrong)
    assert sound is not None and spoilt is not None
    assert abs(spoilt.z(0.87)) > 4 and abs(sound.z(0.87)) > 4


def test_it_asks_the_systems_nearest_in_time() -> None:
    old = [(DAY - dt.timedelta(days=900 + n), 1.0 + n / 10) for n in range(MOST)]
    new = [(DAY + dt.timedelta(days=n), 60.0 + n) for n in range(MOST)]
    late, early = Peers.of(PERCENT, old + new, DAY), Peers.of(PERCENT, old + new, old[0][0])
    assert late is not None and min(late.values) == 60
    assert early is not None and max(early.values) == 1.0 + (MOST - 1) / 10


def test_it_reads_a_value_without_a_unit_in_every_other_one() -> None:
    assert list(other_readings(0.87, PERCENT)) == [("proportion", 87.0)]
    assert list(other_readings(1.2, PERCENT)) == list(other_readings(0.0, PERCENT)) == []
    found = dict(other_readings(90.0, MINUTES))
    assert found == {"milliseconds": 0.0015, "seconds": 1.5, "hours": 5400.0}
