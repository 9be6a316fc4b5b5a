"""Subscriptions: asked, confirmed, ended, forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core import signing

from accounts.models import User
from accounts.services.deletion import delete_account
from alerts import services, tokens
from alerts.models import Circuit, Delivery, Recipient, SubscribeRequest, Subscription
from alerts.rules import Terms
from alerts.services import subscriptions
from tests.alerts.conftest import NOW, endpoint, official, recipient, subscription

pytestmark = pytest.mark.django_db

ADDRESS = "Reader@Example.org"
DAY = dt.timedelta(days=1)


def ask(
    *,
    email: str = ADDRESS,
    minimum: float = 5.0,
    client: str = "10.0.0.1",
    now: dt.datetime = NOW,
) -> Delivery | None:
    terms = Terms(series=frozenset({"capability"}), minimum=minimum)
    return services.subscribe(email=email, terms=terms, basket=official(), client=client, now=now)


def answer(delivery: Delivery | None, *, now: dt.datetime = NOW) -> Subscription:
    assert delivery is not None
    return services.confirm(tokens.confirm_token(delivery.pk), now=now)


def test_it_stands_only_after_it_is_confirmed() -> None:
    delivery = ask()
    known = Subscription.objects.get()
    assert (known.recipient.email, known.standing) == (ADDRESS, False)
    assert delivery is not None and (delivery.kind, delivery.state) == ("confirm", "pending")
    assert answer(delivery).standing
    assert Subscription.objects.active().get().rule.terms["minimum"] == 5.0


def test_it_changes_nothing_when_confirmed_twice() -> None:
    delivery = ask()
    answer(delivery)
    assert answer(delivery, now=NOW + DAY).confirmed_at == NOW


def test_it_lets_nobody_change_another_persons_subscription() -> None:
    mine = subscription(ADDRESS, minimum=2.0)
    question = ask(email=ADDRESS.lower(), minimum=900.0, client="203.0.113.9")
    assert list(Subscription.objects.active()) == [mine]
    # The owner of the address may say yes to it, and has one address still.
    assert answer(question).rule.terms["minimum"] == 900.0
    assert Subscription.objects.active().count() == 2 and Recipient.objects.count() == 1


def test_it_puts_the_same_rule_in_the_place_of_the_old_one() -> None:
    first, second = answer(ask()), answer(ask(now=NOW + DAY), now=NOW + DAY)
    assert list(Subscription.objects.standing()) == [second]
    first.refresh_from_db()
    assert first.ended_at == NOW + DAY


def test_it_speaks_to_nobody_who_is_muted_bounced_or_gone() -> None:
    heard = subscription("a@example.org")
    subscription("b@example.org", muted_until=NOW + DAY)
    subscription("c@example.org")
    Recipient.objects.filter(email="c@example.org").update(bounced_at=NOW)
    gone = endpoint("https://example.org/", disabled_at=NOW)
    subscription("d@example.org", channel="webhook", endpoint=gone)
    assert list(Subscription.objects.active(now=NOW)) == [heard]
    assert Subscription.objects.active(now=NOW + DAY).count() == 2


def test_it_adds_rules_of_whoever_is_known_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MOST_STANDING", 2)
    known = recipient()
    for minimum in (4.0, 2.0):
        services.add_rule(known, terms=Terms(minimum=minimum), basket=official(), now=NOW)
    with pytest.raises(services.TooManyRules):
        services.add_rule(known, terms=Terms(minimum=3.0), basket=official(), now=NOW)
    # The form says the same as ever, and nothing is sent.
    assert ask(email=known.email) is None


def test_it_ends_by_its_link_and_stays_ended() -> None:
    known = subscription()
    for later in (DAY, 2 * DAY):
        services.unsubscribe(tokens.unsubscribe_token([known.pk]), now=NOW + later)
    known.refresh_from_db()
    assert not known.standing and known.ended_at == NOW + DAY


def test_it_is_not_brought_back_by_a_link_from_before_its_end() -> None:
    question = ask()
    known = answer(question)
    services.unsubscribe(tokens.unsubscribe_token([known.pk]), now=NOW + DAY)
    with pytest.raises(tokens.TokenError):
        answer(question)
    assert answer(ask(now=NOW + 2 * DAY)).standing


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
    assert not Recipient.objects.filter(email="one-more@example.org").exists()
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
    token = tokens.unsubscribe_token([pk]) if made_for_unsubscribing else "1:made-up"
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


@pytest.mark.parametrize("life", ["MANAGE_FOR", "END_FOR"])
def test_it_refuses_every_link_that_is_too_old(monkeypatch: pytest.MonkeyPatch, life: str) -> None:
    monkeypatch.setattr(tokens, life, dt.timedelta(seconds=-1))
    ways: dict[str, Callable[[], object]] = {
        "END_FOR": lambda: services.unsubscribe(tokens.unsubscribe_token([1])),
        "MANAGE_FOR": lambda: tokens.read_manage_token(tokens.manage_token(1)),
    }
    with pytest.raises(tokens.TokenExpired):
        ways[life]()


def test_it_understands_the_links_of_earlier_mails() -> None:
    known = subscription()
    services.unsubscribe(signing.dumps(known.pk, salt="alerts.unsubscribe"))
    assert not Subscription.objects.active().exists()


def test_it_sends_a_link_to_manage_only_where_something_is_known() -> None:
    assert services.ask_to_manage(email="nobody@example.org", client="::1", now=NOW) is None
    recipient()
    sent = [
        services.ask_to_manage(email="Reader@example.org", client=f"10.0.0.{n}", now=NOW)
        for n in range(4)
    ]
    assert [delivery is not None for delivery in sent] == [True, True, True, False]


def test_it_forgets_addresses_that_it_has_no_use_for() -> None:
    kept = subscription("kept@example.org")
    subscription("ended@example.org", ended_at=NOW)
    ask()
    assert services.forget_addresses(now=NOW + 6 * DAY) == 0
    assert services.forget_addresses(now=NOW + 7 * DAY) == 2
    assert Subscription.objects.get() == kept and Recipient.objects.get() == kept.recipient
    assert not Delivery.objects.exists() and not SubscribeRequest.objects.exists()


def test_it_remembers_an_ended_subscription_that_was_asked_for_again() -> None:
    subscription(ADDRESS, ended_at=NOW)
    question = ask(now=NOW + 6 * DAY)
    assert services.forget_addresses(now=NOW + 7 * DAY) == 0
    assert answer(question, now=NOW + 8 * DAY).standing


def test_it_forgets_all_of_a_person_at_once() -> None:
    known = endpoint("https://example.org/hook").recipient
    subscription(known.email)
    Circuit.objects.create(name=f"endpoint:{known.endpoints.get().pk}", failures=1)
    services.forget_recipient(known)
    assert not Recipient.objects.exists() and not Subscription.objects.exists()
    services.forget_addresses()
    assert not Circuit.objects.exists()


def test_it_goes_with_the_account_that_is_deleted() -> None:
    user = User.objects.create_user("reader", email="mine@example.org")
    EmailAddress.objects.create(user=user, email="mine@example.org", verified=True)
    services.recipient_of(user, email="mine@example.org", language="en")
    subscription("Mine@example.org".lower())
    kept = subscription("other@example.org")
    delete_account(user)
    assert list(Recipient.objects.all()) == [kept.recipient]
