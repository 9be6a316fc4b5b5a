"""Section 5: chaining versions, by values worked by hand."""

import math

import pytest

from baskets.engine.errors import NotPositive, OverlapTooSmall
from tests.engine.problems import Json, answer_to, cells, changed, item, linked, there, value

# linked(), version 1: L_old = (40 + 50) / 2 = 45, L_mid = 60, L_top = 75, k = 100 / 45.
#   headline: mid 133.33, top 166.67, mean 150; capability: mid 150, top 200; safety: 120, 140.
# version 2: L_mid = 25, L_top = 45, mean 35; L_new = 65.


def test_an_additive_link_carries_points_at_the_old_price() -> None:
    # 150 + (100 / 45) (65 - 35)
    answer = answer_to(linked())
    assert there(answer, "new", basket="v2") == pytest.approx(150 + 100 / 45 * 30)
    # capability: mean (150 + 200) / 2 = 175, k = 100 / 40, b 70 against mean 30.
    assert there(answer, "new", "capability", "v2") == pytest.approx(175 + 2.5 * 40)
    # safety: mean 130, k = 2, t 60 against mean 40.
    assert there(answer, "new", "safety", "v2") == pytest.approx(170)


def test_the_overlap_keeps_its_mean_over_an_additive_link() -> None:
    answer = answer_to(linked())
    for series in ("headline", "capability", "safety"):
        old, new = (
            sum(there(answer, system, series, basket) for system in ("mid", "top"))
            for basket in ("v1", "v2")
        )
        assert old == pytest.approx(new, abs=1e-9)


def test_a_ratio_link_scales_by_the_mean_of_the_overlap() -> None:
    answer = answer_to(changed(linked(), link="ratio"))
    assert there(answer, "new", basket="v2") == pytest.approx(150 * 65 / 35)


def test_an_odds_link_is_a_ratio_of_geometric_means() -> None:
    answer = answer_to(changed(linked(), scale="odds"))
    odds = {"a": 40 / 60, "s": 1.0}
    before = [
        100 * math.sqrt((60 / 40) / odds["a"] * (60 / 40) / odds["s"]),
        100 * math.sqrt((80 / 20) / odds["a"] * (70 / 30) / odds["s"]),
    ]
    after = [math.sqrt((20 / 80) * (30 / 70)), math.sqrt((40 / 60) * (50 / 50))]
    new = math.sqrt((70 / 30) * (60 / 40))
    expected = math.sqrt(before[0] * before[1]) * new / math.sqrt(after[0] * after[1])
    assert there(answer, "new", basket="v2") == pytest.approx(expected)


def test_the_balanced_series_comes_from_the_linked_domains() -> None:
    # Domain weights are one half each: 100 sqrt(2.75 1.7)
    answer = answer_to(linked())
    assert there(answer, "new", "balanced", "v2") == pytest.approx(100 * math.sqrt(2.75 * 1.7))


def test_every_link_shows_the_newest_overlap_system_under_each_way() -> None:
    for method in ({}, {"link": "ratio"}, {"scale": "odds"}):
        answer = answer_to(changed(linked(), **method))
        link = next(row for row in answer.links if row.series == "headline")
        assert (link.from_basket, link.to_basket, link.overlap) == ("v1", "v2", ("mid", "top"))
        assert link.additive == pytest.approx(150 + 100 / 45 * 10)
        assert link.ratio == pytest.approx(150 * 45 / 35)
        odds_answer = answer_to(changed(linked(), scale="odds"))
        assert link.odds == pytest.approx(there(odds_answer, "top", basket="v2"))


def test_a_system_outside_the_overlap_list_does_not_move_the_link() -> None:
    problem = linked()
    problem["systems"].append({"id": "extra", "released_on": "2024-10-01"})
    problem["scores"] += cells({"extra": {"a": 99, "s": 99, "b": 1, "t": 1}})
    assert there(answer_to(problem), "new", basket="v2") == pytest.approx(150 + 100 / 45 * 30)


def test_only_systems_with_values_on_both_versions_are_usable_overlap() -> None:
    problem = linked()
    problem["baskets"][1]["overlap"] = ["mid", "new", "old", "top"]
    answer = answer_to(problem)
    assert {row.overlap for row in answer.links} == {("mid", "top")}


@pytest.mark.parametrize("overlap", [[], ["mid"], ["mid", "new"]])
def test_it_refuses_an_overlap_of_fewer_than_two(overlap: list[str]) -> None:
    problem = linked()
    problem["baskets"][1]["overlap"] = overlap
    with pytest.raises(OverlapTooSmall):
        answer_to(problem)


def with_subdomain() -> Json:
    """linked() with an easy eval of a subdomain on both versions."""
    problem = linked()
    problem["evals"] += [item("x", subdomain="sub"), item("y", subdomain="sub")]
    problem["baskets"][0]["weights"] |= {"x": 0.5}
    problem["baskets"][1]["weights"] |= {"y": 0.5}
    problem["method"]["imputation"] = "model"
    return problem


def test_a_subdomain_without_overlap_ends_there_and_refuses_nothing() -> None:
    problem = with_subdomain()
    problem["scores"] += cells({"old": {"x": 50}, "mid": {"x": 60}, "new": {"y": 70}})
    answer = answer_to(problem)
    assert value(answer, "mid", "capability/sub") == pytest.approx(120)
    assert value(answer, "new", "capability/sub", "v2") is None
    assert value(answer, "new", "capability", "v2") is not None
    assert not [row for row in answer.links if row.series == "capability/sub"]


def test_a_node_that_first_appears_later_starts_at_100_for_the_base() -> None:
    problem = with_subdomain()
    del problem["baskets"][0]["weights"]["x"]
    problem["scores"] += cells({"old": {"y": 40, "b": 10, "t": 10}, "new": {"y": 60}})
    answer = answer_to(problem)
    assert value(answer, "old", "capability/sub", "v2") == 100
    assert value(answer, "new", "capability/sub", "v2") == pytest.approx(150)
    assert value(answer, "new", "capability/sub", "v1") is None


def test_a_ratio_link_refuses_an_overlap_at_zero() -> None:
    problem = changed(linked(), link="ratio")
    for score in problem["scores"]:
        if score["eval"] == "b" and score["system"] in ("mid", "top"):
            score["value"] = 0
    with pytest.raises(NotPositive):
        answer_to(problem)
    additive = answer_to(changed(problem, link="additive"))
    assert [row.ratio for row in additive.links if row.series == "capability"] == [None]


@pytest.mark.parametrize("domain_mean", ["arithmetic", "geometric"])
def test_the_base_may_fall_below_zero_on_a_harder_version(domain_mean: str) -> None:
    # k = 2.5; old's 0 and 1 on v2 against means of 80 and 80, safety k = 2.
    problem = changed(linked(), domain_mean=domain_mean)
    for score in problem["scores"]:
        if score["eval"] in ("b", "t"):
            score["value"] = 80
    problem["scores"] += cells({"old": {"b": 0, "t": 1}})
    answer = answer_to(problem)
    assert there(answer, "old", "capability", "v2") == pytest.approx(175 - 2.5 * 80)
    assert there(answer, "old", "safety", "v2") == pytest.approx(130 - 2 * 79)
    whole = value(answer, "old", basket="v2")
    rows = [c.points for c in answer.contributions if (c.system, c.basket) == ("new", "v2")]
    if domain_mean == "geometric":
        assert whole is None and not rows
    else:
        assert whole == pytest.approx(150 - 100 / 45 * 79.5)
        assert sum(rows) == pytest.approx(100 / 45 * 79.5)


def test_a_harder_basket_speeds_progress_up_only_under_the_ratio_link() -> None:
    additive, ratio = (answer_to(changed(linked(), link=link)) for link in ("additive", "ratio"))
    gap = [there(a, "top", basket="v2") - there(a, "mid", basket="v2") for a in (additive, ratio)]
    assert gap[0] == pytest.approx(100 / 45 * 20)
    assert gap[1] > gap[0]
