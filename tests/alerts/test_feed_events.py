"""Feeds that fall silent and are heard again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from alerts import selectors, wording
from alerts.channels import discord, slack
from alerts.models import Delivery, Event, Rule
from alerts.services.feeds import notice_feeds
from alerts.telling import Teller
from evals.models import Feed, FeedAttempt, Source
from tests.alerts.conftest import NOW, subscription

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def feed(**fields: Any) -> Feed:
    source, _made = Source.objects.get_or_create(slug="lab", defaults={"name": "The Lab"})
    known = {"name": "lab", "url": "https://lab.example/x.csv", "source": source, "created_at": NOW}
    return Feed.objects.create(**{**known, "every_minutes": 720, **fields})


def attempt(one: Feed, hours: int, outcome: str = "unchanged") -> None:
    FeedAttempt.objects.create(feed=one, at=NOW + hours * HOUR, outcome=outcome)


def test_it_tells_of_a_silence_and_of_its_end_once_each() -> None:
    asked = subscription()
    Rule.objects.filter(subscription=asked).update(terms={"kinds": ["silent"]})
    lab = feed()
    attempt(lab, 1)
    attempt(lab, 30, "failed")
    # Three intervals of twelve hours after it was heard at one o'clock.
    assert notice_feeds(now=NOW + 37 * HOUR) == []
    (silent,) = notice_feeds(now=NOW + 38 * HOUR)
    assert (silent.recovered, silent.since) == (False, NOW + HOUR)
    assert notice_feeds(now=NOW + 60 * HOUR) == []
    attempt(lab, 61, "new")
    (heard,) = notice_feeds(now=NOW + 62 * HOUR)
    assert heard.recovered and notice_feeds(now=NOW + 63 * HOUR) == []
    (again,) = notice_feeds(now=NOW + 100 * HOUR)
    assert not again.recovered
    assert Delivery.objects.count() == 3
    assert wording.title(silent) == "No results could be fetched from The Lab"
    assert wording.title(heard) == "Results from The Lab arrive again"
    assert "It last answered on" in wording.describe(silent).standing


@pytest.mark.parametrize(
    ("fields", "hours", "silent"),
    [
        ({"enabled": False}, 1000, 0),
        ({"every_minutes": 5}, 23, 0),
        ({"every_minutes": 5}, 25, 1),
        ({"every_minutes": 10080}, 500, 0),
    ],
)
def test_it_waits_for_three_intervals_and_a_day(
    fields: dict[str, Any], hours: int, silent: int
) -> None:
    feed(**fields)
    assert len(notice_feeds(now=NOW + hours * HOUR)) == silent == Event.objects.count()


def test_it_is_told_to_slack_and_discord_without_a_release() -> None:
    asked = subscription()
    Rule.objects.filter(subscription=asked).update(terms={"kinds": ["silent"]})
    notice_feeds(now=feed(every_minutes=5).created_at + 25 * HOUR)
    (delivery,) = selectors.with_receivers(Delivery.objects.all())
    told = Teller().told(delivery, now=NOW)
    assert told is not None and told.parts[0].release_url == ""
    title = "No results could be fetched from The Lab"
    head, rule, event = (block["text"]["text"] for block in slack.payload(told)["blocks"])
    assert (head, rule) == (f"*{title}*", "Your rule: Tell of an import feed that went silent.")
    assert f"|{title}>" in event and "It last answered on" in event and "Release" not in event
    (embed,), content = (discord.payload(told)[name] for name in ("embeds", "content"))
    assert content.splitlines() == [title, rule]
    assert embed["title"] == title and "release" not in embed["description"].lower()
    assert embed["description"].startswith("It last answered on")
