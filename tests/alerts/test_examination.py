"""A release is examined once; events and deliveries are stored with it."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from alerts import selectors, services
from alerts.models import Delivery, Event, Examination
from baskets.models import Basket, Release
from tests.alerts.conftest import MakeRelease, subscription, weigh_safety_double


def test_it_stores_what_moved_and_by_how_much(news: Release) -> None:
    services.examine_release(news)
    event = Event.objects.get(series="capability")
    assert (event.system.slug, event.previous_system.slug) == ("sol", "old")
    # Base at 42.5 is 100, so old at 62.5 is 147.06 and sol at 92.5 is 217.65.
    assert event.before == pytest.approx(100 * 62.5 / 42.5)
    assert event.after == pytest.approx(100 * 92.5 / 42.5)
    assert event.move == pytest.approx(100 * 30 / 42.5)
    assert (event.low, event.high) == (None, None)


def test_it_stores_an_event_for_every_series_that_moved(news: Release) -> None:
    assert services.examine_release(news).outcome == "moved"
    moved = ["alignment", "balanced", "capability", "headline", "safety"]
    assert sorted(event.series for event in Event.objects.all()) == moved


def test_it_names_the_largest_contributions(news: Release) -> None:
    services.examine_release(news)
    rows = Event.objects.get(series="capability").contributions
    assert [row["name"] for row in rows] == ["Capability Bench 1", "Capability Bench 2"]
    assert sum(row["points"] for row in rows) == pytest.approx(100 * 30 / 42.5, abs=1e-5)
    assert len(Event.objects.get(series="headline").contributions) == 3


def test_it_asks_nothing_of_a_release_twice(news: Release) -> None:
    subscription()
    first, second = services.examine_release(news), services.examine_release(news)
    assert first.pk == second.pk
    assert Event.objects.count() == 5 and Delivery.objects.count() == 1


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
    wanted = subscription("in@example.org", threshold=70.5)
    subscription("above@example.org", threshold=70.7)
    subscription("unconfirmed@example.org", confirmed_at=None)
    subscription("ended@example.org", ended_at=news.created_at)
    services.examine_release(news)
    delivery = Delivery.objects.get()
    assert (delivery.subscription, delivery.release, delivery.kind) == (wanted, news, "alert")
    assert selectors.event_of(delivery).series == "capability"


def test_it_measures_each_subscription_by_its_own_series(news: Release) -> None:
    subscription(series="safety", threshold=74.0)
    subscription(series="headline", threshold=74.0)
    services.examine_release(news)
    assert Delivery.objects.get().subscription.series == "safety"


@pytest.mark.parametrize("reconstructed", [True, False])
def test_it_is_silent_about_history_and_the_first_release(
    make_release: MakeRelease, reconstructed: bool
) -> None:
    make_release({"base": 40, "old": 60}, reconstructed=True)
    new = make_release({"base": 40, "old": 60, "sol": 90}, reconstructed=reconstructed)
    outcome = "reconstructed" if reconstructed else "first"
    assert services.examine_release(new).outcome == outcome
    assert not Event.objects.exists()


def test_it_is_silent_about_new_weights_even_with_a_new_system(make_release: MakeRelease) -> None:
    make_release({"base": 40, "old": 60})
    new = make_release({"base": 40, "old": 60, "sol": 90}, change=weigh_safety_double)
    assert services.examine_release(new).outcome == "remeasured"
    assert not Event.objects.exists()


def test_it_tells_of_the_next_system_after_new_weights(make_release: MakeRelease) -> None:
    make_release({"base": 40})
    make_release({"base": 40, "old": 60}, change=weigh_safety_double)
    new = make_release({"base": 40, "old": 60, "sol": 90}, change=weigh_safety_double)
    assert services.examine_release(new).outcome == "moved"


def test_it_finds_unexamined_releases_of_the_official_basket_in_order(
    make_release: MakeRelease, world: Basket
) -> None:
    known = list(selectors.unexamined_releases())
    one, two = make_release({"base": 40}), make_release({"base": 40})
    make_release({"base": 40}, basket=Basket.objects.create(slug="mine", base=world.base))
    assert list(selectors.unexamined_releases()) == [*known, one, two]
    services.examine_release(one)
    assert list(selectors.unexamined_releases()) == [*known, two]
