"""Comparing systems in a browser: the picker with and without scripts, and every chart awake."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import opened

PAIR = "/compare/?systems=gpt-5,claude-opus-4.7"
CHARTS = [
    (PAIR, "comparison"),
    (PAIR, "contributions"),
    ("/compare/", "pareto"),
    ("/stability/", "rank-stability"),
    ("/saturation/", "saturation"),
    ("/generations/", "ladder"),
    ("/systems/gpt-5/", "contributions"),
    ("/releases/18/", "frontier-change"),
]


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A page without scripts, on a phone."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("address", "name"), CHARTS)
def test_its_charts_wake_without_breaking_policy(
    desk: Page, live_site: str, address: str, name: str
) -> None:
    watch = opened(desk, live_site + address)
    figure = desk.locator(f"figure[data-chart={name}]")
    figure.locator(".chart-box").scroll_into_view_if_needed()
    figure.locator(".chart-box").hover()
    expect(figure.locator(".chart-live .main-svg").first).to_be_attached(timeout=20000)
    assert watch.violations() == []
    assert watch.errors == []


def test_it_offers_names_while_somebody_types_and_adds_the_chosen_one(
    desk: Page, live_site: str
) -> None:
    opened(desk, live_site + "/compare/?systems=gpt-5")
    with desk.expect_response(re.compile("search.json")):
        desk.get_by_label("Add a system").type("claude opus 4.7")
    option = desk.locator("#add-names option").first
    expect(option).to_have_attribute("value", "Claude Opus 4.7")
    desk.get_by_label("Add a system").fill("Claude Opus 4.7")
    desk.get_by_role("button", name="Add", exact=True).click()
    expect(desk).to_have_url(re.compile(r"systems=gpt-5,claude-opus-4\.7"))
    expect(desk.get_by_role("heading", level=1)).to_contain_text("GPT-5 and Claude Opus 4.7")


def test_it_is_used_without_scripts(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/compare/?systems=gpt-5")
    plain.get_by_label("Add a system").fill("claude opus")
    plain.get_by_role("button", name="Add", exact=True).click()
    plain.locator(".candidates a").first.click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("side by side")
    plain.get_by_role("link", name=re.compile("^put first: ")).click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("and GPT-5, side by side")
    plain.get_by_role("link", name="remove: GPT-5", exact=True).click()
    expect(plain.locator(".chosen li")).to_have_count(1)


def test_it_changes_the_series_by_a_link_that_keeps_the_systems(
    plain: Page, live_site: str
) -> None:
    plain.goto(live_site + PAIR)
    plain.get_by_role("navigation", name="Series").get_by_role("link", name="Safety").click()
    expect(plain).to_have_url(re.compile(r"systems=gpt-5(,|%2C)claude-opus-4\.7.*series=safety"))
    expect(plain.locator("#ahead h2")).to_contain_text("Safety")


def test_it_opens_an_example_with_one_click(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/compare/")
    plain.locator(".examples a").first.click()
    expect(plain.locator(".chosen li")).to_have_count(2)


def test_ranks_change_their_series_in_place(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/stability/")
    plain.get_by_role("navigation", name="Series").get_by_role("link", name="Safety").click()
    expect(plain.locator("figure[data-chart=rank-stability] h2")).to_contain_text("Safety")
