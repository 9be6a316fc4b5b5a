"""What every public page must be: whole, cacheable, accessible, free of inline code."""

from __future__ import annotations

from collections import defaultdict
from urllib.parse import urlsplit

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from tests.baskets.pages.addresses import BAD, PAGES, UNLISTED
from tests.baskets.pages.markup import Markup, read

pytestmark = pytest.mark.usefixtures("catalog_db")


def page(client: Client, address: str) -> Markup:
    response = client.get(address)
    assert response.status_code == 200, address
    assert address in UNLISTED or "public" in response["Cache-Control"]
    assert address in UNLISTED or not response.cookies
    return read(response.content.decode())


# One test a page: making the page takes longer than everything that is asked of it.
@pytest.mark.parametrize("address", [*PAGES, *UNLISTED])
def test_it_is_whole_public_accessible_and_free_of_inline_code(
    client: Client, address: str
) -> None:
    markup = page(client, address)
    no_inline_style_script_or_handler(markup)
    landmarks_and_one_main_heading(markup)
    captions_and_scopes(markup)
    labels_and_no_repeated_id(markup)


def no_inline_style_script_or_handler(markup: Markup) -> None:
    assert markup.inline_scripts == 0
    assert "style" not in markup.attributes
    assert markup.tags["style"] == 0
    assert not [name for name in markup.attributes if name.startswith("on")]


def landmarks_and_one_main_heading(markup: Markup) -> None:
    assert markup.tags["h1"] == markup.tags["main"] == 1
    assert markup.tags["header"] == markup.tags["footer"] == 1
    assert "#content" in markup.links
    assert markup.ids["content"] == 1


def captions_and_scopes(markup: Markup) -> None:
    for table in markup.tables:
        assert table.caption
        assert table.unscoped == 0


def labels_and_no_repeated_id(markup: Markup) -> None:
    assert set(markup.controls) <= markup.labelled
    assert not [name for name, count in markup.ids.items() if count > 1]


@pytest.mark.parametrize(("address", "status"), BAD)
def test_it_answers_a_bad_address_plainly(client: Client, address: str, status: int) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert read(response.content.decode()).tags["h1"] == 1


@pytest.mark.parametrize("address", ["/", "/systems/", "/charts/frontier.json"])
def test_it_only_answers_safe_methods(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200


def test_it_links_only_to_pages_that_exist(client: Client) -> None:
    seen: set[str] = set()
    for address in ("/", "/generations/", "/baskets/agi/", "/releases/", "/systems/gpt-5/"):
        seen |= {link.split("#")[0] for link in page(client, address).links}
    inside = sorted(link for link in seen if link.startswith("/"))
    assert len(inside) > 60
    assert [link for link in few_of_each(inside) if not answers(client, link)] == []


def few_of_each(links: list[str]) -> list[str]:
    """Every third link of a folder, and its first: what differs is the name in the address."""
    folders: dict[str, list[str]] = defaultdict(list)
    for link in links:
        folders[urlsplit(link).path.strip("/").partition("/")[0]].append(link)
    return [link for group in folders.values() for link in group[::3]]


def answers(client: Client, link: str) -> bool:
    return client.get(link, follow=True).status_code == 200


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html"]
)
def test_an_error_page_says_what_was_kept_and_where_to_go(name: str) -> None:
    with translation.override("en"):
        markup = read(render_to_string(name))
    assert markup.tags["h1"] == markup.tags["main"] == 1
    assert markup.inline_scripts == 0
    assert "style" not in markup.attributes
    assert "/" in markup.links or "" in markup.links


def test_a_broken_page_gives_the_plain_error_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("baskets.views.home.front_page", broken)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert b"could not be made" in response.content
    assert b"secret detail" not in response.content
