"""A release is examined once; events and deliveries are stored with it."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from alerts import rules, selectors, services, wording
from alerts.api import event_out
from alerts.models import Delivery, Event, Examination
from alerts.pairs import Between
from alerts.recording import events_of
from alerts.rules import EDITION
from baskets.models import Basket, Release
from evals.models import Decision, Eval, ImportRun, Score, Source, System
from tests.alerts.conftest import NOW, MakeRelease, add_version, subscription

SCORES = {"base": 40, "old": 60, "sol": 90}


def frontier(series: str) -> Event:
    return Event.objects.get(series=series, kind="frontier")


def test_it_stores_what_moved_and_by_how_much(news: Release) -> None:
    services.examine_release(news)
    event = frontier("capability")
    assert event.system and event.previous_system
    assert (event.system.slug, event.previous_system.slug) == ("sol", "old")
    # Base at 42.5 is 100, so old at 62.5 is 147.06 and sol at 92.5 is 217.65.
    assert event.before == pytest.approx(100 * 62.5 / 42.5)
    assert event.after == pytest.approx(100 * 92.5 / 42.5)
    assert event.move == pytest.approx(100 * 30 / 42.5)
    assert (event.low, event.high, event.probability) == (None, None, None)
    assert (event.cause, event.coverage, event.on) == ("new_system", 1.0, news.vintage_on)


def test_it_stores_an_event_for_every_series_that_moved(news: Release) -> None:
    assert services.examine_release(news).outcome == "moved"
    moved = ["alignment", "balanced", "capability", "headline", "safety"]
    found = Event.objects.filter(kind="frontier")
    assert sorted(event.series for event in found) == moved
    assert {e.facts["rank"] for e in Event.objects.filter(kind="rank")} == {1}


def test_it_names_the_largest_contributions(news: Release) -> None:
    services.examine_release(news)
    rows = frontier("capability").contributions
    assert [row["name"] for row in rows] == ["Capability Bench 1", "Capability Bench 2"]
    assert sum(row["points"] for row in rows) == pytest.approx(100 * 30 / 42.5, abs=1e-5)
    assert len(frontier("headline").contributions) == 3


def draw(asked: dict[str, Any]) -> None:
    """Errors of 2 points, subdomains and 200 replicates."""
    asked["method"]["replicates"] = 200
    for score in asked["scores"]:
        score["stderr"] = 2.0
    for item in asked["evals"]:
        item["subdomain"] = "part"


def test_it_says_how_sure_a_lead_is_from_paired_replicates(
    make_release: MakeRelease, client: Client
) -> None:
    make_release({"base": 40, "old": 60}, change=draw)
    services.examine_release(make_release({"base": 40, "old": 60, "sol": 61}, change=draw))
    event = frontier("capability")
    # One point on two evals with an error of 2 each on both sides: 1 / 2 standard errors.
    assert event.probability == pytest.approx(0.69, abs=0.08)
    assert event.move_low and event.move_high and event.move_low < 0 < event.move_high
    inner = frontier("capability/part")
    assert inner.probability is None
    # Replicates are kept for headlines and domains, which is said where one is missing.
    for one, said in ((event, False), (inner, True)):
        page = client.get(f"/alerts/events/{one.pk}/").content
        assert (b"No probability is stated" in page) is said
    assert frontier("capability/part").move == pytest.approx(event.move)


def test_it_says_how_sure_a_move_is_from_the_noise_of_both_releases(
    make_release: MakeRelease,
) -> None:
    make_release({"base": 40, "old": 60}, change=draw)
    services.examine_release(make_release({"base": 40, "old": 64}, change=draw))
    event = Event.objects.get(series="capability", kind="moved")
    assert event.cause == "revision" and event.move_low is not None and event.move_high is not None
    # 4 points on two evals: each release errs by 2 / sqrt(2) on old and a multiple of it on base.
    factor, ratio = 100 / 42.5, 62.5 / 42.5
    spread = 2 * 1.96 * factor * 2 * (1 + ratio**2) ** 0.5
    assert event.move_high - event.move_low == pytest.approx(spread, rel=0.2)
    assert event.move == pytest.approx(4 * factor)
    assert event.probability == pytest.approx(0.79, abs=0.1)
    revised = Event.objects.get(series="capability", kind="revised")
    assert revised.facts == {"count": 1} and revised.system == event.system


def test_it_asks_nothing_of_a_release_twice(news: Release) -> None:
    subscription()
    first, second = services.examine_release(news), services.examine_release(news)
    assert first.pk == second.pk
    assert Event.objects.count() == 10 and Delivery.objects.count() == 1


def test_it_stores_nothing_when_any_part_fails(news: Release) -> None:
    subscription()
    with (
        patch.object(Delivery.objects, "bulk_create", side_effect=RuntimeError),
        pytest.raises(RuntimeError),
    ):
        services.examine_release(news)
    assert not Examination.objects.exists() and not Event.objects.exists()
    services.examine_release(news)
    assert Delivery.objects.count() == 1


def test_it_writes_only_to_those_whom_the_move_concerns(news: Release) -> None:
    wanted = subscription("in@example.org", minimum=70.5)
    subscription("above@example.org", minimum=70.7)
    subscription("unconfirmed@example.org", confirmed_at=None)
    subscription("ended@example.org", ended_at=news.created_at)
    services.examine_release(news)
    delivery = Delivery.objects.get()
    assert (delivery.subscription, delivery.release, delivery.kind) == (wanted, news, "alert")
    assert [Event.objects.get(pk=pk).series for pk in delivery.event_ids] == ["capability"]


def test_it_measures_each_subscription_by_its_own_series(news: Release) -> None:
    subscription(series="safety", minimum=74.0)
    subscription(series="headline", minimum=74.0)
    services.examine_release(news)
    assert [Event.objects.get(pk=pk).series for pk in Delivery.objects.get().event_ids] == [
        "safety"
    ]


def test_it_tells_those_who_heard_of_a_lead_that_it_was_taken_back(
    make_release: MakeRelease, news: Release
) -> None:
    subscription(series="capability", minimum=50.0)
    services.examine_release(news)
    lower = make_release({"base": 40, "old": 60, "sol": 55})
    # Sol falls from 90 to 55 without a score that is new, and Old leads by less than was asked for.
    services.examine_release(lower)
    told = Delivery.objects.order_by("id").last()
    assert Delivery.objects.count() == 2 and told and told.release == lower
    event = Event.objects.get(pk__in=told.event_ids)
    assert (event.kind, event.cause, event.recovered) == ("frontier", "revision", True)
    assert event.move and event.move < 50.0
    said = wording.describe(event)
    assert said.title == "Revised scores put Old 2 first in the capability index"
    assert "That takes back the lead of GPT-6.1 Sol." in said.cause


def test_it_stores_and_shows_which_shares_are_estimates(news: Release, client: Client) -> None:
    one = rules.Finding(
        kind=rules.Kind.MOVED, cause=rules.Cause.NEW_SCORE, estimated=frozenset({"safety-1"}),
        drivers=(("safety-1", 2.0), ("safety-2", 1.0)),
    )  # fmt: skip
    (event,) = events_of(news, [one], reconstructed=False)
    event.save()
    assert [row.get("estimated", False) for row in event.contributions] == [True, False]
    assert [row.estimated for row in event_out(event).drivers] == [True, False]
    page = client.get(f"/alerts/events/{event.pk}/").content.decode()
    assert page.count("(estimated)") == 1 and "a fill stands for it." in page
    between = Between(news, Release.objects.get(number=1))
    assert between.scored("sol", "safety-1") and not between.scored("sol", "none")


@pytest.mark.parametrize("reconstructed", [True, False])
def test_it_keeps_history_and_the_first_release_for_back_tests_and_tells_nobody(
    make_release: MakeRelease, reconstructed: bool
) -> None:
    subscription()
    make_release({"base": 40, "old": 60}, reconstructed=True)
    new = make_release(SCORES, reconstructed=reconstructed)
    outcome = "reconstructed" if reconstructed else "first"
    assert services.examine_release(new).outcome == outcome
    assert Event.objects.exists() and not Event.objects.filter(reconstructed=False).exists()
    assert not Delivery.objects.exists()


def test_it_calls_new_weights_no_progress_of_a_system_that_was_there(
    make_release: MakeRelease,
) -> None:
    subscription(series="safety")
    make_release({"base": 40, "old": 60})
    new = make_release({"base": 40, "old": 60}, change=add_version)
    assert services.examine_release(new).outcome == "remeasured"
    assert Event.objects.get().kind == "published" and not Delivery.objects.exists()


def test_it_tells_of_a_system_that_enters_with_new_weights(make_release: MakeRelease) -> None:
    subscription()
    make_release({"base": 40, "old": 60})
    new = make_release(SCORES, change=add_version)
    assert services.examine_release(new).outcome == "moved"
    assert frontier("capability").cause == "new_system"
    assert Delivery.objects.count() == 1


def test_it_looks_again_under_new_rules_and_tells_nobody_twice(news: Release) -> None:
    Examination.objects.create(release=news, edition=EDITION - 1, outcome="moved")
    subscription()
    services.examine_release(news)
    known = set(Event.objects.values_list("pk", flat=True))
    assert known and not Delivery.objects.exists()
    with patch.object(rules, "EDITION", EDITION + 1):
        assert news in selectors.unexamined_releases()
        services.examine_release(news)
    assert set(Event.objects.values_list("pk", flat=True)) == known


def test_it_finds_unexamined_releases_of_every_basket_in_order(
    make_release: MakeRelease, world: Basket
) -> None:
    known = set(selectors.unexamined_releases())
    one, two = make_release({"base": 40}), make_release({"base": 40})
    other = make_release({"base": 40}, basket=Basket.objects.create(slug="mine", base=world.base))
    found = [release for release in selectors.unexamined_releases() if release not in known]
    assert found == [one, two, other]
    services.examine_release(one)
    assert one not in selectors.unexamined_releases()


def test_it_tells_when_people_are_reached(make_release: MakeRelease) -> None:
    Eval.objects.filter(slug="safety-2").update(human_baseline=80.0, floor=0, ceiling=100)
    make_release({"base": 40, "old": 60}, change=draw)
    services.examine_release(make_release({**SCORES, "sol": 84}, change=draw))
    event = Event.objects.get(kind="baseline")
    assert event.eval and event.system and (event.eval.slug, event.system.slug) == (
        "safety-2", "sol")  # fmt: skip
    # Four points beyond with an error of two.
    assert event.move == 4.0 and event.probability == pytest.approx(0.977, abs=0.005)
    assert event.move_low == pytest.approx(4 - 1.96 * 2, abs=0.01)


def test_it_calls_what_a_withdrawn_score_left_standing_no_news(make_release: MakeRelease) -> None:
    # Sol's second score takes the place of a better one that another release had.
    make_release({"base": 40, "old": 60, "sol": 90})
    lower = make_release({"base": 40, "old": 60, "sol": 80})
    between = Between(lower, Release.objects.get(number=1))
    assert not between.renewed("sol", "safety") and not between.fresh("sol", "safety")
    assert between.came("safety-1") is None
    system, item = System.objects.get(slug="sol"), Eval.objects.get(slug="safety-1")
    run = ImportRun.objects.create(source=Source.objects.create(slug="s"), name="s")
    score = Score.objects.create(system=system, eval=item, value=80.0, observed_on=NOW.date(),
                                 reported_by="third_party", line=1, import_run=run)  # fmt: skip
    steps = {"held": None, "rejected": None, "accepted": True, "withdrawn": False}
    for status, said in (*steps.items(), ("accepted", True)):
        Decision.objects.create(score=score, status=status, reason="x")
        assert between.came("safety-1") is said
    third = make_release({"base": 40, "old": 60, "sol": 59})
    last = Between(make_release({"base": 40, "old": 60, "sol": 61}), third)
    assert last.led("sol", "old", "safety") and not last.led("old", "sol", "safety")
