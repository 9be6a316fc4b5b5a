"""A rule as a feed, for whoever knows its address."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts import archive, services
from alerts.models import Event
from alerts.rules import Terms
from baskets.models import Release

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def examined(news: Release) -> None:
    """Sol has moved the frontiers."""
    services.examine_release(news)


def test_it_tells_in_atom_what_the_rule_in_the_address_asks_for(client: Client) -> None:
    answer = client.get("/alerts/feed.atom?series=capability&min=5")
    feed = ET.fromstring(answer.content)
    (entry,) = feed.findall(f"{ATOM}entry")
    event = Event.objects.get(kind="frontier", series="capability")
    title = entry.findtext(f"{ATOM}title") or ""
    assert title == "GPT-6.1 Sol moved the capability index up 70.6 points"
    assert (entry.findtext(f"{ATOM}id") or "").endswith(f"/alerts/events/{event.pk}/")
    assert "public" in answer["Cache-Control"] and not answer.cookies
    assert client.get("/alerts/feed.atom?series=capability&min=500").content.count(b"<entry") == 0


def test_it_tells_all_of_one_release_in_one_entry(client: Client) -> None:
    answer = client.get("/alerts/feed.json?min=5&kind=frontier").json()
    (item,) = answer["items"]
    assert answer["version"] == "https://jsonfeed.org/version/1.1"
    assert item["title"].endswith("4 more") and item["content_html"].count(" index up ") == 4


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("min=much", "'min' of this rule takes a number"),
        ("kind=weather", "'kind' of this rule has no such value"),
        ("min=1&min=2", "'min' of this rule takes one value"),
        ("<b>=1", "of this rule has no such value"),
        ("&".join(f"series=s{n}" for n in range(60)), "too many values"),
        ("series=capability&series=sports", "No series is called “sports”."),
        ("system=sol&system=gpt-9", "'system' of this rule has no such value. No system is"),
        ("developer=Maker", "No developer is called “Maker”."),
        ("eval=capability-9", "No eval is called “capability-9”."),
        ("level=warn", "'level' of this rule leaves nothing to be told"),
        ("kind=published&developer=maker", "none of the events names a system"),
        ("kind=gap&series=capability/none", "No series is called “capability/none”."),
    ],
)
@pytest.mark.parametrize("kind", ["atom", "json"])
def test_it_says_what_is_wrong_with_a_rule(
    client: Client, kind: str, query: str, reason: str
) -> None:
    answer = client.get(f"/alerts/feed.{kind}?{query}")
    assert answer.status_code == 400 and reason in answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")


def test_it_speaks_the_language_of_its_address(client: Client) -> None:
    text = client.get("/zh-hant/alerts/feed.json?min=5").json()
    assert text["language"] == "zh-hant"
    assert text["items"][0]["url"].count("/zh-hant/alerts/events/") == 1


def add_many(release: Release, *, releases: int, each: int) -> None:
    """Later releases with so many moves each."""
    known = {"basket": release.basket, "vintage_on": release.vintage_on, "bundle": b""}
    made = Release.objects.bulk_create(
        Release(number=release.number + n, summary={}, **known) for n in range(1, releases + 1)
    )
    move = {"kind": "moved", "cause": "new_score", "move": 2.0, "on": release.vintage_on}
    Event.objects.bulk_create(
        Event(release=one, series=f"capability/{n}", **move) for one in made for n in range(each)
    )


def test_it_reads_few_rows_however_much_has_happened(client: Client, news: Release) -> None:
    add_many(news, releases=100, each=50)
    everything = archive.of_basket(news.basket)
    assert everything.count() > 5000
    terms = Terms(kinds=frozenset({"moved"}))
    heard = archive.newest(archive.asked_for(terms, everything))
    # Whole releases alone: what is left of the oldest one would be another message.
    assert len(heard) == archive.MOST_ROWS and len({event.place for event in heard}) == 20
    with CaptureQueriesContext(connection) as queries:
        items = client.get("/alerts/feed.json?kind=moved").json()["items"]
    assert len(queries) <= 4 and len(items) == 20
    assert [item["content_html"].count("by 2.0 points") for item in items] == [50] * 20
    # Nothing is read for a rule that asks for none of it.
    assert archive.newest(archive.asked_for(Terms(minimum=500.0), everything)) == []
