"""The preview picture of each page, and the tags that lead to it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from baskets.charts.social import HEIGHT, WIDTH, Card, Number, card_svg
from baskets.selectors import releases
from baskets.views.cards import CARDS
from tests.baskets.charts.pixels import decoded

pytestmark = pytest.mark.usefixtures("catalog_db")

PICTURES = {
    "/": "home",
    "/generations/": "generations",
    "/systems/gpt-5/": "system",
    "/evals/gpqa-diamond/": "eval",
    "/baskets/agi/": "basket",
    "/releases/2/": "release",
    "/compare/?systems=gpt-5,claude-opus-4.7": "compare",
    "/compare/": "home",
    "/methodology/": "home",
}


def tags(client: Client, address: str) -> dict[str, str]:
    page = client.get(address).content.decode()
    return {
        name: unescape(content)
        for name, content in re.findall(
            r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page
        )
    }


def path(image: str) -> str:
    assert image.startswith(settings.SITE_URL + "/")
    return image.removeprefix(settings.SITE_URL)


def test_it_tries_every_picture_there_is() -> None:
    assert set(PICTURES.values()) == set(CARDS)


@pytest.mark.parametrize(("address", "name"), PICTURES.items())
def test_a_page_names_its_picture_and_itself(client: Client, address: str, name: str) -> None:
    found = tags(client, address)
    assert urlsplit(found["og:image"]).path == f"/social/{name}.png"
    assert found["og:url"] == settings.SITE_URL + address
    assert found["og:title"] and found["og:image:alt"]
    assert found["twitter:card"] == "summary_large_image"


@pytest.mark.parametrize("address", PICTURES)
def test_the_picture_is_there_in_the_size_that_is_said(client: Client, address: str) -> None:
    response = client.get(path(tags(client, address)["og:image"]))
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response.content[16:24] == WIDTH.to_bytes(4) + HEIGHT.to_bytes(4)


def test_the_picture_of_a_past_date_shows_that_date(client: Client) -> None:
    image = tags(client, "/?as_of=2025-09-15")["og:image"]
    assert parse_qs(urlsplit(image).query) == {"as_of": ["2025-09-15"]}
    assert client.get(path(image)).content != client.get("/social/home.png").content


def test_the_picture_speaks_the_language_of_the_page(client: Client) -> None:
    image = tags(client, "/zh-hant/")["og:image"]
    assert urlsplit(image).path == "/zh-hant/social/home.png"
    picture = decoded(client.get(path(image)).content)
    assert picture.ink(48, 150, 400, 200) > 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/social/nothing.png", 404),
        ("/social/system.png?system=nobody", 404),
        ("/social/eval.png", 404),
        ("/social/release.png?release=9999", 404),
        ("/social/release.png?release=x", 400),
        ("/social/home.png?as_of=2001-01-01", 404),
        ("/social/home.png?as_of=soon", 400),
    ],
)
def test_it_refuses_a_picture_of_nothing(client: Client, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_a_release_is_pictured_as_it_was(client: Client) -> None:
    first, newest = (client.get(f"/social/release.png?release={n}").content for n in (2, 3))
    current = releases.current()
    assert current is not None and current.number >= 3
    assert first != newest


def test_a_long_title_is_cut_and_escaped() -> None:
    title = "<b>A long & winding title</b> that goes on " * 12
    svg = card_svg(Card(title, (Number("n", "1", "b"),), None, "stamp", "site"))
    assert "<b>" not in svg and "…" in svg
    assert svg.count('font-size="38"') == 3
