"""Comparing systems: what the page says is what the release says, and the address is the state."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import re
from itertools import combinations

import pytest
from django.test import Client

from baskets.models import IndexPoint, Release, Revision
from baskets.selectors import releases
from baskets.selectors.catalog import system_names
from baskets.selectors.comparing import comparing
from baskets.selectors.comparing_examples import examples
from baskets.selectors.waterfall import frontier_change
from evals.models import System

pytestmark = pytest.mark.usefixtures("catalog_db")

PAIR = "/compare/?systems=gpt-5,claude-opus-4.7"


@pytest.fixture
def release() -> Release:
    found = releases.current()
    assert found is not None
    return found


def text(client: Client, address: str) -> str:
    """The words of a page."""
    body = client.get(address).content.decode()
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def systems(*slugs: str) -> list[System]:
    """Systems in an order."""
    found = System.objects.select_related("developer", "generation").in_bulk(
        slugs, field_name="slug"
    )
    return [found[slug] for slug in slugs]


def test_it_gives_both_probabilities_and_they_sum_to_one(release: Release) -> None:
    found = comparing(release, systems("gpt-5", "claude-opus-4.7", "o3"), "safety")
    for row, others in enumerate(found.ahead):
        for column, pair in enumerate(others):
            assert (pair is None) == (row == column)
            if pair is not None:
                back = found.ahead[column][row]
                assert back is not None
                assert pair.ahead + back.ahead == pytest.approx(1)
                assert pair.difference == pytest.approx(-back.difference)


def test_its_waterfall_goes_from_one_stored_value_to_the_other(release: Release) -> None:
    for series in ("headline", "capability", "safety", "alignment", "balanced"):
        found = comparing(release, systems("gpt-5", "claude-opus-4.7"), series).waterfall
        if series == "balanced":
            assert found is None
            continue
        assert found is not None
        total = sum(rise.points for rise in found.rises)
        assert total == pytest.approx(found.after - found.before, abs=2e-6)


def test_it_shows_the_values_of_the_release(client: Client, release: Release) -> None:
    said = text(client, PAIR)
    for slug in ("gpt-5", "claude-opus-4.7"):
        point = IndexPoint.objects.get(
            release=release, system__slug=slug, series="capability", on_official_version=True
        )
        assert f"{point.value:.1f}" in said


def test_it_lists_shared_evals_with_the_scores_that_the_release_took(release: Release) -> None:
    problem = releases.bundle(release)["problem"]
    taken = {(row["system"], row["eval"]): row["value"] for row in problem["scores"]}
    found = comparing(release, systems("gpt-5", "claude-opus-4.7"), "capability").shared
    evals = {name for system, name in taken if system == "gpt-5"}
    evals &= {name for system, name in taken if system == "claude-opus-4.7"}
    assert {row.eval.slug for row in found} == evals
    for row in found:
        values = [cell.value if cell else None for cell in row.cells]
        assert values == [taken[s, row.eval.slug] for s in ("gpt-5", "claude-opus-4.7")]


def test_it_names_as_leader_who_has_more_points(release: Release) -> None:
    for row in comparing(release, systems("gpt-5", "claude-opus-4.7"), "capability").shared:
        points = [cell.points for cell in row.cells if cell is not None]
        if None in points:
            assert row.leader is None
        elif points[0] != points[1]:
            assert row.leader is not None
            first = (points[0] or 0) > (points[1] or 0)
            assert row.leader.slug == ("gpt-5" if first else "claude-opus-4.7")


@pytest.mark.parametrize(
    ("slugs", "more"),
    [
        ("gpt-5,o3,gemini-4-argon", ""),
        ("gemini-4-argon,gpt-5,o3", ""),
        ("gpt-5,o3,claude-opus-5.5", "&as_of=2026-03-31"),
    ],
)
def test_it_says_which_of_them_has_no_value(client: Client, slugs: str, more: str) -> None:
    assert "no value" in text(client, f"/compare/?systems={slugs}{more}")
    for address in ("/charts/comparison.svg", "/embed/comparison"):
        answer = client.get(f"{address}?systems={slugs}{more}")
        assert answer.status_code == 200 and b">no value<" in answer.content


def test_its_csv_has_a_row_for_every_shared_eval(client: Client, release: Release) -> None:
    body = client.get("/compare.csv?systems=gpt-5,claude-opus-4.7").content.decode()
    rows = list(csv.DictReader(io.StringIO(body)))
    found = comparing(release, systems("gpt-5", "claude-opus-4.7"), "capability").shared
    assert [row["eval"] for row in rows] == [row.eval.slug for row in found]
    assert "claude-opus-4.7_value" in rows[0]


def test_it_keeps_the_order_of_the_address(client: Client) -> None:
    assert "GPT-5 and Claude Opus 4.7, side by side" in text(client, PAIR)
    turned = text(client, "/compare/?systems=claude-opus-4.7,gpt-5")
    assert "Claude Opus 4.7 and GPT-5, side by side" in turned


@pytest.mark.parametrize("typed", ["gpt-4o", "GPT-4o", " gpt-4O "])
def test_it_adds_a_system_by_its_name_or_slug(client: Client, typed: str) -> None:
    answer = client.get("/compare/", {"systems": "gpt-5", "add": typed})
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/compare/?systems=gpt-5,gpt-4o&series=capability",
    )


def test_it_asks_which_system_is_meant(client: Client) -> None:
    said = text(client, "/compare/?systems=gpt-5&add=claude+opus")
    assert "Which one is “claude opus”?" in said
    assert "/compare/?systems=gpt-5,claude-opus-4" in client.get(
        "/compare/?systems=gpt-5&add=claude+opus"
    ).content.decode().replace("&amp;", "&")


def test_it_says_that_no_system_has_such_a_name(client: Client) -> None:
    assert "No other system has a name like" in text(client, "/compare/?add=qqqqqqqqzzz")


def test_it_takes_no_seventh_system(client: Client) -> None:
    six = "gpt-5,o3,o1,gpt-4o,gpt-4,gpt-5.1"
    said = text(client, f"/compare/?systems={six}&add=gpt-5.2")
    assert "At most 6 systems can be compared" in said


def test_it_says_what_is_wrong_with_an_address(client: Client) -> None:
    assert "There is no system “nobody”" in text(client, "/compare/?systems=gpt-5,nobody")
    assert "names “o3” more than once" in text(client, "/compare/?systems=o3,gpt-5,o3")
    assert "names 7 systems" in text(
        client, "/compare/?systems=gpt-5,o3,o1,gpt-4o,gpt-4,gpt-5.1,gpt-5.2"
    )


def test_it_offers_the_newest_pair_of_the_frontier(client: Client, release: Release) -> None:
    first = examples(release)[0]
    step = release.summary["series"]["capability"]["frontier"][-1]
    assert [s.slug for s in first.systems] == [step["system"], step["previous_system"]]
    assert f"/compare/?systems={first.slugs}" in client.get("/compare/").content.decode()


def test_it_shows_what_was_known_on_a_past_date(client: Client) -> None:
    said = client.get(f"{PAIR}&as_of=2025-12-15").content.decode()
    assert "as_of=2025-12-15" in said
    old = releases.current(as_of=dt.date(2025, 12, 15))
    assert old is not None
    assert f"Release {old.number}, with what was known on" in text(
        client, f"{PAIR}&as_of=2025-12-15"
    )


def test_it_says_of_which_system_nothing_was_known(client: Client) -> None:
    said = text(client, "/compare/?systems=gpt-5,gpt-6.1-sol&as_of=2025-12-15")
    assert "On this date nothing was known of GPT-6.1 Sol." in said
    assert "nothing was known of" not in text(client, f"{PAIR}&as_of=2026-09-15")


@pytest.mark.parametrize("series", ["capability", "safety", "alignment", "headline", "balanced"])
def test_the_steps_of_a_frontier_sum_to_its_change_over_any_span(series: str) -> None:
    names = system_names()
    every = list(Release.objects.defer("bundle").select_related("basket__base").order_by("number"))
    seen = 0
    for then, now in combinations(every[::3], 2):
        found = frontier_change(then, now, series, names)
        if found is None:
            continue
        seen += 1
        total = sum(rise.points for rise in found.waterfall.rises)
        assert total == pytest.approx(found.waterfall.move, abs=1e-5)
    assert seen or series == "balanced"


def test_a_frontier_opens_into_the_causes_that_are_stored(release: Release) -> None:
    before = releases.previous(release)
    assert before is not None
    older = releases.previous(before)
    assert older is not None
    found = frontier_change(older, before, "capability", system_names())
    assert found is not None
    leader = found.waterfall.start.slug
    row = Revision.objects.filter(
        release=before, system__slug=leader, series="capability"
    ).values_list("terms", flat=True)
    stored = {term["kind"]: term["points"] for terms in row for term in terms if term["points"]}
    assert stored
    shown = {rise.kind: rise.points for rise in found.waterfall.rises if rise.kind in stored}
    assert shown == pytest.approx(stored)
