"""The outbox: one alert for a rule and an occasion, at once or gathered for a digest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts import archive, selectors, services, tokens, wording
from alerts.channels import discord, slack
from alerts.models import Delivery, Event, Recipient, Subscription
from alerts.rules import Terms
from alerts.services.outbox import next_digest, store_alerts
from alerts.telling import Teller
from baskets.models import Release
from tests.alerts.conftest import MakeRelease, PostOffice, endpoint, links_of, part, subscription

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2024, 2, 3, 12, tzinfo=dt.UTC)
SEVEN = dt.datetime(2024, 2, 4, 7, tzinfo=dt.UTC)


@pytest.fixture
def events(news: Release) -> list[int]:
    """The ids of what the news brought: frontiers of five series."""
    services.examine_release(news)
    return list(Event.objects.filter(kind="frontier").order_by("pk").values_list("pk", flat=True))


def store(release: Release, told: Sequence[Subscription], ids: list[int]) -> int:
    return store_alerts(release, [(one, ids) for one in told], now=NOON)


def test_it_stores_an_alert_once(news: Release, events: list[int]) -> None:
    told = [subscription(), subscription("other@example.org")]
    assert store(news, told, events[:2]) == 2
    assert store(news, told, events[:2]) == 0
    assert store_alerts(None, [(told[0], events[:1])], now=NOON) == 1
    assert store_alerts(None, [(told[0], events[:1]), (told[1], [])], now=NOON) == 0
    assert {one.occasion for one in Delivery.objects.all()} == {
        f"release:{news.pk}",
        f"event:{events[0]}",
    }


@pytest.mark.parametrize(
    ("cadence", "now", "due"),
    [
        ("daily", NOON, SEVEN),
        ("daily", SEVEN - dt.timedelta(hours=1), SEVEN),
        ("daily", SEVEN, SEVEN + dt.timedelta(days=1)),
        ("weekly", NOON, SEVEN + dt.timedelta(days=1)),
        ("weekly", SEVEN + dt.timedelta(days=1), SEVEN + dt.timedelta(days=8)),
    ],
)
def test_it_sends_digests_at_seven_and_on_mondays(
    cadence: str, now: dt.datetime, due: dt.datetime
) -> None:
    assert next_digest(cadence, now=now) == due


def test_it_gathers_all_rules_of_a_recipient_in_one_digest(
    news: Release, events: list[int], post_office: PostOffice
) -> None:
    told = [subscription(series=one, cadence="daily") for one in ("safety", "capability")]
    store(news, told, events[:1])
    store_alerts(None, [(told[0], events[1:2])], now=NOON)
    digest = Delivery.objects.get(kind="daily")
    assert (digest.due_at, digest.gathered.count()) == (SEVEN, 3)
    assert services.send_delivery(digest.pk, now=NOON) is None
    assert services.send_delivery(digest.pk, now=SEVEN) == "sent"
    (mail,) = post_office.received
    assert "and 1 more" in mail["Subject"] and part(mail, "plain").count("Your rule:") == 3
    states = Delivery.objects.values_list("state").annotate(n=Count("pk"))
    assert dict(states) == {"sent": 4}
    # The button of the mail program ends all of it.
    Client().post(links_of(mail["List-Unsubscribe"])[0])
    assert not Subscription.objects.active().exists()


@pytest.mark.parametrize("gone", [True, False])
def test_it_tells_an_event_once_with_its_day_and_whether_it_lasted(
    make_release: MakeRelease, events: list[int], post_office: PostOffice, gone: bool
) -> None:
    told = [subscription(series=one, cadence="daily") for one in ("safety", "capability")]
    store(first := Release.objects.latest("number"), told, events[:1])
    store_alerts(first, [(subscription(cadence="daily", minimum=2.0), events[:2])], now=NOON)
    make_release({"base": 40, "old": 60, "sol": 50 if gone else 95})
    services.send_delivery(Delivery.objects.get(kind="daily").pk, now=SEVEN)
    plain, html = (part(post_office.received[0], kind) for kind in ("plain", "html"))
    titles = [wording.title(archive.by_id(events)[pk]) for pk in events[:2]]
    assert [plain.splitlines().count(title) for title in titles] == [1, 1]
    # The first is asked for by three rules, the second by one of them.
    assert plain.count("Your rule:") == html.count("Your rule:") == 4
    assert len(links_of(plain)) == 2 + 1 + 4 + 1
    day = f"Release {first.number}, with what was known on 21 November 2026"
    assert plain.count(day) == html.count(day) == 1
    assert plain.count("Revised away since.") == html.count("Revised away since.") == 2 * gone


def test_it_keeps_what_comes_late_for_the_next_digest(news: Release, events: list[int]) -> None:
    mine = subscription(cadence="daily")
    store(news, [mine], events[:1])
    Delivery.objects.filter(kind="daily").update(state="sending", attempts=1)
    store_alerts(None, [(mine, events[1:2])], now=SEVEN - dt.timedelta(minutes=2))
    first, second = Delivery.objects.filter(kind="daily").order_by("due_at")
    assert second.due_at == first.due_at + dt.timedelta(days=1)
    assert first.gathered.count() == second.gathered.count() == 1


def test_it_drops_a_digest_that_nobody_wants_any_more(
    news: Release, events: list[int], post_office: PostOffice
) -> None:
    mine = subscription(cadence="weekly")
    store(news, [mine], events[:1])
    services.end_subscriptions(Subscription.objects.all())
    digest = Delivery.objects.get(kind="weekly")
    assert services.send_delivery(digest.pk, now=digest.due_at) == "dropped"
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dropped"}
    assert post_office.received == []


def test_it_tells_what_waited_when_the_rule_is_asked_for_again(
    news: Release, events: list[int], post_office: PostOffice
) -> None:
    mine, hook = subscription(cadence="daily"), endpoint("https://example.org/")
    store(news, [mine, subscription(channel="webhook", endpoint=hook)], events[:1])
    terms, basket = Terms(series=frozenset({"capability"})), mine.rule.basket
    again = services.subscribe(email="reader@example.org", client="::1", terms=terms, basket=basket)
    assert again is not None
    now_mine = services.confirm(tokens.confirm_token(again.pk), now=NOON)
    assert store(news, [now_mine], events[:1]) == 0
    other = services.add_rule(mine.recipient, endpoint=hook, now=NOON, terms=terms, basket=basket)
    retry = Delivery.objects.get(kind="alert", channel="webhook")
    assert (retry.subscription, retry.state) == (other, "pending")
    digest = Delivery.objects.get(kind="daily")
    assert services.send_delivery(digest.pk, now=SEVEN) == "sent"
    # What is told of one release by two rules stays told when they become one.
    store(news, [late := subscription(series="safety")], events[1:2])
    services.change_rule(late, terms=terms)
    assert late.deliveries.filter(kind="alert").count() == 2


def test_it_tells_other_ways_than_mail_at_once(news: Release, events: list[int]) -> None:
    to = endpoint("https://example.org/", kind="slack")
    told = [
        subscription(channel="slack", endpoint=to, cadence="daily"),
        subscription(channel="site"),
    ]
    store(news, told, events[:1])
    assert not Delivery.objects.filter(kind="daily").exists()
    assert services.send_due("site", seconds=5) == 1
    assert Delivery.objects.get(channel="site").state == "sent"


def test_it_says_in_a_chat_room_how_much_it_leaves_out(
    news: Release, events: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    store(news, [subscription(channel="site")], events)
    (alert,) = selectors.with_receivers(Delivery.objects.all())
    told = Teller().told(alert, now=NOON)
    assert told is not None and len(slack.payload(told)["blocks"]) == len(events) + 2
    monkeypatch.setattr(slack, "MOST_BLOCKS", 4)
    blocks = [one["text"]["text"] for one in slack.payload(told)["blocks"]]
    assert len(blocks) == 4 and "Your rule: Tell of a new frontier." in blocks[1]
    assert blocks[3].endswith("/releases/2/|… and 4 more>")
    monkeypatch.setattr(discord, "MOST_EMBEDS", 4)
    *shown, more = discord.payload(told)["embeds"]
    assert len(shown) == 3 and more["title"] == "… and 2 more"
    monkeypatch.setattr(discord, "LONGEST_WHOLE", 10)
    (more,) = discord.payload(told)["embeds"]
    assert more["title"] == "… and 5 more" and more["url"].endswith("/releases/2/")


def test_it_stores_thousands_of_alerts_in_few_statements(news: Release, events: list[int]) -> None:
    people = Recipient.objects.bulk_create(
        Recipient(email=f"r{n}@example.org") for n in range(5_000)
    )
    made = Subscription.objects.bulk_create(
        Subscription(recipient=one, confirmed_at=NOON, cadence="immediate" if n % 10 else "daily")
        for n, one in enumerate(people)
    )
    with CaptureQueriesContext(connection) as asked:
        assert store(news, made, events[:1]) == 5_000
    assert len(asked) < 60
    assert Delivery.objects.filter(state="gathered").count() == 500
