"""Readers' own baskets: their weights, their releases, what may be changed and by whom."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from pytest_django import Settings

from accounts.models import User
from accounts.services.deletion import delete_account
from baskets import tasks
from baskets.models import (
    BasketVersion,
    IndexPoint,
    OwnBasket,
    OwnBasketEvent,
    OwnRelease,
    OwnVersion,
    OwnWork,
    Release,
)
from baskets.selectors import own as selectors
from baskets.selectors.own_content import read, text_of
from baskets.services import own, own_releases, recomputes
from baskets.services.refusals import NotAllowed
from evals.models import Developer, Generation, System
from tests.baskets.services.conftest import add_score, today
from tests.baskets.services.steps import person
from tests.baskets.services.test_recomputes import ask

HALVES = {"d.capability": "50", "d.safety": "25", "d.alignment": "25", "w.capability-2": "0"}
# From here on one eval alone.
ALONE = {"d.alignment": "0", "d.capability": "100", "d.safety": "0", "w.capability-2": "0"}


def released(version: BasketVersion, cause: str = "x") -> Release:
    """A release of the parent, and the requests that follow its commit."""
    ask(version.basket, cause)
    found = recomputes.run_due(version.basket_id)
    assert found is not None
    own_releases.ask_for_release(found)
    return found


def saved(release: Release, adjustments: dict[str, str], owner: str = "ada") -> OwnBasket:
    return own.save_own(owner=person(owner), name="Mine", release=release, adjustments=adjustments)


def values(mine: OwnBasket, release: Release, series: str = "headline") -> dict[str, float]:
    """The values of a series by system, as they are sealed."""
    content = read(OwnRelease.objects.get(own=mine, release=release))
    return {row["system"]: row["value"] for row in content["systems"] if row["series"] == series}


def add_fresh() -> None:
    """A system that came out today, best on one eval."""
    developer, generation = Developer.objects.get(), Generation.objects.get()
    System.objects.create(slug="fresh", name="Fresh", developer=developer, generation=generation,
                          released_on=today())  # fmt: skip
    for slug in ("safety-1", "safety-2", "alignment-1", "alignment-2"):
        add_score("fresh", slug, 70.0, observed_on=today())
    add_score("fresh", "capability-1", 80.0, observed_on=today())
    add_score("fresh", "capability-2", 90.0, observed_on=today())


def test_the_official_weights_give_the_official_values_in_every_release(
    published: BasketVersion,
) -> None:
    past = released(published)
    mine = saved(past, {})
    add_score("latest", "safety-1", 90.0, observed_on=today())
    for release in (past, released(published)):
        tasks.run_own()
        points = IndexPoint.objects.filter(release=release, on_official_version=True)
        for series in ("headline", "balanced", "capability", "safety", "alignment"):
            stored = dict(points.filter(series=series).values_list("system__slug", "value"))
            assert values(mine, release, series) == stored and len(stored) == 4
        gaps = read(OwnRelease.objects.get(own=mine, release=release))["gaps"]
        official = {name: gap["gap"] for name, gap in release.summary["safety_gap"].items()}
        assert {name: gap["per_year"] for name, gap in gaps.items()} == pytest.approx(
            {name: gap["per_year"] for name, gap in official.items()}, abs=2e-6
        )


def test_a_release_of_the_parent_makes_one_of_every_own_basket(published: BasketVersion) -> None:
    past = released(published)
    mine, other = saved(past, HALVES), saved(past, ALONE, "bob")
    tasks.run_own()
    assert not OwnWork.objects.exists()
    new = released(published, "more scores")
    assert OwnWork.objects.filter(release=new).count() == 2
    tasks.run_own()
    tasks.run_own()
    for each in (mine, other):
        rows = OwnRelease.objects.filter(own=each).order_by("release__number")
        assert [row.reconstructed for row in rows] == [True, False]
    newest = selectors.newest_of(mine)
    assert newest is not None and newest.release == new
    assert selectors.release_before(newest) == OwnRelease.objects.get(own=mine, release=past)


def test_what_is_sealed_names_the_weights_and_the_parent(published: BasketVersion) -> None:
    release = released(published)
    mine = saved(release, HALVES)
    tasks.run_own()
    row = OwnRelease.objects.get(own=mine)
    content = read(row)
    assert (content["parent_sha256"], content["parent_seal"]) == (release.sha256, release.seal)
    (segment,) = content["baskets"]
    expected = {"capability-1": 0.5} | dict.fromkeys(
        ("safety-1", "safety-2", "alignment-1", "alignment-2"), 0.125
    )
    assert segment["weights"] == pytest.approx(expected) and segment["of"] == "small-1"
    assert hashlib.sha256(text_of(row)).hexdigest() == row.sha256
    assert row.summary["safety"]["system"] == "latest"


def test_changed_weights_are_linked_and_leave_the_past_alone(published: BasketVersion) -> None:
    past = released(published)
    mine = saved(past, {})
    tasks.run_own()
    before, seal = values(mine, past), OwnRelease.objects.get().sha256
    own.weigh_anew(mine, by=person("ada"), release=past, adjustments=ALONE)
    add_fresh()
    new = released(published)
    tasks.run_own()
    assert OwnRelease.objects.get(release=past).sha256 == seal
    after = values(mine, new)
    assert {name: after[name] for name in before} == before
    # Levels of 41.5 to 71.5 before the link and of 41 to 71 after it, the base at 41.5.
    assert after["fresh"] == pytest.approx(100 / 41.5 * (56.5 + 80 - 56), abs=1e-6)
    content = read(OwnRelease.objects.get(own=mine, release=new))
    assert [(s["of"], s["version"]) for s in content["baskets"]] == [("small-1", 1), ("small-1", 2)]


def test_the_same_weights_make_no_version_and_the_last_of_a_day_counts(
    published: BasketVersion,
) -> None:
    release = released(published)
    mine = saved(release, {})
    for adjustments in ({}, HALVES, ALONE, ALONE):
        own.weigh_anew(mine, by=person("ada"), release=release, adjustments=adjustments)
    assert list(mine.versions.values_list("adjustments", flat=True)) == [{}, HALVES, ALONE]
    add_fresh()
    new = released(published)
    tasks.run_own()
    versions = [s["version"] for s in read(OwnRelease.objects.get(release=new))["baskets"]]
    assert versions == [1, 3]


def test_a_release_says_why_it_has_no_index(published: BasketVersion) -> None:
    nothing = {"d.alignment": "0", "d.capability": "0", "d.safety": "0"}
    mine = saved(released(published), nothing)
    tasks.run_own()
    row = OwnRelease.objects.get(own=mine)
    assert (row.refusal, row.summary, read(row)["systems"]) == ("EmptyBasket", {}, [])


@pytest.mark.parametrize(
    "name",
    ["", "  ", "…", "x" * 81, "a\u202eb", "a\u200bb", "a\x07b", "AGI Index", "The a.g.i  INDEX!",
     "ＡＧＩ－Ｉｎｄｅｘ", "<b>bold</b>", "var(--ink) 1", "e\u0301\u0302\u0303\u0304\u0305"],
)  # fmt: skip
def test_it_refuses_names_that_mislead(name: str) -> None:
    with pytest.raises(own.BadName):
        own.checked_name(name)


def test_it_keeps_names_of_any_language() -> None:
    for name in ("Safety first", "安全優先", "R&D: 50/50", "Κεφαλή", "é", "ความปลอดภัย"):
        assert own.checked_name(f"  {name} ") == name


def test_limits_hold_for_a_person_and_a_day(published: BasketVersion, settings: Settings) -> None:
    settings.OWN_BASKETS_PER_PERSON, settings.OWN_CHANGES_PER_DAY = 2, 4
    release = released(published)
    one, _two = saved(release, {}), saved(release, {})
    with pytest.raises(own.TooMany, match="2 own baskets"):
        saved(release, {})
    own.delete_own(one, by=person("ada"))
    three = saved(release, {})
    own.rename(three, by=person("ada"), name="Another")
    with pytest.raises(own.TooMany, match="4 changes"):
        own.weigh_anew(three, by=person("ada"), release=release, adjustments=HALVES)
    assert saved(release, {}, "bob").owner == person("bob")


def test_only_the_owner_changes_it_and_only_a_steward_hides_it(published: BasketVersion) -> None:
    mine = saved(released(published), {})
    bob: Any = person("bob")
    for step, more in (
        (own.rename, {"name": "Bob's"}),
        (own.delete_own, {}),
        (own.hide, {"reason": "x"}),
        (own.weigh_anew, {"release": Release.objects.get(), "adjustments": {}}),
    ):
        with pytest.raises(NotAllowed):
            step(mine, by=bob, **more)
    steward = User.objects.get(pk=person("eve", "steward").pk)
    own.hide(mine, by=steward, reason="It defames somebody.")
    assert selectors.own_basket(mine.public_id) is None
    event: Any = OwnBasketEvent._base_manager.get()
    assert (event.hidden_reason, event.pgh_obj_id) == ("It defames somebody.", mine.pk)
    assert "Mine" not in str(list(OwnBasketEvent._base_manager.values_list()))


def test_its_record_goes_with_it_and_in_no_other_way(published: BasketVersion) -> None:
    mine = saved(released(published), {})
    tasks.run_own()
    for table in ("baskets_ownrelease", "baskets_ownversion"):
        for said in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id", f"TRUNCATE {table}"):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as c:
                c.execute(said)
    own.delete_own(mine, by=person("ada"))
    assert not OwnRelease.objects.exists() and not OwnVersion.objects.exists()


def test_an_account_takes_its_own_baskets_with_it(published: BasketVersion) -> None:
    release = released(published)
    mine, other = saved(release, {}), saved(release, {}, "bob")
    fork = own.save_own(
        owner=person("bob"), name="Fork", release=release, adjustments={}, forked_from=mine
    )
    tasks.run_own()
    delete_account(person("ada"))
    assert list(OwnBasket.objects.order_by("pk")) == [other, fork]
    assert set(OwnRelease.objects.values_list("own", flat=True)) == {other.pk, fork.pk}
    fork.refresh_from_db()
    assert fork.forked_from is None
