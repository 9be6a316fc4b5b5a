"""Section 12: frontier, generations, slopes, safety gap."""

from datetime import date

import pytest

from baskets.engine import (
    Point,
    Problem,
    System,
    compute,
    frontier,
    generations,
    safety_gap,
    slope,
)
from baskets.engine.errors import UndefinedComparison
from baskets.engine.trend import line
from tests.engine.problems import Json, cells, changed, item


def point(
    system: str, value: float | None, *, official: bool = True, in_force: bool = True
) -> Point:
    return Point(
        system=system,
        series="headline",
        basket="v1",
        value=value,
        low=None,
        high=None,
        coverage=1.0,
        imputed_share=0.0,
        worst=value,
        best=value,
        official=official,
        back_cast=False,
        in_force=in_force,
    )


def system(name: str, day: int | None, generation: str = "G", developer: str = "D") -> System:
    return System(name, None if day is None else date(2025, 1, day), generation, developer)


SYSTEMS = [system("a", 1), system("b", 2, "H"), system("c", 3), system("d", 3), system("u", None)]


def test_the_frontier_is_the_running_maximum_of_official_values() -> None:
    points = [point("c", 130), point("a", 100), point("b", 90), point("d", 120), point("u", 500)]
    steps = frontier(points, SYSTEMS, "headline")
    assert [(s.system, s.value, s.previous) for s in steps] == [("a", 100, None), ("c", 130, 100)]
    assert frontier(points, SYSTEMS, "safety") == ()


def test_a_provisional_value_is_never_a_frontier() -> None:
    points = [point("a", 100), point("b", 900, official=False), point("c", 110)]
    assert [s.system for s in frontier(points, SYSTEMS, "headline")] == ["a", "c"]


def test_an_equal_value_does_not_raise_the_frontier() -> None:
    points = [point("a", 100), point("b", 100), point("c", 100.5), point("d", 100.5)]
    assert [s.system for s in frontier(points, SYSTEMS, "headline")] == ["a", "c"]


def test_a_generation_is_its_best_official_system() -> None:
    points = [point("a", 100), point("c", 130), point("d", 150, official=False), point("b", 90)]
    found = generations(points, SYSTEMS, "headline")
    assert [(g.generation, g.system, g.provisional) for g in found] == [
        ("H", "b", False),
        ("G", "c", False),
    ]


def test_a_generation_without_an_official_system_shows_its_best_provisional_one() -> None:
    elsewhere = point("c", 999, official=False, in_force=False)
    points = [point("a", 80, official=False), point("c", 70, official=False), elsewhere]
    found = generations(points, SYSTEMS, "headline")
    assert [(g.system, g.value, g.provisional) for g in found] == [("a", 80, True)]


def test_generations_of_two_developers_are_not_mixed() -> None:
    systems = [system("a", 1), system("b", 2, "G", "E")]
    assert len(generations([point("a", 1), point("b", 2)], systems, "headline")) == 2


def test_a_slope_is_in_points_per_year() -> None:
    # 1 point a day is 365.25 a year, without scatter.
    found = line([(date(2025, 1, 1), 100), (date(2025, 1, 2), 101), (date(2025, 1, 3), 102)])
    assert found is not None
    assert found.count == 3
    for number in (found.per_year, found.low, found.high):
        assert number == pytest.approx(365.25)


def test_the_interval_of_a_slope_is_students() -> None:
    # Days 0, 1, 2 with 0, 1, 0: slope 0, RSS 2/3, Sxx 2, so s.e. = sqrt(2/3 / 1 / 2) a day;
    # t with one degree of freedom at 0.975 is 12.7062.
    found = line([(date(2025, 1, 1), 0), (date(2025, 1, 2), 1), (date(2025, 1, 3), 0)])
    assert found is not None
    assert found.per_year == pytest.approx(0, abs=1e-9)
    assert found.high == pytest.approx(12.7062047 * (1 / 3) ** 0.5 * 365.25, rel=1e-6)
    assert found.low == pytest.approx(-found.high)


def test_there_is_no_slope_through_two_systems_or_one_day() -> None:
    day = date(2025, 1, 1)
    assert line([(day, 1), (date(2025, 1, 2), 2)]) is None
    assert line([(day, 1), (day, 2), (day, 3)]) is None


def test_a_slope_looks_at_its_window_only() -> None:
    points = [point("a", 100), point("b", 110), point("c", 120)]
    assert slope(points, SYSTEMS, "headline") is not None
    assert slope(points, SYSTEMS, "headline", since=date(2025, 1, 2)) is None
    assert slope(points, SYSTEMS, "headline", until=date(2025, 1, 2)) is None


def test_the_last_day_of_a_window_belongs_to_it() -> None:
    points = [point("a", 100), point("b", 110), point("c", 120)]
    found = slope(points, SYSTEMS, "headline", since=date(2025, 1, 1), until=date(2025, 1, 3))
    assert found is not None and found.count == 3
    assert (found.since, found.until) == (date(2025, 1, 1), date(2025, 1, 3))


def world() -> Json:
    """Four systems a year apart; capability 20, 40, 60, 80, safety 80, 70, 60, 50."""
    names = ("s0", "s1", "s2", "s3")
    return {
        "method": {"base": "s0", "imputation": "strict", "min_evals": 1},
        "evals": [item("a"), item("s", "safety")],
        "systems": [{"id": n, "released_on": f"{2021 + k}-01-01"} for k, n in enumerate(names)],
        "scores": cells({n: {"a": 20 + 20 * k, "s": 80 - 10 * k} for k, n in enumerate(names)}),
        "baskets": [{"id": "v1", "weights": {"a": 1, "s": 1}}],
    }


def test_the_safety_gap_is_in_goalpost_points_per_year() -> None:
    problem = Problem.from_json(world())
    found = safety_gap(compute(problem), problem)
    assert found is not None
    # k is 5 for capability and 1.25 for safety; in goalpost points 20 and -10 a year.
    assert found.capability.per_year == pytest.approx(20, rel=1e-3)
    assert found.domain.per_year == pytest.approx(-10, rel=1e-3)
    assert found.gap.per_year == pytest.approx(-30, rel=1e-3)
    assert found.gap.low < found.gap.per_year < found.gap.high
    assert found.systems == ("s0", "s1", "s2", "s3")


def test_the_gap_follows_the_capability_frontier_and_official_values() -> None:
    problem = world()
    problem["systems"].append({"id": "weak", "released_on": "2022-06-01"})
    problem["scores"] += cells({"weak": {"a": 10, "s": 100}})
    read = Problem.from_json(problem)
    found = safety_gap(compute(read), read)
    assert found is not None and "weak" not in found.systems
    problem["scores"] = [s for s in problem["scores"] if (s["system"], s["eval"]) != ("s1", "s")]
    read = Problem.from_json(problem)
    found = safety_gap(compute(read), read)
    assert found is not None and found.systems == ("s0", "s2", "s3")


def test_the_gap_is_refused_where_a_point_has_no_constant_price() -> None:
    problem = Problem.from_json(changed(world(), link="ratio"))
    with pytest.raises(UndefinedComparison):
        safety_gap(compute(problem), problem)
    plain = Problem.from_json(world())
    with pytest.raises(UndefinedComparison):
        safety_gap(compute(plain), plain, domain="alignment")
