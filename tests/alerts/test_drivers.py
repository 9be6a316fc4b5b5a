"""What moved a frontier most, checked against the index itself."""

from __future__ import annotations

import pytest

from alerts import drivers, rules, selectors
from baskets.models import Release
from tests.alerts.conftest import MakeRelease, add_version


def move_of(release: Release, series: str) -> rules.Move:
    """From old to sol, as the release itself measures both."""
    steps = {step["system"]: step for step in release.summary["series"][series]["frontier"]}
    old, sol = (rules.Standing(slug, steps[slug]["value"]) for slug in ("old", "sol"))
    return rules.Move(series, old, sol)


@pytest.mark.parametrize("two_versions", [False, True])
def test_it_adds_up_to_the_move_in_a_domain(make_release: MakeRelease, two_versions: bool) -> None:
    scores = {"base": 40, "old": 60, "sol": 90}
    release = make_release(scores, **({"change": add_version} if two_versions else {}))
    move = move_of(release, "capability")
    found = drivers.largest_contributions(release, move)
    assert sum(row["points"] for row in found) == pytest.approx(move.move, abs=1e-5)
    assert [row["eval"] for row in found] == ["capability-1", "capability-2"]


def test_it_names_the_three_largest_first(make_release: MakeRelease) -> None:
    release = make_release({"base": 40, "old": 60, "sol": 90}, change=add_version)
    found = drivers.largest_contributions(release, move_of(release, "headline"))
    sizes = [abs(row["points"]) for row in found]
    assert len(found) == 3 and sizes == sorted(sizes, reverse=True)
    assert found[0]["eval"] == "capability-1" and found[0]["name"] == "Capability Bench 1"


def test_it_states_none_where_the_method_has_none(make_release: MakeRelease) -> None:
    release = make_release({"base": 40, "old": 60, "sol": 90}, change=add_version)
    assert drivers.largest_contributions(release, move_of(release, "balanced")) == []


def test_it_reads_a_release_as_the_rules_need_it(make_release: MakeRelease) -> None:
    facts = selectors.facts_of(make_release({"base": 40, "old": 60}))
    assert facts.frontier["safety"] == rules.Standing("old", 150.0)
    assert facts.official["headline"] == {"base", "old"}
    assert rules.Cell("capability-1", "capability", 65.0) in facts.cells["old"]
    assert len(facts.cells["old"]) == 6


def test_it_takes_another_yardstick_for_another_basket(make_release: MakeRelease) -> None:
    scores = {"base": 40, "old": 60}
    one, same = (selectors.facts_of(make_release(s)) for s in (scores, {**scores, "sol": 70}))
    other = selectors.facts_of(make_release(scores, change=add_version))
    assert one.yardstick == same.yardstick != other.yardstick
