"""What moved a frontier most, checked against the index itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alerts import drivers, rules, selectors
from baskets.models import Release
from tests.alerts.conftest import MakeRelease, add_version, weigh_safety_double

Change = Callable[[dict[str, Any]], None]


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


SCORES = {"base": 40, "old": 60}
CHANGES: dict[str, tuple[Change, bool]] = {
    "a basket version": (add_version, True),
    "a weight": (weigh_safety_double, True),
    "a link": (lambda asked: asked["method"].update(link="ratio"), True),
    "the base": (lambda asked: asked["method"].update(base="old"), True),
    "a goalpost": (lambda asked: asked["evals"][0].update(ceiling=110), True),
    "the seed": (lambda asked: asked["method"].update(seed=7), False),
    "a score": (lambda asked: asked["scores"][0].update(value=50), False),
}


@pytest.mark.parametrize("changed", CHANGES)
def test_it_knows_a_new_yardstick_from_new_scores(make_release: MakeRelease, changed: str) -> None:
    change, renews = CHANGES[changed]
    before = selectors.facts_of(make_release(SCORES))
    after = selectors.facts_of(make_release(SCORES, change=change))
    assert (before.yardstick != after.yardstick) is renews


def test_it_takes_another_engine_for_another_yardstick(make_release: MakeRelease) -> None:
    release = make_release(SCORES)
    before = selectors.facts_of(release).yardstick
    release.engine_version = "9.9"
    assert selectors.facts_of(release).yardstick != before
