"""An address where nothing is: near names, the search, and the date that the reader is on."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.baskets.pages.markup import read

pytestmark = pytest.mark.usefixtures("catalog_db")


def missing(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 404
    return answer.content.decode()


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("/systems/gpt-55/", "/systems/gpt-5/"),
        ("/systems/claud-opus-45/", "/systems/claude-opus-4.5/"),
        ("/evals/gpqa-dimond/", "/evals/gpqa-diamond/"),
        ("/gpt-5", "/systems/gpt-5/"),
        ("/zh-hans/systems/gpt-55/", "/zh-hans/systems/gpt-5/"),
    ],
)
def test_it_names_what_is_near(client: Client, address: str, near: str) -> None:
    assert near in read(missing(client, address)).links


def test_it_names_nothing_where_nothing_is_near(client: Client) -> None:
    assert "Did you mean" not in missing(client, "/systems/qqqqqqqqqqqqqqqq/")


def test_it_leads_to_the_search_with_the_name_that_was_asked_for(client: Client) -> None:
    assert "/search/?q=gpt-55" in read(missing(client, "/systems/gpt-55/")).links


def test_it_stays_on_the_date_and_names_nothing_newer(client: Client) -> None:
    html = missing(client, "/systems/gpt-55/?as_of=2025-09-15")
    systems = read(html.partition('class="near"')[2].partition("</ul>")[0]).links
    assert "/systems/gpt-5/?as_of=2025-09-15" in systems
    assert all("as_of=2025-09-15" in link for link in systems)
    assert not [link for link in systems if "gpt-5.5" in link]


def test_it_writes_no_name_as_markup(client: Client) -> None:
    assert "<script>alert" not in missing(client, "/systems/%3Cscript%3Ealert/")
