"""What the parts of the read API say agrees with what is stored."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from baskets.models import IndexPoint
from baskets.selectors import releases
from evals.models import Decision, Eval, Score, System
from tests.baskets.api.test_reading import get

pytestmark = pytest.mark.usefixtures("catalog_db")


def value(system: str, series: str) -> float:
    points = IndexPoint.objects.filter(release=releases.current(), on_official_version=True)
    return points.get(system__slug=system, series=series).value


def test_it_gives_the_values_of_a_system(client: Client) -> None:
    one = get(client, "systems/gpt-5")
    told = {row["series"]: row["value"] for row in one["values"]}
    assert told["capability"] == value("gpt-5", "capability")
    assert {"headline", "balanced", "safety"} <= set(told)
    assert one["predecessor"] and one["page"].endswith("/systems/gpt-5/")
    (listed,) = get(client, "systems?q=gpt-5&until=2025-08-07&since=2025-08-07&limit=1")["results"]
    assert {row["series"]: row["value"] for row in listed["values"]}.items() <= told.items()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("developer=anthropic", {"developer__slug": "anthropic"}),
        ("generation=GPT-5", {"generation__name": "GPT-5"}),
        ("since=2026-01-01", {"released_on__gte": "2026-01-01"}),
        ("until=2024-01-01", {"released_on__lte": "2024-01-01"}),
    ],
)
def test_it_filters_systems(client: Client, query: str, wanted: dict[str, str]) -> None:
    expected = set(System.objects.filter(**wanted).values_list("slug", flat=True))
    found = {row["system"] for row in get(client, f"systems?{query}&limit=500")["results"]}
    assert found == expected != set()


def test_it_gives_an_eval_with_those_who_count_it(client: Client) -> None:
    one = get(client, "evals/gpqa-diamond")
    assert one["counted_in"][0]["share"] > 0 and one["counted_in"][0]["rationale"]
    assert one["watch"]["systems"] > 0
    assert one["lifecycle"] in {"active", "saturating", "retired"}
    safety = {row["eval"] for row in get(client, "evals?domain=safety&limit=500")["results"]}
    stored = Eval.objects.filter(domain__slug="safety").values_list("slug", flat=True)
    assert safety == set(stored)


def test_it_gives_scores_with_status_and_provenance(client: Client) -> None:
    rows = get(client, "scores?system=gpt-5&limit=500")["results"]
    stored = {score.pk: score for score in Score.objects.filter(system__slug="gpt-5")}
    assert {row["id"] for row in rows} == set(stored)
    for row in rows:
        score = stored[row["id"]]
        assert (row["value"], row["source_url"]) == (score.value, score.source_url)
        assert row["status"] == "accepted" and row["import_source"] == "catalog"
        assert row["unit"] == score.eval.unit


def test_it_gives_the_newest_status_of_a_score(client: Client) -> None:
    score = Score.objects.filter(system__slug="gpt-5").earliest("pk")
    Decision.objects.create(score=score, status="withdrawn", reason="a test")
    row = next(r for r in get(client, "scores?system=gpt-5")["results"] if r["id"] == score.pk)
    assert (row["status"], row["status_reason"]) == ("withdrawn", "a test")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("eval=gpqa-diamond", {"eval__slug": "gpqa-diamond"}),
        ("domain=alignment", {"eval__domain__slug": "alignment"}),
        ("system=gpt-5&since=2025-09-01",
         {"system__slug": "gpt-5", "observed_on__gte": dt.date(2025, 9, 1)}),
    ],
)  # fmt: skip
def test_it_filters_scores(client: Client, query: str, wanted: dict[str, object]) -> None:
    expected = set(Score.objects.filter(**wanted).values_list("pk", flat=True))
    found = {row["id"] for row in get(client, f"scores?{query}&limit=500")["results"]}
    assert found == expected != set()


def test_it_gives_a_basket_whose_shares_sum_to_one(client: Client) -> None:
    basket = get(client, "baskets/agi")
    (listed,) = get(client, "baskets")["results"]
    assert [v["number"] for v in basket["versions"]] == listed["versions"][::-1]
    for version in basket["versions"]:
        assert sum(row["share"] for row in version["weights"]) == pytest.approx(1)
    assert basket["versions"][0]["links"] and basket["versions"][0]["departures"]


def test_its_contributions_sum_to_the_difference(client: Client) -> None:
    told = get(client, "contributions?system=gpt-5&against=o3&series=capability")
    assert told["value"] == value("gpt-5", "capability")
    assert told["against_value"] == value("o3", "capability")
    total = sum(row["points"] for row in told["contributions"])
    assert total == pytest.approx(told["difference"], abs=1e-3)
    assert get(client, "contributions?system=gpt-5")["against"] != "gpt-5"


def test_it_compares_every_pair_in_every_series(client: Client) -> None:
    told = get(client, "compare?systems=gpt-5,o3,gpt-4o")
    pairs = {(p["system"], p["against"], p["series"]): p for p in told["pairs"]}
    pair = pairs["gpt-5", "o3", "capability"]
    assert pair["difference"] == pytest.approx(
        value("gpt-5", "capability") - value("o3", "capability")
    )
    assert pair["low"] <= pair["difference"] <= pair["high"]
    assert 0.5 < pair["ahead"] <= 1
    assert ("o3", "gpt-4o", "capability") in pairs
