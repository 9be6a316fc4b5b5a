"""Deliveries: claimed once, sent through a real server, retried or given up with a reason."""

from __future__ import annotations

import datetime as dt
from unittest.mock import patch

import pytest
from django.utils import timezone
from pytest_django import Settings

from alerts import selectors, services
from alerts.channels import email
from alerts.models import Circuit, Delivery, Recipient, Subscription
from alerts.services import circuits
from alerts.services.deliveries import LEASE
from alerts.services.sending import LONGEST_PAUSE, MAX_ATTEMPTS, pause
from tests.alerts.conftest import NOW, PostOffice, question

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


def test_it_sends_a_due_delivery_once(post_office: PostOffice) -> None:
    pk = question().pk
    assert services.send_delivery(pk, now=NOW) == "sent"
    assert services.send_delivery(pk, now=NOW + LEASE) is None
    assert len(post_office.received) == 1
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.sent_at, delivery.lease_until) == (1, NOW, None)


def test_it_leaves_a_delivery_alone_until_it_is_due(post_office: PostOffice) -> None:
    pk = question(due_at=NOW + MINUTE).pk
    assert selectors.due_channels(now=NOW) == {}
    assert services.send_delivery(pk, now=NOW) is None
    assert selectors.due_channels(now=NOW + MINUTE) == {"email": 1}
    assert post_office.received == []


def test_it_lets_only_one_sender_have_a_delivery() -> None:
    pk = question().pk
    due = Delivery.objects.filter(pk=pk)
    assert [delivery.pk for delivery in services.claim_deliveries(due, now=NOW)] == [pk]
    assert services.claim_deliveries(due, now=NOW) == []
    assert selectors.due_channels(now=NOW + LEASE - MINUTE) == {}


def test_it_sends_again_when_a_sender_died_and_its_lease_ran_out(post_office: PostOffice) -> None:
    pk = question().pk
    with patch.object(email, "message", side_effect=SystemExit), pytest.raises(SystemExit):
        services.send_delivery(pk, now=NOW)
    assert services.send_delivery(pk, now=NOW + LEASE - MINUTE) is None
    assert selectors.due_channels(now=NOW + LEASE) == {"email": 1}
    assert services.send_delivery(pk, now=NOW + LEASE) == "sent"
    assert len(post_office.received) == 1 and Delivery.objects.get().attempts == 2


def test_it_keeps_a_late_sender_from_overruling_the_next_one(post_office: PostOffice) -> None:
    pk = question().pk

    def overtaken() -> set[str]:
        due = Delivery.objects.filter(pk=pk)
        assert services.claim_deliveries(due, now=NOW + LEASE)
        return set()

    with patch.object(circuits, "troubled", overtaken):
        assert services.send_delivery(pk, now=NOW) == "sent"
    assert Delivery.objects.get().state == "sending"


@pytest.mark.parametrize("stage", ["recipient_reply", "data_reply"])
def test_it_tries_again_after_a_passing_refusal(post_office: PostOffice, stage: str) -> None:
    pk = question().pk
    setattr(post_office, stage, "451 4.7.1 Greylisted <reader@example.org>, come back")
    assert services.send_delivery(pk, now=NOW) == "pending"
    delivery = Delivery.objects.get()
    assert delivery.error == "451 4.7.1 Greylisted (address), come back"
    assert NOW < delivery.due_at <= NOW + MINUTE
    setattr(post_office, stage, "250 OK")
    assert services.send_delivery(pk, now=delivery.due_at) == "sent"
    assert Delivery.objects.get().error == ""


@pytest.mark.parametrize("stage", ["recipient_reply", "data_reply"])
def test_it_gives_up_after_a_permanent_refusal(post_office: PostOffice, stage: str) -> None:
    pk = question().pk
    setattr(post_office, stage, "550 5.1.1 No such person as reader@example.org")
    assert services.send_delivery(pk, now=NOW) == "failed"
    assert Delivery.objects.get().error == "550 5.1.1 No such person as (address)"
    assert selectors.due_channels(now=NOW + LEASE) == {}


def test_it_gives_up_after_fourteen_attempts(post_office: PostOffice) -> None:
    post_office.data_reply = "451 4.3.0 Later"
    pk = question().pk
    now, states = NOW, []
    for _ in range(MAX_ATTEMPTS):
        states.append(services.send_delivery(pk, now=now))
        now += 2 * LONGEST_PAUSE
    assert states == ["pending"] * (MAX_ATTEMPTS - 1) + ["failed"]


def test_it_gives_up_on_a_delivery_that_kills_its_senders(post_office: PostOffice) -> None:
    pk = question(attempts=MAX_ATTEMPTS).pk
    assert services.send_delivery(pk, now=NOW) == "failed"
    assert post_office.received == []


def test_it_counts_no_attempt_for_what_a_dead_sender_had_not_begun() -> None:
    for n in range(3):
        question(email=f"r{n}@example.org")
    for later in range(3):
        services.claim_deliveries(Delivery.objects.all(), now=NOW + later * LEASE)
    attempts = Delivery.objects.order_by("pk").values_list("attempts", flat=True)
    assert list(attempts) == [3, 1, 1]


def test_it_keeps_a_delivery_while_the_server_is_away(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert services.send_delivery(question().pk, now=NOW) == "pending"
    assert "ConnectionRefusedError" in Delivery.objects.get().error


def test_it_drops_an_alert_whose_subscription_ended(post_office: PostOffice, news: object) -> None:
    delivery = question(kind="alert")
    Subscription.objects.update(ended_at=NOW)
    assert services.send_delivery(delivery.pk, now=NOW) == "dropped"
    assert post_office.received == []


def test_it_sends_a_failed_delivery_again_when_told_to(post_office: PostOffice) -> None:
    pk = question(state="failed", attempts=MAX_ATTEMPTS, error="550").pk
    assert services.send_delivery(pk, now=NOW) is None
    assert len(services.redeliver(Delivery.objects.filter(pk=pk), now=NOW)) == 1
    assert services.redeliver(Delivery.objects.filter(pk=pk), now=NOW) == []
    assert services.send_delivery(pk, now=NOW) == "sent"


def test_it_waits_longer_after_each_failure_up_to_four_hours() -> None:
    waits = [pause(n, jitter=0.5).total_seconds() for n in range(1, MAX_ATTEMPTS + 1)]
    assert waits[:4] == [30, 60, 120, 240] and waits[-1] == LONGEST_PAUSE.total_seconds()
    assert pause(1, jitter=0) == dt.timedelta(seconds=15)
    assert pause(1, jitter=0.999) < dt.timedelta(seconds=45)


def test_it_brings_many_mails_over_one_connection(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email, "PER_CONNECTION", 3)
    for n in range(5):
        question(email=f"r{n}@example.org")
    assert services.send_due("email", seconds=10) == 5
    assert post_office.connections == 2
    assert len({mail["To"] for mail in post_office.received}) == 5


def test_it_goes_on_over_a_new_connection_when_the_old_one_broke(post_office: PostOffice) -> None:
    for n in range(3):
        question(email=f"r{n}@example.org")
    post_office.hang_up_after = 1
    assert services.send_due("email", seconds=10) == 3
    assert len(post_office.received) == 3 and Delivery.objects.filter(attempts=1).count() == 3


def test_it_asks_a_server_that_is_away_once_and_not_for_each_mail(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for n in range(3):
        question(email=f"r{n}@example.org")
    assert services.send_due("email", seconds=10) == 0
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert selectors.due_channels() == {} and Circuit.objects.get().name == "mail"
    later = timezone.now() + MINUTE
    assert selectors.due_channels(now=later)["email"] >= 2


def test_it_sends_the_others_when_one_cannot_be_written(post_office: PostOffice) -> None:
    for n in range(2):
        question(email=f"r{n}@example.org")
    bad = Delivery.objects.earliest("pk")
    Recipient.objects.filter(pk=bad.recipient_id).update(email="r0@" + "x" * 70 + ".example.org")
    assert services.send_due("email", seconds=10) == 1
    bad.refresh_from_db()
    assert bad.state in {"pending", "failed"} and "xxx" not in bad.error


def test_it_opens_a_circuit_for_longer_each_time() -> None:
    name = "endpoint:1"
    waits = [circuits.pause_after(name, failures) for failures in range(4, 8)]
    assert waits == [None, MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert circuits.pause_after(name, 99) == circuits.LONGEST_PAUSE
    assert circuits.pause_after("mail", 1) == circuits.MAIL_PAUSE
