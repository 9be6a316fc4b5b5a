"""Section 13: lifecycle, headroom, discrimination and the fitted date of saturation."""

import json
import math
from dataclasses import asdict
from datetime import date

import pytest

from baskets.engine import Problem, compute
from baskets.engine.saturation import EvalWatch, months_before, watch
from baskets.engine.saturation_date import Step, saturation_date
from tests.engine.problems import Json, item

TODAY = date(2026, 11, 21)


def measured(*rows: tuple[str, str, float, float]) -> Json:
    """Eval `a` with scores (system, released_on, value, stderr), beside a plain eval `b`."""
    return {
        "method": {"base": rows[0][0], "imputation": "strict", "min_evals": 1},
        "evals": [item("a"), item("b")],
        "systems": [{"id": name, "released_on": day} for name, day, _, _ in rows],
        "scores": [
            score
            for n, (name, _, value, stderr) in enumerate(rows)
            for score in (
                {"system": name, "eval": "a", "value": value, "stderr": stderr},
                {"system": name, "eval": "b", "value": 30 + 10 * n, "stderr": 1},
            )
        ],
        "baskets": [{"id": "v1", "weights": {"a": 1, "b": 1}}],
    }


def watched(problem: Json, name: str = "a") -> EvalWatch:
    read = Problem.from_json(problem)
    return next(w for w in watch(read, compute(read), today=TODAY) if w.eval == name)


OLD = ("old", "2024-01-01", 50.0, 1.0)


def test_an_eval_saturates_within_two_standard_errors_of_the_ceiling() -> None:
    found = watched(measured(OLD, ("new", "2025-01-01", 96, 2)))
    assert (found.lifecycle, found.reasons) == ("saturating", ("frontier-at-ceiling",))
    assert (found.frontier, found.headroom) == ("new", 4)
    found = watched(measured(OLD, ("new", "2025-01-01", 95.9, 2)))
    assert (found.lifecycle, found.reasons) == ("active", ())


def test_a_quarter_of_the_recent_systems_at_the_ceiling_is_enough() -> None:
    rows = [OLD, ("top", "2024-02-01", 90, 1), ("r1", "2025-05-22", 89, 6)]
    rows += [(f"r{n}", "2026-01-01", 60, 1) for n in (2, 3, 4)]
    found = watched(measured(*rows))
    assert (found.recent, found.at_ceiling) == (4, 0.25)
    assert found.reasons == ("quarter-at-ceiling",) and found.lifecycle == "saturating"
    found = watched(measured(*rows, ("r5", "2026-01-02", 60, 1)))
    assert found.at_ceiling == 0.2 and found.lifecycle == "active"


def test_a_quarter_of_fewer_than_four_systems_is_not_enough() -> None:
    rows = [OLD, ("top", "2024-02-01", 90, 1), ("r1", "2026-01-01", 89, 6)]
    found = watched(measured(*rows, ("r2", "2026-01-01", 60, 1), ("r3", "2026-01-01", 60, 1)))
    assert found.recent == 3 and found.at_ceiling == pytest.approx(1 / 3)
    assert (found.reasons, found.lifecycle) == ((), "active")


@pytest.mark.parametrize(("top", "lifecycle"), [(99.0, "active"), (100.0, "saturating")])
def test_an_error_of_which_nothing_is_known_decides_nothing(top: float, lifecycle: str) -> None:
    problem = measured(OLD, *((f"r{n}", f"2026-0{n}-01", top - 4 + n, 1) for n in (1, 2, 3, 4)))
    for score in problem["scores"]:
        del score["stderr"]
    found = watched(problem)
    assert (found.stderr, found.error_known, found.lifecycle) == (3, False, lifecycle)
    assert found.at_ceiling == (0.25 if top == 100 else 0)
    problem["evals"][0]["stderr"] = 3
    assert watched(problem).lifecycle == "saturating" and watched(problem).error_known


def test_the_date_is_of_the_ceiling_itself_where_no_error_is_known() -> None:
    rows = [(f"s{n}", f"202{n}-01-01", value, 1) for n, value in enumerate((50, 70, 85, 95))]
    problem = measured(*rows)
    for score in problem["scores"]:
        del score["stderr"]
    assert watched(problem).saturation.reason is None
    problem["evals"][0]["stderr"] = 3
    assert watched(problem).saturation.reason == "reached"


def test_systems_older_than_18_months_are_not_counted() -> None:
    assert months_before(date(2026, 11, 21), 18) == date(2025, 5, 21)
    assert months_before(date(2026, 8, 31), 18) == date(2025, 2, 28)
    found = watched(measured(OLD, ("r", "2025-05-21", 60, 1)))
    assert (found.recent, found.at_ceiling, found.at_frontier) == (0, None, None)


def test_the_share_near_the_frontier_leaves_the_frontier_out() -> None:
    # Joint standard error 5: 80 and 70 are within 10 of each other, 69 is not.
    rows = [OLD, ("f", "2026-01-01", 80, 3), ("g", "2026-01-02", 70, 4), ("h", "2026-01-03", 69, 4)]
    found = watched(measured(*rows))
    assert (found.recent, found.at_frontier, found.at_ceiling) == (3, 0.5, 0)


def test_discrimination_counts_the_pairs_that_differ() -> None:
    # b makes every system a frontier of the headline; of 50, 52, 60 one pair is 2 apart.
    rows = [OLD, ("p", "2025-01-01", 52, 1), ("q", "2025-02-01", 60, 1)]
    found = watched(measured(*rows))
    assert found.compared == ("old", "p", "q")
    assert found.discrimination == pytest.approx(2 / 3)
    assert watched(measured(OLD)).discrimination is None


def test_discrimination_looks_at_the_newest_five() -> None:
    rows = [(f"s{n}", f"2024-0{n}-01", 50.0 + n, 0.01) for n in range(1, 8)]
    found = watched(measured(*rows))
    assert found.compared == ("s3", "s4", "s5", "s6", "s7") and found.discrimination == 1


def test_an_eval_is_retired_or_experimental_by_the_baskets_that_count_it() -> None:
    problem = measured(OLD, ("new", "2025-01-01", 99, 2))
    problem["evals"] += [item("c"), item("d", floor=None), item("e")]
    problem["scores"] += [{"system": "new", "eval": name, "value": 100} for name in ("c", "d")]
    second = {"id": "v2", "effective_on": "2026-01-01", "weights": {"b": 1}}
    problem["baskets"][0]["effective_on"] = "2024-01-01"
    problem["baskets"].append(second | {"overlap": ["old", "new"]})
    read = Problem.from_json(problem)
    stages = {w.eval: w.lifecycle for w in watch(read, compute(read), today=TODAY)}
    # d has no usable goalposts and e no scores.
    assert stages == {"a": "retired", "b": "active", "c": "experimental"}
    assert watched(problem).reasons == ("frontier-at-ceiling",)


def test_an_eval_that_counts_without_scores_is_shown_empty() -> None:
    problem = measured(OLD)
    problem["method"]["imputation"] = "model"
    problem["evals"].append(item("c"))
    problem["baskets"][0]["weights"]["c"] = 1
    found = watched(problem, "c")
    assert (found.lifecycle, found.systems, found.frontier) == ("active", 0, None)
    assert found.saturation.reason == "too-few-steps"


def test_a_milestone_is_not_a_bound() -> None:
    problem = measured(("old", "2024-01-01", 10, 1), ("new", "2025-01-01", 200, 1))
    problem["evals"][0] = item("a", scale="log", floor=1, ceiling=100, lower=0, upper=None)
    found = watched(problem)
    assert (found.bounded, found.lifecycle, found.reasons) == (False, "active", ())
    assert found.headroom == pytest.approx(100 - 100 * math.log(200) / math.log(100))
    assert found.saturation.reason == "reached" and found.saturation.on == "2025-01-01"
    problem["evals"][0]["upper"] = problem["evals"][0]["ceiling"] = 200
    assert watched(problem).bounded and watched(problem).lifecycle == "saturating"


def test_the_newest_goalposts_place_the_frontier() -> None:
    problem = measured(OLD, ("new", "2025-01-01", 80, 1))
    problem["baskets"][0]["goalposts"] = {"a": [0, 80]}
    found = watched(problem)
    assert (found.points, found.stderr, found.headroom) == (100, 1.25, 0)


def steps(*points: float) -> list[Step]:
    return [Step(date(2020 + n, 1, 1), value) for n, value in enumerate(points)]


def test_a_straight_frontier_reaches_its_milestone_on_the_day() -> None:
    found = saturation_date(
        [Step(date(2021, 1, d), 10.0 * d) for d in (1, 2, 3)], target=100, bounded=False
    )
    assert (found.on, found.low, found.high) == ("2021-01-10",) * 3


def test_a_logistic_frontier_is_straight_in_its_logit() -> None:
    # Odds double each year: 1, 2, 4; 90 points (odds 9) after log2(9) years.
    found = saturation_date(steps(50, 200 / 3, 80), target=90, bounded=True)
    assert found.on is not None and found.reason is None
    days = (date.fromisoformat(found.on) - date(2020, 1, 1)).days
    assert days == pytest.approx(math.log2(9) * 365.25, abs=1.5)


def test_the_interval_is_fiellers() -> None:
    # y = 0, 11, 19, 31 on t = 0..3 has b = 10.1, RSS = 2.7, q = 4.302653, target 100.
    days = [Step(date(2021, 1, 1 + t), y) for t, y in enumerate((0.0, 11.0, 19.0, 31.0))]
    found = saturation_date(days, target=100, bounded=False)
    q2s2 = 4.302652730**2 * 2.7 / 2

    def accepted(t: float) -> bool:
        return (15.25 + 10.1 * (t - 1.5) - 100) ** 2 <= q2s2 * (1 / 4 + (t - 1.5) ** 2 / 5)

    inside = [t / 100 for t in range(3000) if accepted(t / 100)]
    first, last = (1 + round(end) for end in (inside[0], inside[-1]))
    assert found.low == f"2021-01-{first:02}" and found.high == f"2021-01-{last:02}"
    assert found.on == f"2021-01-{1 + round(1.5 + 84.75 / 10.1):02}"


def test_the_interval_is_open_where_the_slope_may_be_zero() -> None:
    # b = 5, RSS = 16.67, so the slope's interval is 5 -+ 36.7.
    found = saturation_date(steps(10, 20.001, 20.002), target=100, bounded=False)
    assert found.on is not None and found.high is None


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ((50, 60), "too-few-steps"),
        ((), "too-few-steps"),
        ((0.1, 0.2, 0.3), "no-growth"),
        ((10, 10.1, 10.2), "too-far"),
        ((10, 95, 96), "reached"),
    ],
)
def test_no_date_is_fitted_without_its_grounds(points: tuple[float, ...], reason: str) -> None:
    found = saturation_date(steps(*points), target=94, bounded=True)
    assert found.reason == reason
    assert found.on == ("2021-01-01" if reason == "reached" else None)


def test_the_watch_is_plain_data_and_knows_no_order() -> None:
    problem = measured(OLD, ("p", "2025-01-01", 52, 1), ("q", "2026-02-01", 60, 1))
    whole = asdict(watched(problem))
    assert json.loads(json.dumps(whole))["saturation"]["steps"] == 3
    for key in ("systems", "scores", "evals"):
        problem[key].reverse()
    assert asdict(watched(problem)) == whole
