"""Endpoints: signed, retried, given up, tried again, and asked in the right order."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from django.utils import timezone
from pytest_django import Settings

from alerts import services, tokens
from alerts.channels.signing import signature_headers
from alerts.models import Circuit, Delivery, Endpoint, Recipient
from alerts.services import circuits, endpoints, limits
from baskets.models import Release
from tests.alerts.channels.receiver import Receiver, receiving, saying
from tests.alerts.conftest import NOW, endpoint, recipient, subscription

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A receiver that may be reached."""
    with receiving() as found:
        settings.ALERTS_ALLOW_PRIVATE = [found.place]
        yield found


def alert(release: Release, to: Endpoint) -> Delivery:
    """The alert of the news to an endpoint."""
    subscription(channel=to.kind, endpoint=to)
    services.examine_release(release)
    return Delivery.objects.get(kind="alert")


def messages(to: Endpoint, count: int) -> list[int]:
    """Test messages that wait, due at `NOW`."""
    rows = [
        Delivery(recipient=to.recipient, endpoint=to, channel=to.kind, kind="test", due_at=NOW)
        for _ in range(count)
    ]
    return [row.pk for row in Delivery.objects.bulk_create(rows)]


def test_it_signs_as_the_specification_says() -> None:
    # Known values: the key is 24 zero bytes, the digest was worked out with openssl.
    headers = signature_headers(
        ident="msg_1", timestamp=1614265330, body=b'{"test": 2432232314}', secrets=[ZERO]
    )
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1614265330",
        "webhook-signature": f"v1,{DIGEST}",
    }


ZERO = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
DIGEST = "Bl1a0SVt78DCV06Rvr6oSEMbCaFysVu27en9cW0mNBI="


def test_it_posts_a_signed_message_about_the_news(news: Release, receiver: Receiver) -> None:
    to = endpoint(receiver.url)
    delivery = alert(news, to)
    assert services.send_delivery(delivery.pk) == "sent"
    (taken,) = receiver.taken
    assert taken.signed_by(to.secret) and not taken.signed_by(ZERO)
    assert taken.headers["webhook-id"] == tokens.delivery_mark(delivery.pk)
    assert abs(int(taken.headers["webhook-timestamp"]) - time.time()) < 5
    assert taken.json["type"] == "alerts.alert"
    (event,) = taken.json["data"]["parts"][0]["events"]
    assert event["title"] == "GPT-6.1 Sol moved the capability index up 70.6 points"
    assert (event["system"], round(event["move"], 1)) == ("sol", 70.6)
    assert b"reader@example.org" not in taken.body


def test_it_signs_with_every_secret_of_the_last_day(receiver: Receiver) -> None:
    to = endpoint(receiver.url)
    first = to.secret
    endpoints.renew_secret(to, now=NOW)
    second = to.secret
    endpoints.renew_secret(to, now=NOW + HOUR)
    assert to.secrets(now=NOW + 23 * HOUR) == [to.secret, second, first]
    assert to.secrets(now=NOW + 24 * HOUR) == [to.secret, second]
    assert to.secrets(now=NOW + 25 * HOUR) == [to.secret]
    for _turn in range(endpoints.MOST_OLD):
        endpoints.renew_secret(to)
    with pytest.raises(endpoints.Refused):
        endpoints.renew_secret(to)
    services.send_delivery(endpoints.send_test(to).pk)
    (taken,) = receiver.taken
    assert all(taken.signed_by(known) for known in to.secrets(now=timezone.now()))
    assert len(to.old_secrets) == endpoints.MOST_OLD and not taken.signed_by(first)


def test_it_tries_again_with_the_same_id_until_it_is_taken(receiver: Receiver) -> None:
    (pk,) = messages(endpoint(receiver.url), 1)
    receiver.answer = saying(500)
    assert services.send_delivery(pk, now=NOW) == "pending"
    delivery = Delivery.objects.get()
    assert delivery.error == "the receiver answers 500" and delivery.due_at > NOW
    receiver.answer = saying(200)
    assert services.send_delivery(pk, now=delivery.due_at) == "sent"
    first, second = (taken.headers["webhook-id"] for taken in receiver.taken)
    assert first == second


def test_it_waits_at_least_as_long_as_the_receiver_asks(receiver: Receiver) -> None:
    (pk,) = messages(endpoint(receiver.url), 1)
    receiver.answer = saying(429, Retry_After="7200")
    services.send_delivery(pk, now=NOW)
    assert Delivery.objects.get().due_at == NOW + 2 * HOUR


def test_it_sends_nothing_more_to_a_receiver_that_is_gone(
    news: Release, receiver: Receiver
) -> None:
    to = endpoint(receiver.url)
    delivery = alert(news, to)
    receiver.answer = saying(410)
    assert services.send_delivery(delivery.pk) == "failed"
    to.refresh_from_db()
    assert to.disabled_at is not None and to.disabled_reason == "the receiver answers 410"
    services.redeliver(Delivery.objects.all())
    assert services.send_delivery(delivery.pk) == "dropped"
    assert len(receiver.taken) == 1


def test_it_tries_a_disabled_endpoint_again_by_a_test(receiver: Receiver) -> None:
    to = endpoint(receiver.url, disabled_at=NOW, disabled_reason="the receiver answers 410")
    assert services.send_delivery(endpoints.send_test(to).pk) == "sent"
    to.refresh_from_db()
    assert to.disabled_at is None and receiver.taken[0].json["type"] == "alerts.test"


def test_it_leaves_a_receiver_alone_that_fails_again_and_again(receiver: Receiver) -> None:
    to = endpoint(receiver.url)
    messages(to, 8)
    receiver.answer = saying(503)
    while batch := services.claim_deliveries(Delivery.objects.all(), now=NOW, most=4):
        send(batch, NOW)
    assert len(receiver.taken) == circuits.FAILURES
    # What was not tried lost no attempt, and goes out once the receiver is well.
    assert Delivery.objects.filter(attempts=0, state="pending").count() == 3
    receiver.answer = saying(200)
    later = NOW + HOUR
    send(services.claim_deliveries(Delivery.objects.all(), now=later), later)
    assert Delivery.objects.filter(state="sent").count() == 8
    assert Circuit.objects.get().failures == 0


def send(batch: list[Delivery], now: dt.datetime) -> None:
    from alerts.channels import CHANNELS
    from alerts.services.sending import Round

    channel = CHANNELS["webhook"]
    with channel.opened() as line:
        Round(channel, line).send(batch, now=now)


def test_it_lets_no_slow_receiver_hold_the_others(receiver: Receiver, settings: Settings) -> None:
    with receiving(lambda handler: time.sleep(0.6)) as slow:
        settings.ALERTS_ALLOW_PRIVATE = [receiver.place, slow.place]
        messages(endpoint(slow.url), 1)
        messages(endpoint(receiver.url), 1)
        began = time.monotonic()
        assert services.send_due("webhook", seconds=5) == 1
        assert time.monotonic() - began < 2
    assert len(receiver.taken) == 1


@pytest.mark.parametrize("kind", ["slack", "discord"])
def test_it_speaks_as_chat_rooms_expect(news: Release, receiver: Receiver, kind: str) -> None:
    delivery = alert(news, endpoint(receiver.url, kind=kind))
    assert services.send_delivery(delivery.pk) == "sent"
    said = receiver.taken[0].json
    assert "moved the capability index up 70.6 points" in receiver.taken[0].body.decode()
    if kind == "slack":
        assert said["text"].startswith("GPT-6.1 Sol") and len(said["blocks"]) == 3
    else:
        assert said["allowed_mentions"] == {"parse": []} and len(said["embeds"]) == 1
    assert "webhook-signature" not in receiver.taken[0].headers


def test_it_speaks_each_readers_language_also_side_by_side(
    news: Release, receiver: Receiver, settings: Settings
) -> None:
    with receiving() as other:
        settings.ALERTS_ALLOW_PRIVATE = [receiver.place, other.place]
        for place in (receiver, other):
            to = endpoint(place.url, kind="slack")
            subscription(channel="slack", endpoint=to)
        Recipient.objects.update(language="zh-hant")
        services.examine_release(news)
        assert services.send_due("slack", seconds=5) == 2
        for place in (receiver, other):
            assert b"/zh-hant/alerts/events/" in place.taken[0].body


def test_it_lets_one_recipient_have_so_much_in_an_hour(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, news: Release
) -> None:
    monkeypatch.setitem(limits.MOST, "webhook", 1)
    to = endpoint(receiver.url)
    first = alert(news, to)
    Delivery.objects.create(recipient=to.recipient, channel="webhook", kind="alert",
                            state="sent", sent_at=first.created_at)  # fmt: skip
    assert services.send_delivery(first.pk) == "pending"
    waiting = Delivery.objects.get(pk=first.pk)
    assert waiting.attempts == 0 and waiting.due_at > first.due_at
    assert services.send_delivery(first.pk, now=first.due_at + 2 * HOUR) == "sent"


def test_it_refuses_what_cannot_be_an_endpoint(settings: Settings) -> None:
    known = recipient()
    for url in ("http://127.0.0.1/hook", "http://user:pw@example.org/", "https://no.invalid/"):
        with pytest.raises(endpoints.Refused):
            endpoints.add_endpoint(known, kind="webhook", url=url)
    assert not Endpoint.objects.exists()


def test_it_bounds_endpoints_and_tests(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "MOST", 1)
    monkeypatch.setattr(endpoints, "TESTS", 1)
    to = endpoints.add_endpoint(recipient(), kind="webhook", url=receiver.url)
    endpoints.send_test(to)
    with pytest.raises(endpoints.Refused):
        endpoints.send_test(to)
    with pytest.raises(endpoints.Refused):
        endpoints.add_endpoint(recipient(), kind="slack", url=receiver.url)
