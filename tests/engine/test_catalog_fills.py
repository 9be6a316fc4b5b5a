"""The cross-validation that a release of the shipped catalog reports."""

from typing import Any

import pytest

from baskets.engine import Problem, prepare
from baskets.models import Basket
from baskets.selectors.problems import knowledge
from baskets.services import releases

pytestmark = pytest.mark.usefixtures("catalog_db")


@pytest.fixture
def report() -> dict[str, Any]:
    """The imputation report of a release made today."""
    known = knowledge(Basket.objects.get(slug="agi"))
    day = releases.today()
    obj, _excluded = known.problem(
        vintage_on=day,
        versions=releases.in_force(known, day),
        observed_only=False,
        replicates=0,
    )
    return prepare(Problem.from_json(obj)).fill.report()


def test_intervals_of_held_out_cells_hold_what_they_say(report: dict[str, Any]) -> None:
    judged = sum(domain["judged"] for domain in report.values())
    inside = sum(domain["judged"] * domain["interval_coverage"] for domain in report.values())
    assert judged > 1000
    assert 0.93 <= inside / judged <= 0.97
    assert all(0.90 <= domain["interval_coverage"] <= 0.99 for domain in report.values())


def test_no_domain_is_filled_by_a_model_that_the_mean_beats(report: dict[str, Any]) -> None:
    for domain in report.values():
        assert domain["cv_rmse"][domain["chosen"]] <= domain["cv_rmse"]["eval-mean"]
