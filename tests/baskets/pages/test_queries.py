"""A page asks the database a fixed number of questions, however long its lists are."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from baskets.selectors import decomposition, eval_list, standing
from baskets.selectors import releases as release_selectors

pytestmark = pytest.mark.usefixtures("catalog_db")

COUNTS = {
    "/": 8,
    "/generations/": 6,
    "/systems/": 7,
    "/evals/": 5,
    "/evals/gpqa-diamond/": 10,
    "/evals/ap-biology/": 9,
    "/systems/gpt-5/": 14,
    "/systems/gpt-6.1-sol/": 14,
    "/baskets/": 2,
    "/baskets/agi/": 11,
    "/baskets/agi/history/": 7,
    "/releases/": 2,
    "/releases/latest.json": 1,
    "/releases/2/": 17,
    "/methodology/": 15,
    "/charts/frontier.json": 4,
    "/compare/": 7,
    "/compare/?systems=gpt-5,claude-opus-4.7": 8,
    "/compare/?systems=gpt-5,claude-opus-4.7,gpt-5.4,grok-4,o3,deepseek-r1": 8,
    "/stability/": 6,
    "/saturation/": 4,
}


@pytest.fixture(autouse=True)
def warm(catalog_db: None) -> None:
    """Pages are not cached; the bundle of the release already is, as it is on a running site."""
    cache.clear()
    release = release_selectors.current()
    assert release is not None
    decomposition.sealed(release)
    release_selectors.bundle(release)
    standing.standings([], release)
    eval_list.taken(release.pk)


@pytest.mark.parametrize(("address", "count"), COUNTS.items())
def test_it_asks_a_fixed_number_of_questions(client: Client, address: str, count: int) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    assert len(asked) == count, [query["sql"][:100] for query in asked]


@pytest.mark.parametrize("address", ["/releases/feed.atom", "/releases/19/", "/systems/gpt-5/"])
def test_it_reads_no_whole_bundle(client: Client, address: str) -> None:
    release_selectors._bundle.cache_clear()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    assert not [query["sql"] for query in asked if '"baskets_release"."bundle"' in query["sql"]]
