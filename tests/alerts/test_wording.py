"""Numbers and sentences about events."""

from __future__ import annotations

import pytest

from alerts import wording
from alerts.models import Event
from evals.models import System


@pytest.mark.parametrize(
    ("value", "shown"),
    [(23.14, "23.1"), (0.06, "0.1"), (0.04, "less than 0.1"), (0.0, "0.0"), (-3.25, "−3.3")],
)
def test_it_shows_points_with_one_decimal(value: float, shown: str) -> None:
    assert wording.points(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(2.0, "+2.0"), (-0.5, "−0.5"), (0.0, "+0.0")])
def test_it_shows_contributions_with_their_sign(value: float, shown: str) -> None:
    assert wording.signed(value) == shown


@pytest.mark.parametrize(
    ("series", "move", "title"),
    [
        ("headline", 1.0, "Sol moved the headline index up 1.0 point"),
        ("balanced", 2.0, "Sol moved the balanced headline up 2.0 points"),
        ("alignment", 0.01, "Sol moved the alignment index up less than 0.1 points"),
    ],
)
def test_it_tells_an_event_in_one_line(series: str, move: float, title: str) -> None:
    assert wording.title(Event(series=series, move=move, system=System(name="Sol"))) == title
