"""What the newest release expects of scores on the shipped catalog."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from baskets.engine import Problem
from baskets.engine.expect import Recorded, expect
from baskets.engine.points import Goalposts
from baskets.models import Release
from baskets.selectors import expectations, releases
from baskets.selectors.expectations import PointScale
from evals.models import Eval, Score
from evals.readers import catalog
from evals.records import ScoreRecord
from evals.services.doubts import MOST_Z, Doubts
from evals.services.files import SHIPPED
from evals.services.precision import own_error

pytestmark = pytest.mark.usefixtures("catalog_db")


def test_the_recorded_models_fitted_again_are_those_of_the_release() -> None:
    release = Release.objects.filter(reconstructed=False).latest("number")
    bundle = releases.bundle(release)
    problem, newest = Problem.from_json(bundle["problem"]), bundle["problem"]["baskets"][-1]["id"]
    filled = {(r["system"], r["eval"]): r for r in bundle["filled"] if r["basket"] == newest}
    compared = 0
    for domain, report in bundle["answer"]["imputation"].items():
        found = expect(problem, domain, Recorded.of(report))
        for column, item in enumerate(found.evals):
            if problem.fit_goalposts(item) == problem.goalposts(problem.baskets[-1], item):
                rows = [row for row, name in enumerate(found.systems) if (name, item) in filled]
                points = [filled[found.systems[row], item]["points"] for row in rows]
                assert found.points[rows, column] == pytest.approx(points, abs=1e-4)
                compared += len(rows)
    assert compared > 500


def test_the_shipped_catalog_raises_no_doubt_but_about_a_few_surprises() -> None:
    doubts, items = Doubts(), {item.slug: item for item in Eval.objects.all()}
    records = [r for r in catalog.read(SHIPPED) if isinstance(r, ScoreRecord)]
    found = [doubts.about(record, record.system, items[record.eval]) for record in records]
    assert len(records) == 1308
    assert {why.partition(":")[0] for why in found} <= {"", "expectation"}
    assert sum(map(bool, found)) <= 0.003 * len(records)


def test_measured_cells_have_an_expectation_too() -> None:
    expected = expectations.judge().cell("gpt-4o", "gpqa-diamond")
    stored = Score.objects.filter(system__slug="gpt-4o", eval__slug="gpqa-diamond")[0]
    assert expected is not None and expected.counted is not None
    assert expected.points.of(stored.value) == pytest.approx(expected.counted)
    assert expected.z(99.9, None) > MOST_Z and abs(expected.z(stored.value, None)) < 2


@pytest.mark.parametrize("system", ["gpt-4o", "gpt-4o-2024-08-06"])
def test_it_holds_an_absurd_score_and_says_how_absurd(system: str) -> None:
    record = ScoreRecord(
        line=2,
        system=system,
        eval="gpqa-diamond",
        value=99.9,
        observed_on=dt.date(2026, 3, 1),
        reported_by="third_party",
    )
    why = Doubts().about(record, system, Eval.objects.get(slug="gpqa-diamond"))
    assert why.startswith("expectation: 99.9 is ")
    for part in ("where release ", " expects ", "a residual of +", "up to 4.5, ", "is accepted"):
        assert part in why


def test_few_genuine_scores_are_held_though_none_has_a_say_about_itself() -> None:
    judge = expectations.judge()
    z = []
    for score in Score.objects.select_related("system", "eval"):
        expected = judge.cell(score.system.slug, score.eval.slug)
        if expected is not None:
            z.append(abs(expected.z(score.value, own_error(score, score.eval))))
    assert len(z) > 1200
    assert np.mean(np.array(z) > MOST_Z) <= 0.003


def test_nothing_is_expected_of_a_system_that_nobody_measured_in_the_domain() -> None:
    judge = expectations.judge()
    assert judge.cell("no-such-system", "gpqa-diamond") is None
    assert judge.cell("gpt-4o", "no-such-eval") is None and judge.counted("no-such-eval") is None


def test_the_counted_scores_of_an_eval_come_with_the_release_dates_of_their_systems() -> None:
    found = expectations.judge().counted("gpqa-diamond")
    item = Eval.objects.get(slug="gpqa-diamond")
    assert found is not None and len(found) == item.scores.values("system").distinct().count()
    rows = set(item.scores.values_list("system__released_on", "value"))
    assert set(found) <= rows


@pytest.mark.parametrize(
    ("scale", "goalposts", "points", "value"),
    [
        ("linear", Goalposts(25, 100), 40, 55.0),
        ("linear", Goalposts(25, 100), 0, -np.inf),
        ("linear", Goalposts(25, 100), 100, np.inf),
        ("linear", Goalposts(100, 0), 30, 70.0),
        ("linear", Goalposts(100, 0), -1, np.inf),
        ("log", Goalposts(1, 100), 150, 1000.0),
        ("log", Goalposts(1, 100), -1, -np.inf),
        ("elo", Goalposts(reference=1000), 50, 1000.0),
    ],
)
def test_points_become_values_and_infinite_ones_where_they_are_clipped(
    scale: str, goalposts: Goalposts, points: float, value: float
) -> None:
    assert PointScale(scale, goalposts).value(points) == pytest.approx(value)


def test_a_value_without_points_is_no_number_of_deviations_away() -> None:
    assert np.isnan(PointScale("log", Goalposts(1, 100)).of(0))
