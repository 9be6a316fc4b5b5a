"""What every public page must be: whole, cacheable, accessible, free of inline code."""

from __future__ import annotations

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
    return read(response.content.decode())


@pytest.mark.parametrize("address", PAGES)
def test_it_is_public_and_sets_no_cookie(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert "public" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.parametrize("address", [*PAGES, *UNLISTED])
def test_it_has_no_inline_style_script_or_handler(client: Client, address: str) -> None:
    markup = page(client, address)
    assert markup.inline_scripts == 0
    assert "style" not in markup.attributes
    assert markup.tags["style"] == 0
    assert not [name for name in markup.attributes if name.startswith("on")]


@pytest.mark.parametrize("address", [*PAGES, *UNLISTED])
def test_it_has_landmarks_and_one_main_heading(client: Client, address: str) -> None:
    markup = page(client, address)
    assert markup.tags["h1"] == markup.tags["main"] == 1
    assert markup.tags["header"] == markup.tags["footer"] == 1
    assert "#content" in markup.links
    assert markup.ids["content"] == 1


@pytest.mark.parametrize("address", [*PAGES, *UNLISTED])
def test_it_gives_every_table_a_caption_and_every_head_a_scope(
    client: Client, address: str
) -> None:
    for table in page(client, address).tables:
        assert table.caption
        assert table.unscoped == 0


@pytest.mark.parametrize("address", [*PAGES, *UNLISTED])
def test_it_labels_every_control_and_repeats_no_id(client: Client, address: str) -> None:
    markup = page(client, address)
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
    inside = {link for link in seen if link.startswith("/")}
    assert len(inside) > 60
    broken = [link for link in sorted(inside) if client.get(link, follow=True).status_code != 200]
    assert broken == []


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
