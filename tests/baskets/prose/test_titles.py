"""The title of a release says what it changed most, and nothing that it did not change."""

from __future__ import annotations

import pytest

from baskets.charts.words import points
from baskets.models import Release
from baskets.prose import release_title
from baskets.selectors.front import DOMAINS
from baskets.selectors.release_pages import ReleasePage, release_page

pytestmark = pytest.mark.usefixtures("catalog_db")


def pages() -> list[ReleasePage]:
    """Every release that has one before it."""
    numbers = Release.objects.order_by("number").values_list("number", flat=True)[1:]
    found = [release_page(number) for number in numbers]
    return [page for page in found if page is not None]


def test_it_names_the_system_that_moved_a_frontier_farthest() -> None:
    told = 0
    for page in pages():
        rows = [row for row in page.series if row.series in DOMAINS and row.before and row.after]
        moves = {
            abs(row.after.value - row.before.value): row.after
            for row in rows
            if row.after and row.before and row.after.system != row.before.system
        }
        if moves and len(rows) == len(DOMAINS):
            title = release_title(page.domains, page.series)
            assert moves[max(moves)].system.name in title
            assert points(moves[max(moves)].value, 0) in title
            told += 1
    assert told > 3


def test_it_says_so_where_no_system_took_a_frontier() -> None:
    told = 0
    for page in pages():
        taken = any(row.taken for row in page.series if row.series in DOMAINS)
        title = release_title(page.domains, page.series)
        assert title.startswith("No system took a frontier: capability at ") is not taken
        told += not taken
    assert told > 0
