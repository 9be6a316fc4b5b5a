"""A site without results says what would fill it."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_kept_pages() -> None:
    cache.clear()


@pytest.mark.parametrize("address", ["/", "/generations/"])
def test_it_says_how_to_make_the_first_release(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert "There is no release yet" in response.content.decode()
    assert "make run" in response.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/systems/",
        "/evals/",
        "/baskets/",
        "/releases/",
        "/releases/latest.json",
        "/releases/feed.atom",
        "/sitemap-en.xml",
        "/methodology/",
    ],
)
def test_it_shows_the_other_pages_without_a_release(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


def test_it_has_no_chart_to_draw(client: Client) -> None:
    response = client.get("/charts/frontier.svg")
    assert response.status_code == 404
    assert "nothing to draw" in response.content.decode()
