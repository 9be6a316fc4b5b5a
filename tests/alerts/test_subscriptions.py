"""Subscriptions: asked, confirmed, ended, forgotten."""

from __future__ import annotations

import datetime as dt

import pytest

from alerts import services, tokens
from alerts.models import Delivery, SubscribeRequest, Subscription
from tests.alerts.conftest import NOW, subscription

pytestmark = pytest.mark.django_db

ADDRESS = "Reader@Example.org"
DAY = dt.timedelta(days=1)


def ask(
    *,
    email: str = ADDRESS,
    threshold: float = 5.0,
    client: str = "10.0.0.1",
    now: dt.datetime = NOW,
) -> Delivery | None:
    return services.subscribe(
        email=email, series="capability", threshold=threshold, client=client, now=now
    )


def answer(delivery: Delivery | None, *, now: dt.datetime = NOW) -> Subscription:
    assert delivery is not None
    return services.confirm(tokens.confirm_token(delivery.pk), now=now)


def test_it_stands_only_after_it_is_confirmed() -> None:
    delivery = ask()
    known = Subscription.objects.get()
    assert (known.email, known.series, known.active) == (ADDRESS, "capability", False)
    assert delivery is not None and (delivery.kind, delivery.state) == ("confirm", "pending")
    assert answer(delivery).active
    assert Subscription.objects.active().get().threshold == 5.0


def test_it_changes_nothing_when_confirmed_twice() -> None:
    delivery = ask()
    answer(delivery)
    assert answer(delivery, now=NOW + DAY).confirmed_at == NOW


def test_it_lets_nobody_change_another_persons_subscription() -> None:
    subscription(ADDRESS, threshold=2.0)
    question = ask(email=ADDRESS.lower(), threshold=900.0, client="203.0.113.9")
    assert Subscription.objects.get().threshold == 2.0
    # The owner of the address may say yes to it.
    assert answer(question).threshold == 900.0


def test_it_ends_by_its_link_and_stays_ended() -> None:
    known = subscription()
    for later in (DAY, 2 * DAY):
        services.unsubscribe(tokens.unsubscribe_token(known.pk), now=NOW + later)
    known.refresh_from_db()
    assert not known.active and known.ended_at == NOW + DAY


def test_it_is_not_brought_back_by_a_link_from_before_its_end() -> None:
    question = ask()
    known = answer(question)
    services.unsubscribe(tokens.unsubscribe_token(known.pk), now=NOW + DAY)
    with pytest.raises(tokens.TokenError):
        answer(question)
    assert answer(ask(now=NOW + 2 * DAY)).active


def test_it_asks_one_address_at_most_three_times_a_day() -> None:
    given = [ask(client=f"10.0.0.{n}") for n in range(5)]
    assert [delivery is not None for delivery in given] == [True, True, True, False, False]
    assert ask(email=ADDRESS.upper()) is None
    assert ask(email="other@example.org") is not None
    assert ask(now=NOW + DAY) is not None


def test_it_limits_one_client_to_ten_requests_an_hour() -> None:
    for n in range(10):
        ask(email=f"reader{n}@example.org")
    with pytest.raises(services.TooManyRequests):
        ask(email="one-more@example.org")
    assert not Subscription.objects.filter(email="one-more@example.org").exists()
    assert ask(email="one-more@example.org", client="10.0.0.2") is not None
    assert ask(email="later@example.org", now=NOW + dt.timedelta(hours=1)) is not None


def test_it_keeps_no_network_address() -> None:
    ask(client="203.0.113.77")
    assert "203.0.113.77" not in str(SubscribeRequest.objects.values().get())


@pytest.mark.parametrize("made_for_unsubscribing", [True, False])
def test_it_refuses_a_link_made_for_something_else(made_for_unsubscribing: bool) -> None:
    delivery = ask()
    assert delivery is not None
    pk = delivery.pk
    token = tokens.unsubscribe_token(pk) if made_for_unsubscribing else "1:made-up"
    with pytest.raises(tokens.TokenError):
        services.confirm(token)
    with pytest.raises(tokens.TokenError):
        services.unsubscribe(tokens.confirm_token(pk))


def test_it_refuses_a_confirmation_after_three_days(monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = ask()
    assert delivery is not None
    token = tokens.confirm_token(delivery.pk)
    monkeypatch.setattr(tokens, "CONFIRM_FOR", dt.timedelta(seconds=-1))
    with pytest.raises(tokens.TokenExpired):
        services.confirm(token)
    assert not Subscription.objects.active().exists()


def test_it_forgets_addresses_that_it_has_no_use_for() -> None:
    kept = subscription("kept@example.org")
    subscription("ended@example.org", ended_at=NOW)
    ask()
    assert services.forget_addresses(now=NOW + 6 * DAY) == 0
    assert services.forget_addresses(now=NOW + 7 * DAY) == 2
    assert Subscription.objects.get() == kept
    assert not Delivery.objects.exists() and not SubscribeRequest.objects.exists()


def test_it_remembers_an_ended_subscription_that_was_asked_for_again() -> None:
    subscription(ADDRESS, ended_at=NOW)
    question = ask(now=NOW + 6 * DAY)
    assert services.forget_addresses(now=NOW + 7 * DAY) == 0
    assert answer(question, now=NOW + 8 * DAY).active
