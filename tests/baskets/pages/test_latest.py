"""What an open page asks, and what feeds and crawlers read: the releases."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET

import pytest
from django.test import Client

from baskets.models import Release
from baskets.prose import release_sentence
from baskets.selectors import releases
from baskets.selectors.release_pages import release_page

pytestmark = pytest.mark.usefixtures("catalog_db")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def newest() -> Release:
    found = releases.current()
    assert found is not None
    return found


@pytest.fixture
def feed(client: Client) -> ET.Element:
    answer = client.get("/releases/feed.atom")
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ET.fromstring(answer.content)


def test_it_tells_the_newest_release_in_few_bytes(client: Client, newest: Release) -> None:
    answer = client.get("/releases/latest.json")
    told = answer.json()
    assert told["release"] == newest.number
    assert told["vintage_on"] == newest.vintage_on.isoformat()
    assert client.get(told["address"]).status_code == 200
    assert len(answer.content) < 200


def test_it_answers_304_to_who_knows_it(client: Client) -> None:
    tag = client.get("/releases/latest.json")["ETag"]
    assert client.get("/releases/latest.json", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("address", "asks"),
    [("/", True), ("/systems/", True), ("/?as_of=2025-09-15", False), ("/releases/2/", False)],
)
def test_only_a_page_of_the_newest_release_asks(client: Client, address: str, asks: bool) -> None:
    assert ('data-address="/releases/latest.json"' in client.get(address).content.decode()) is asks


def test_its_feed_has_what_atom_asks_for(feed: ET.Element) -> None:
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = element.findall(f"{ATOM}{name}")
            assert found.text
        dt.datetime.fromisoformat(element.findtext(f"{ATOM}updated", ""))
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) == 10


def test_its_feed_begins_with_the_newest_release_in_full(feed: ET.Element, newest: Release) -> None:
    found = release_page(newest.number)
    assert found is not None
    entry = next(feed.iter(f"{ATOM}entry"))
    content = entry.findtext(f"{ATOM}content", "")
    assert release_sentence(found.domains) in content
    assert newest.sha256 in content and "<table>" in content
    (link,) = entry.findall(f"{ATOM}link")
    assert link.attrib["href"].endswith(f"/releases/{newest.number}/")


def test_every_page_names_the_feed_and_its_own_address(client: Client) -> None:
    html = client.get("/systems/gpt-5/?series=safety").content.decode()
    assert '/releases/feed.atom">' in html
    assert '/systems/gpt-5/">' in html.split('rel="canonical"')[1].split("\n")[0]
