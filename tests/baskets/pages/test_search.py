"""Search: the page, and the suggestions for whoever is still typing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from baskets.sections import SECTIONS
from evals.models import Alias, System
from tests.baskets.pages.markup import read

pytestmark = pytest.mark.usefixtures("catalog_db")


def suggested(client: Client, query: str, **more: str) -> list[dict[str, Any]]:
    answer = client.get("/search.json", {"q": query, **more})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


@pytest.mark.parametrize(
    ("query", "kind", "slug"),
    [
        ("gpt-5", "system", "gpt-5"),
        ("gpqa", "eval", "gpqa-diamond"),
        ("anthropic", "developer", "anthropic"),
        ("release 2", "release", "2"),
        ("uncertainty", "section", "uncertainty"),
        ("gtp-4o mini", "system", "gpt-4o-mini"),
    ],
)
def test_it_finds_each_kind_at_an_address_that_exists(
    client: Client, query: str, kind: str, slug: str
) -> None:
    first = suggested(client, query)[0]
    assert (first["kind"], first["slug"]) == (kind, slug)
    assert set(first) == {"kind", "slug", "name", "url", "detail"}
    assert client.get(first["url"]).status_code == 200


def test_it_finds_a_system_by_an_alias_of_today(client: Client) -> None:
    assert suggested(client, "zanzibar") == []
    Alias.objects.create(name="Zanzibar 9", system=System.objects.get(slug="gpt-5"))
    assert [found["slug"] for found in suggested(client, "zanzibar")] == ["gpt-5"]


def test_it_finds_only_what_was_known_on_a_date(client: Client) -> None:
    day = "2025-09-15"
    found = suggested(client, "gpt", as_of=day)
    slugs = [row["slug"] for row in found if row["kind"] == "system"]
    assert slugs
    out = System.objects.filter(slug__in=slugs).values_list("released_on", flat=True)
    assert max(out) <= dt.date.fromisoformat(day)
    assert all(f"as_of={day}" in row["url"] for row in found)
    assert not suggested(client, "gpt-6.1 sol", as_of=day)
    assert not suggested(client, "gpt", as_of="2001-01-01")


def test_it_asks_a_fixed_number_of_questions_beside_that_of_the_state(client: Client) -> None:
    suggested(client, "gpt")
    for address, count in (
        ("/search.json?q=claude", 0),
        ("/search/?q=claude", 0),
        ("/search.json?q=claude&as_of=2025-09-15", 3),
        ("/search/", 0),
    ):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        assert len(asked) == count, address


@pytest.mark.parametrize("address", ["/search/", "/search/?q=gpt", "/search/?q=zzzzzzz",
                                     "/search/?q=gpt&kind=eval&as_of=2025-09-15"])  # fmt: skip
def test_it_is_a_whole_page_without_script(client: Client, address: str) -> None:
    answer = client.get(address)
    markup = read(answer.content.decode())
    assert (answer.status_code, markup.tags["h1"], markup.inline_scripts) == (200, 1, 0)
    assert set(markup.controls) <= markup.labelled
    assert not [name for name, count in markup.ids.items() if count > 1]
    assert not answer.cookies
    assert "public" not in answer["Cache-Control"]


def test_it_says_what_to_do_where_nothing_was_found(client: Client) -> None:
    assert "Nothing was found" in client.get("/search/?q=zzzzzzz").content.decode()


def test_it_escapes_the_query(client: Client) -> None:
    html = client.get("/search/", {"q": "<b>x</b>"}).content.decode()
    assert "<b>x" not in html and "&lt;b&gt;x" in html


@pytest.mark.parametrize("address", ["/search/?q=%00", "/search.json?q=" + "x" * 300,
                                     "/search.json?q=a&q=b", "/search/?kind=fish"])  # fmt: skip
def test_it_answers_a_bad_query_plainly(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400


def test_it_knows_every_section_of_the_methodology_by_its_title(client: Client) -> None:
    html = client.get("/methodology/").content.decode()
    ids = read(html).ids
    for key, title in SECTIONS:
        assert ids[key] == 1, key
        assert str(title) in html
