"""Tasks only look at rows; the sweep finds every row that nobody holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from unittest.mock import Mock, patch

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import Settings

from alerts import services, tasks
from alerts.models import Circuit, Delivery, Event, Examination, Subscription
from alerts.services import forgetting
from baskets.models import Release
from tests.alerts.conftest import NOW, PostOffice, question, recipient, subscription

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def broker() -> Iterator[dict[str, Mock]]:
    """The hints that were given, by task; run them by hand."""
    with (
        patch.object(tasks.examine, "apply_async") as examine,
        patch.object(tasks.deliver, "apply_async") as deliver,
    ):
        yield {"examine": examine, "deliver": deliver}


def hinted(task: Mock) -> list[object]:
    return [call.args[0][0] for call in task.call_args_list]


def test_it_sweeps_up_releases_and_deliveries(news: Release, broker: dict[str, Mock]) -> None:
    question()
    tasks.sweep()
    assert hinted(broker["examine"])[-1] == news.pk
    assert hinted(broker["deliver"]) == ["email"]


def test_it_sweeps_up_only_what_nobody_holds(broker: dict[str, Mock]) -> None:
    question()
    # Not forgotten by the sweep.
    Subscription.objects.update(confirmed_at=NOW)
    services.claim_deliveries(Delivery.objects.all(), now=timezone.now())
    tasks.sweep()
    assert hinted(broker["deliver"]) == []
    Delivery.objects.update(lease_until=NOW)
    tasks.sweep()
    assert hinted(broker["deliver"]) == ["email"]


def test_it_asks_for_more_senders_where_there_is_much(broker: dict[str, Mock]) -> None:
    first = question()
    rows = [
        Delivery(recipient=first.recipient, subscription=first.subscription, kind="confirm")
        for _ in range(tasks.PER_HINT)
    ]
    Delivery.objects.bulk_create(rows)
    tasks.hint_due_deliveries()
    assert hinted(broker["deliver"]) == ["email", "email"]


def test_it_does_not_ask_for_what_waits_behind_an_open_circuit(broker: dict[str, Mock]) -> None:
    question()
    later = timezone.now() + dt.timedelta(hours=1)
    Circuit.objects.create(name="mail", failures=1, open_until=later)
    tasks.deliver("email")
    tasks.sweep()
    assert hinted(broker["deliver"]) == []


def test_it_tells_of_the_news_from_release_to_mailbox(
    news: Release, broker: dict[str, Mock], post_office: PostOffice
) -> None:
    subscription()
    tasks.examine(news.pk)
    for channel in hinted(broker["deliver"]):
        tasks.deliver(str(channel))
        tasks.deliver(str(channel))
    assert Examination.objects.get(release=news).outcome == "moved"
    assert [mail["To"] for mail in post_office.received] == ["reader@example.org"]
    tasks.sweep()
    assert news.pk not in hinted(broker["examine"])
    assert len(hinted(broker["deliver"])) == 1


def test_it_loses_nothing_when_redis_is_away(broker: dict[str, Mock]) -> None:
    broker["deliver"].side_effect = OperationalError
    question()
    tasks.hint("email")
    broker["deliver"].side_effect = None
    tasks.sweep()
    assert hinted(broker["deliver"]) == ["email", "email"]


def test_it_forgets_old_requests_on_the_way() -> None:
    subscription(ended_at=NOW.replace(year=2020))
    tasks.sweep()
    assert not Subscription.objects.exists() and not Event.objects.exists()


def test_it_deletes_old_messages_in_steps(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = Delivery.objects.create(recipient=recipient(), kind="daily", period=NOW, state="sent")
    gathered = Delivery.objects.create(recipient=recipient(), kind="test", digest=digest)
    waiting, ended = question("safety"), question()
    resent = Delivery.objects.create(recipient=recipient(), kind="test", sent_at=timezone.now())
    monkeypatch.setattr(forgetting, "PER_STEP", 1)
    begun = timezone.now()
    Delivery.objects.update(created_at=begun)
    Delivery.objects.exclude(pk__in=(waiting.pk, gathered.pk)).update(state="sent")
    later = begun + dt.timedelta(days=91)
    Delivery.objects.filter(pk=resent.pk).update(sent_at=later)
    settings.ALERTS_KEEP_DAYS = 1
    assert services.forget_messages(now=begun + dt.timedelta(days=7)) == 0
    settings.ALERTS_KEEP_DAYS = 90
    assert services.forget_messages(now=begun + dt.timedelta(days=89)) == 0
    assert [services.forget_messages(now=later) for _turn in range(3)] == [1, 1, 0]
    assert not Delivery.objects.filter(pk=ended.pk).exists()
    assert set(Delivery.objects.values_list("pk", flat=True)) == {waiting.pk, resent.pk}


def test_it_repeats_nothing_that_was_deleted(news: Release) -> None:
    subscription()
    services.examine_release(news)
    Delivery.objects.update(state="sent")
    assert services.forget_messages(now=timezone.now() + dt.timedelta(days=91)) == 1
    services.examine_release(news)
    tasks.sweep()
    assert not Delivery.objects.exists() and Event.objects.exists()
