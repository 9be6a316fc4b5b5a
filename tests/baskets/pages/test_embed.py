"""A chart in a frame of another site, and what other pages may not be put in."""

from __future__ import annotations

import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from baskets.selectors import releases
from tests.baskets.pages.addresses import CHARTS
from tests.baskets.pages.markup import read

pytestmark = pytest.mark.usefixtures("catalog_db")


def embedded(client: Client, chart: str, more: str = "") -> HttpResponse:
    name, _mark, query = chart.partition("?")
    response = client.get(f"/embed/{name}?{query}&{more}")
    assert isinstance(response, HttpResponse)
    return response


@pytest.mark.parametrize("chart", CHARTS)
def test_it_shows_one_chart_and_its_release_without_navigation_or_inline_code(
    client: Client, chart: str
) -> None:
    response = embedded(client, chart)
    html = response.content.decode()
    markup, current = read(html), releases.current()
    assert response.status_code == 200 and current is not None
    assert (markup.tags["h1"], markup.tags["figure"], markup.tags["header"]) == (1, 1, 0)
    pinned = re.search(r"release=(\d+)", chart)
    number = pinned[1] if pinned else current.number
    assert f"release {number}, known on" in html
    assert not re.search(r">\s*(capability|safety|alignment)[/<]", html), "a slug as a word"
    assert markup.inline_scripts == 0 and "style" not in markup.attributes
    assert all(table.caption and not table.unscoped for table in markup.tables)


def test_it_may_be_framed_by_anybody_also_when_it_comes_from_memory(client: Client) -> None:
    cache.clear()
    for _time in range(3):
        response = embedded(client, "frontier")
        assert "frame-ancestors *" in response["Content-Security-Policy"]
        assert "X-Frame-Options" not in response
        assert "script-src 'self'" in response["Content-Security-Policy"]


def test_no_other_page_may_be_framed(client: Client) -> None:
    response = client.get("/")
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_it_may_be_kept_by_anybody_and_asked_for_again(client: Client) -> None:
    response = embedded(client, "frontier")
    assert "public" in response["Cache-Control"] and not response.cookies
    again = client.get("/embed/frontier?&", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_takes_the_theme_that_is_asked_for(client: Client, theme: str) -> None:
    page = embedded(client, "frontier", f"theme={theme}").content.decode()
    assert f'data-theme="{theme}"' in page and f"css/theme-{theme}" in page


@pytest.mark.parametrize(
    ("chart", "status", "said"),
    [
        ("system-profile?system=nobody", 404, "This chart has nothing to draw."),
        ("frontier?series=nope&theme=dark", 400, "“series” must be one of: "),
        ("frontier?theme=nope&as_of=2026-03-31", 400, "“theme” must be one of: light, dark."),
        ("frontier?release=999", 404, "There is no release of this number."),
        ("nope", 404, "There is no chart at this address."),
    ],
)
def test_it_says_in_the_same_frame_why_nothing_is_drawn(
    client: Client, chart: str, status: int, said: str
) -> None:
    response = embedded(client, chart)
    html = response.content.decode()
    assert (response.status_code, said in html) == (status, True)
    assert '<body class="embed">' in html and read(html).tags["header"] == 0
    assert ('data-theme="dark"' in html) is chart.endswith("dark")
    assert "frame-ancestors *" in response["Content-Security-Policy"]


def test_it_links_to_the_same_release_for_good(client: Client) -> None:
    current = releases.current()
    assert current is not None
    links = read(embedded(client, "frontier?series=safety").content.decode()).links
    address = f"/embed/frontier?release={current.number}&series=safety"
    assert address in links


@pytest.mark.parametrize("chart", CHARTS)
def test_its_metadata_says_what_every_number_is_and_leads_to_twins(
    client: Client, chart: str
) -> None:
    name, _mark, query = chart.partition("?")
    known = json.loads(client.get(f"/charts/{name}.metadata.json?{query}").content)
    assert all(known[key] for key in ("title", "unit", "interval", "source", "licence"))
    assert all(column["label"] and column["description"] for column in known["columns"])
    assert len(known["release"]["sha256"]) == 64 and known["release"]["vintage_on"]
    assert f"Release {known['release']['number']}" in known["citation"]["plain"]
    for kind, address in known["addresses"].items():
        if kind != "png":
            assert client.get(address.removeprefix("http://localhost:8000")).status_code == 200


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("/embed/frontier", 4),
        ("/embed/generations", 3),
        ("/charts/frontier.metadata.json", 4),
        ("/social/home.png", 6),
        ("/social/system.png?system=gpt-5", 7),
    ],
)
def test_it_asks_a_fixed_number_of_questions(client: Client, address: str, count: int) -> None:
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    assert len(asked) == count, [query["sql"][:100] for query in asked]
