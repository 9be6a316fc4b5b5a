"""Search, lists, data and the API's documentation in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import opened

BOX = "#search-q"
OPTION = "#search-list [role=option]"


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A phone that runs no script."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def typed(page: Page, words: str) -> None:
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.type(words)
    page.wait_for_selector(OPTION)


def test_it_goes_to_a_system_by_the_keyboard_alone(desk: Page, live_site: str) -> None:
    watch = opened(desk, live_site + "/methodology/")
    typed(desk, "gpt5")
    desk.keyboard.press("ArrowDown")
    first = desk.locator(OPTION).first
    expect(first).to_have_attribute("aria-selected", "true")
    active = desk.locator(BOX).get_attribute("aria-activedescendant")
    assert active == first.get_attribute("id")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/systems/gpt-5/")
    assert watch.errors == []


def test_it_is_a_combobox_to_a_screen_reader(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    box = desk.get_by_role("combobox", name="Search systems and evals")
    expect(box).to_have_attribute("aria-expanded", "false")
    typed(desk, "claude")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(desk.get_by_role("listbox", name="Suggestions")).to_be_visible()
    expect(desk.locator(".search-box [role=status]")).to_contain_text("Suggestions: ")


def test_it_goes_round_the_list_and_closes_it(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    typed(desk, "opus")
    count = desk.locator(OPTION).count()
    desk.keyboard.press("ArrowUp")
    expect(desk.locator(OPTION).nth(count - 1)).to_have_attribute("aria-selected", "true")
    desk.keyboard.press("ArrowDown")
    expect(desk.locator(f"{OPTION}[aria-selected=true]")).to_have_count(0)
    desk.keyboard.press("Escape")
    expect(desk.locator("#search-list")).to_be_hidden()
    expect(desk.locator(BOX)).to_have_attribute("aria-expanded", "false")


def test_it_follows_a_suggestion_that_is_clicked(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    typed(desk, "gpqa")
    desk.locator(OPTION).first.click()
    desk.wait_for_url("**/evals/gpqa-diamond/")


def test_it_searches_where_nothing_is_chosen(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    typed(desk, "claude")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/search/?q=claude")
    expect(desk.locator(".found li").first).to_be_visible()


def test_it_leaves_a_slash_that_is_typed_into_a_field(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/systems/")
    desk.locator("#text").fill("")
    desk.locator("#text").press("/")
    expect(desk.locator("#text")).to_have_value("/")


def test_it_keeps_the_past_date(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/?as_of=2025-09-15")
    typed(desk, "gpt-5")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/systems/gpt-5/?as_of=2025-09-15")


def test_it_keeps_the_list_inside_the_window(desk: Page, live_site: str) -> None:
    for width in (1440, 360):
        desk.set_viewport_size({"width": width, "height": 740})
        opened(desk, live_site + "/")
        typed(desk, "claude")
        box = desk.locator("#search-list").bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width


def test_it_searches_without_a_script(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/")
    plain.locator(BOX).fill("gpqa")
    plain.locator(BOX).press("Enter")
    plain.locator(".found a", has_text="GPQA Diamond").first.click()
    assert re.search(r"/evals/gpqa-diamond/$", plain.url)


def test_it_filters_sorts_and_turns_pages_without_a_script(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/systems/")
    plain.get_by_role("link", name="Next").click()
    assert plain.url.endswith("/systems/?page=2")
    plain.goto(live_site + "/systems/")
    plain.get_by_label("Developer").select_option("anthropic")
    plain.get_by_label("Sort by").select_option("name")
    plain.get_by_role("button", name="Show").first.click()
    assert "developer=anthropic" in plain.url and "sort=name" in plain.url
    names = plain.locator("tbody th a").all_inner_texts()
    assert names and names == sorted(names, key=str.lower)
    plain.get_by_role("link", name="Clear filters").click()
    assert plain.url.endswith("/systems/")


def test_it_saves_a_data_set(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/data/")
    with desk.expect_download() as download:
        desk.get_by_role("link", name="weights.csv").click()
    with open(download.value.path(), encoding="utf-8") as file:
        assert file.readline().startswith("basket,version,")


def test_the_documentation_of_the_api_breaks_no_policy(desk: Page, live_site: str) -> None:
    watch = opened(desk, live_site + "/api/v1/docs")
    desk.wait_for_selector(".opblock")
    assert desk.locator(".opblock").count() >= 13
    desk.locator(".opblock-summary-control", has_text="/api/v1/index").click()
    desk.get_by_role("button", name="Try it out").click()
    desk.get_by_role("button", name="Execute").click()
    status = desk.locator(".live-responses-table .response-col_status").last
    expect(status).to_contain_text("200", timeout=30_000)
    assert watch.violations() == []
    assert watch.errors == []
