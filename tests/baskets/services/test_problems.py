"""The engine's problem as it is read from the database."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest

from baskets.models import Basket, BasketVersion
from baskets.selectors.problem_rows import Z95, standard_error
from baskets.selectors.problems import knowledge, published
from evals.models import Decision, Eval, Flag, Score
from tests.baskets.services.conftest import add_draft, add_eval, add_score, today

Row = dict[str, Any]


def problem(basket: Basket, *, vintage_on: dt.date | None = None) -> tuple[Row, dict[float, str]]:
    """(problem, reasons of excluded scores by value) of the version that is the basket's last."""
    version = basket.versions.latest("number")
    known = knowledge(basket, also=None if version.published else version)
    made, excluded = known.problem(
        vintage_on=vintage_on or today(),
        versions=known.versions,
        observed_only=vintage_on is not None,
    )
    return made, {row["value"]: row["reason"] for row in excluded}


def cell(made: Row, system: str, item: str) -> Row:
    """The one score of a cell."""
    rows: list[Row] = [s for s in made["scores"] if (s["system"], s["eval"]) == (system, item)]
    assert len(rows) == 1
    return rows[0]


@pytest.fixture
def draft(basket: Basket) -> BasketVersion:
    return add_draft(basket)


def test_it_states_method_evals_systems_and_baskets(draft: BasketVersion) -> None:
    made, excluded = problem(draft.basket)
    assert (made["method"]["base"], made["method"]["imputation"]) == ("base", "model")
    assert (len(made["scores"]), len(made["evals"]), excluded) == (24, 6, {})
    assert [row["id"] for row in made["systems"]] == ["base", "latest", "new", "old"]
    (row,) = made["baskets"]
    assert (row["id"], row["overlap"]) == ("small-1", ["base", "latest", "new", "old"])
    assert row["weights"] == {e.slug: 1.0 for e in Eval.objects.all()}


@pytest.mark.parametrize(
    ("rule", "counted"), [("best", 90.0), ("worst", 41.0), ("latest", 70.0), ("median", 70.0)]
)
def test_it_chooses_by_the_rule_of_the_weight(
    draft: BasketVersion, rule: str, counted: float
) -> None:
    draft.weights.filter(eval__slug="safety-1").update(selection=rule)
    add_score("base", "safety-1", 90.0, observed_on=dt.date(2024, 2, 1))
    add_score("base", "safety-1", 70.0, observed_on=dt.date(2024, 3, 1))
    made, excluded = problem(draft.basket)
    assert cell(made, "base", "safety-1")["value"] == counted
    assert set(excluded) == {41.0, 70.0, 90.0} - {counted}
    assert all(why.startswith("another score stands: ") for why in excluded.values())


@pytest.mark.parametrize(("rule", "counted"), [("best", 20.0), ("worst", 41.0)])
def test_it_turns_best_and_worst_round_where_lower_is_better(
    draft: BasketVersion, rule: str, counted: float
) -> None:
    Eval.objects.filter(slug="safety-1").update(direction="lower", floor=100, ceiling=0)
    draft.weights.filter(eval__slug="safety-1").update(selection=rule)
    add_score("base", "safety-1", 20.0)
    assert cell(problem(draft.basket)[0], "base", "safety-1")["value"] == counted


def test_it_counts_only_the_protocol_that_the_basket_names(draft: BasketVersion) -> None:
    draft.weights.filter(eval__slug="safety-1").update(protocol="Set B")
    add_score("base", "safety-1", 30.0, elicitation="harness x, SET b, 3 runs")
    made, excluded = problem(draft.basket)
    assert cell(made, "base", "safety-1")["value"] == 30.0
    assert excluded[41.0] == "not of the counted protocol (Set B)"
    assert not [s for s in made["scores"] if (s["system"], s["eval"]) == ("old", "safety-1")]


def test_it_uses_evals_outside_the_basket_if_they_have_goalposts(draft: BasketVersion) -> None:
    add_eval("other", "safety")
    add_eval("rating", "capability", scale="elo", lower=None, upper=None)
    add_eval("open", "capability", upper=None, ceiling=None)
    for slug, value in (("other", 1.0), ("rating", 1200.0), ("open", 2.0)):
        add_score("base", slug, value)
    made, excluded = problem(draft.basket)
    assert "other" in {row["id"] for row in made["evals"]}
    assert excluded == dict.fromkeys((1200.0, 2.0), "the eval has no usable goalposts")
    assert "other" not in made["baskets"][0]["weights"]


def test_it_leaves_out_what_was_observed_after_a_reconstructed_date(draft: BasketVersion) -> None:
    add_score("base", "safety-1", 95.0, observed_on=dt.date(2024, 6, 2))
    before, _ = problem(draft.basket, vintage_on=dt.date(2024, 6, 1))
    after, _ = problem(draft.basket, vintage_on=dt.date(2024, 6, 2))
    assert cell(before, "base", "safety-1")["value"] == 41.0
    assert cell(after, "base", "safety-1")["value"] == 95.0
    none, excluded = problem(draft.basket, vintage_on=dt.date(2023, 12, 31))
    assert (none["scores"], excluded) == ([], {})


def test_it_follows_the_newest_decision_on_a_score(draft: BasketVersion) -> None:
    score = Score.objects.get(system__slug="base", eval__slug="safety-1")
    for status, count in (("withdrawn", 23), ("held", 23), ("accepted", 24)):
        Decision.objects.create(score=score, status=status, reason="a test")
        assert len(problem(draft.basket)[0]["scores"]) == count


def test_it_sees_a_draft_only_where_it_is_asked_to(draft: BasketVersion) -> None:
    assert list(published(draft.basket)) == []
    assert knowledge(draft.basket).versions == ()
    assert knowledge(draft.basket, also=draft).versions == (draft,)


@pytest.mark.parametrize(
    ("scale", "facts", "expected"),
    [
        ("linear", {}, None),
        ("linear", {"stderr": 1.5, "low": 0.0, "high": 100.0}, 1.5),
        ("linear", {"low": 40.0, "high": 60.0}, 20 / (2 * Z95)),
        ("linear", {"low": 49.0, "high": 60.0}, 11 / (2 * Z95)),
        ("linear", {"low": 40.0}, None),
        ("log", {"low": 25.0, "high": 100.0}, 50 * math.log(4) / (2 * Z95)),
        ("log", {"low": 0.0, "high": 100.0}, 100 / (2 * Z95)),
    ],
)
def test_it_takes_the_error_from_the_publication_or_its_interval(
    scale: str, facts: dict[str, float], expected: float | None
) -> None:
    error = standard_error(Score(value=50.0, eval=Eval(scale=scale), **facts))
    assert error == (None if expected is None else pytest.approx(expected, rel=1e-12))


def test_it_uses_the_normal_quantile_of_a_95_percent_interval() -> None:
    assert math.erf(Z95 / math.sqrt(2)) == pytest.approx(0.95, abs=1e-12)


def flags_of(made: Row) -> dict[str, list[str]]:
    return {row["id"]: row["flags"] for row in made["evals"] if row["flags"]}


def test_it_passes_on_the_flags_that_hold(draft: BasketVersion) -> None:
    item = Eval.objects.get(slug="safety-1")
    raised = Flag(eval=item, kind="disputed", since=dt.date(2024, 3, 1), reason="Wrong keys.")
    raised.save()
    assert flags_of(problem(draft.basket)[0]) == {"safety-1": ["disputed"]}
    before = problem(draft.basket, vintage_on=dt.date(2024, 2, 29))[0]
    assert flags_of(before) == {}
    Flag.objects.create(
        eval=item, kind="disputed", raised=False, since=raised.since, reason="Mended."
    )
    assert flags_of(problem(draft.basket)[0]) == {}


def test_it_marks_evals_that_only_developers_report_on(draft: BasketVersion) -> None:
    slug = add_eval("own", "safety").slug
    add_score("base", slug, 90.0, reported_by="first_party")
    assert flags_of(problem(draft.basket)[0]) == {"own": ["self-reported"]}
    add_score("old", slug, 80.0)
    assert flags_of(problem(draft.basket)[0]) == {}
