"""Rank stability and saturation say what the release stored."""

from __future__ import annotations

import html
import re
from itertools import pairwise

import pytest
from django.test import Client

from baskets.models import Analysis, Release
from baskets.selectors import releases
from baskets.selectors.ranks import SURE, stability_of
from baskets.selectors.watch import watch_table

pytestmark = pytest.mark.usefixtures("catalog_db")


@pytest.fixture
def release() -> Release:
    found = releases.current()
    assert found is not None
    return found


def text(client: Client, address: str) -> str:
    """The words of a page."""
    body = client.get(address).content.decode()
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


@pytest.mark.parametrize("series", ["headline", "capability", "safety", "alignment"])
def test_it_shares_out_every_draw_among_the_ranks(release: Release, series: str) -> None:
    found = stability_of(release, series)
    assert 1 < len(found.ranked) <= 10
    for row in found.ranked:
        assert sum(row.shares) + row.beyond == pytest.approx(1, abs=1e-4)
    assert [row.value for row in found.ranked] == sorted(
        (row.value for row in found.ranked), reverse=True
    )


def test_it_compares_every_system_with_the_next(release: Release) -> None:
    ranked = stability_of(release, "capability").ranked
    for one, other in pairwise(ranked):
        assert one.below is not None
        assert one.below.difference == pytest.approx(one.value - other.value, abs=1e-6)
    assert ranked[-1].below is None


def test_it_lists_the_neighbours_that_measurement_leaves_undecided(
    client: Client, release: Release
) -> None:
    found = stability_of(release, "headline")
    said = text(client, "/stability/")
    assert found.pairs
    for one, other in found.pairs:
        assert one.below is not None
        assert one.below.ahead < SURE
        assert f"{one.system.name} and {other.system.name}: " in said


def test_it_says_how_the_weights_were_drawn(client: Client, release: Release) -> None:
    stored = Analysis.objects.get(release=release, kind="sensitivity").content
    said = text(client, "/stability/")
    draws, accepted = f"{stored['draws']:,}", f"{stored['accepted']:,}"
    whole = f"{draws} draws were made, and all of them gave an index."
    part = f"{draws} draws were made, of which {accepted} gave an index."
    assert (whole if draws == accepted else part) in said


def test_it_says_that_a_reconstructed_release_was_not_analysed(client: Client) -> None:
    assert "Not analysed" in text(client, "/stability/?as_of=2025-12-15")


def test_it_watches_every_counted_eval_that_was_measured(release: Release) -> None:
    stored = Analysis.objects.get(release=release, kind="watch").content["rows"]
    wanted = {
        row["eval"]
        for row in stored
        if row["lifecycle"] in ("active", "saturating") and row["headroom"] is not None
    }
    found = watch_table(release)
    assert {item.slug for item, _facts in found} == wanted
    assert len(found) > 20
    headrooms = [facts.headroom for _item, facts in found]
    assert headrooms == sorted(headrooms, key=lambda value: value or 0)


def test_it_shows_the_evals_of_one_domain(client: Client, release: Release) -> None:
    said = text(client, "/saturation/?domain=alignment")
    for item, _facts in watch_table(release, "alignment"):
        assert item.name in said
    assert "SWE-bench Pro" not in said
