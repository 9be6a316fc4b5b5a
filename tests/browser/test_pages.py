"""The pages in a real browser, under the site's own content security policy."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.pages import PAGES, opened

LIVE = ".chart-live .main-svg"
BOX = "#frontier .chart-box"
STANDING_OUT = """
[...document.querySelectorAll("main *")]
  .filter((e) => !e.closest("svg, .table-box, .visually-hidden"))
  .filter((e) => e.getBoundingClientRect().right > 361)
  .filter((e) => getComputedStyle(e).position !== "absolute")
  .map((e) => e.outerHTML.slice(0, 80))
"""


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("address", PAGES)
def test_it_breaks_no_policy_and_logs_no_error(desk: Page, live_site: str, address: str) -> None:
    watch = opened(desk, live_site + address)
    assert watch.violations() == []
    assert watch.errors == []


@pytest.mark.parametrize("address", PAGES)
def test_it_needs_no_sideways_scroll_on_a_phone(phone: Page, live_site: str, address: str) -> None:
    opened(phone, live_site + address)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert phone.evaluate(STANDING_OUT) == []


def test_it_shows_a_picture_before_any_script_runs(browser: Browser, live_site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_site + "/")
    expect(page.locator(f"{BOX} > svg.wide")).to_be_visible()
    expect(page.locator("#frontier button[data-act]:visible")).to_have_count(0)
    context.close()


def test_it_loads_plotly_only_when_a_chart_is_pointed_at(desk: Page, live_site: str) -> None:
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    opened(desk, live_site + "/")
    assert not [url for url in asked if "plotly" in url]
    desk.locator(BOX).hover()
    desk.wait_for_selector(LIVE)
    assert [url for url in asked if re.search(r"plotly\.min.*\.js", url)]


def test_plotly_takes_over_in_the_same_box_without_breaking_policy(
    desk: Page, live_site: str
) -> None:
    watch = opened(desk, live_site + "/")
    desk.locator(BOX).scroll_into_view_if_needed()
    before = desk.locator(BOX).bounding_box()
    desk.locator(BOX).hover()
    desk.wait_for_selector(LIVE)
    expect(desk.locator(f"{BOX} > svg.wide")).to_be_hidden()
    assert desk.locator(BOX).bounding_box() == before
    assert desk.evaluate(f"getComputedStyle(document.querySelector('{LIVE}')).position") == (
        "absolute"
    )
    assert watch.violations() == []
    assert watch.errors == []


def test_plotly_draws_as_many_marks_as_the_picture(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    pictured = desk.locator(f"{BOX} > svg.wide path > title").count()
    desk.locator(BOX).hover()
    desk.wait_for_selector(LIVE)
    assert desk.locator(f"{BOX} .scatterlayer .point").count() == pictured > 50


def test_it_reads_marks_out_by_the_arrow_keys(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    desk.locator(BOX).focus()
    desk.wait_for_selector(LIVE)
    desk.keyboard.press("ArrowRight")
    note = desk.locator("#frontier .state")
    expect(note).not_to_be_empty()
    first = note.inner_text()
    desk.keyboard.press("ArrowRight")
    expect(note).not_to_have_text(first)
    expect(desk.locator(f"{BOX} .hoverlayer .hovertext")).to_have_count(1)


def test_it_goes_back_to_the_picture_when_the_window_changes(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    desk.locator(BOX).hover()
    desk.wait_for_selector(LIVE)
    desk.mouse.move(5, 5)
    desk.set_viewport_size({"width": 900, "height": 900})
    expect(desk.locator(f"{BOX} > svg.wide")).to_be_visible()
    expect(desk.locator(LIVE)).to_have_count(0)


def test_it_keeps_the_picture_and_says_so_when_plotly_cannot_load(
    desk: Page, live_site: str
) -> None:
    desk.route("**/plotly.min*", lambda route: route.abort())
    opened(desk, live_site + "/")
    desk.locator(BOX).hover()
    expect(desk.locator("#frontier .state")).to_contain_text("could not be loaded")
    expect(desk.locator(f"{BOX} > svg.wide")).to_be_visible()


def test_it_wakes_a_chart_by_a_tap_on_a_phone(phone: Page, live_site: str) -> None:
    opened(phone, live_site + "/")
    phone.locator(BOX).tap()
    phone.wait_for_selector(LIVE)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_can_be_reached_by_keyboard_alone(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.className") == "skip"
    outline = desk.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    desk.keyboard.press("Enter")
    assert desk.url.endswith("#content")


def test_it_follows_a_row_to_its_system(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/systems/?sort=name")
    cell = desk.locator("tbody tr").nth(2).locator("td").nth(3).bounding_box()
    assert cell is not None
    desk.mouse.click(cell["x"] + cell["width"] / 2, cell["y"] + cell["height"] / 2)
    desk.wait_for_url("**/systems/*/")
    expect(desk.locator("h1")).to_be_visible()


def test_it_ships_little_script_for_the_first_view(desk: Page, live_site: str) -> None:
    got: list[Response] = []
    desk.on("response", lambda response: got.append(response))
    opened(desk, live_site + "/")
    scripts = [item for item in got if item.url.split("?")[0].endswith(".js")]
    names = {item.url.rpartition("/")[2].split(".")[0] for item in scripts}
    assert names == {"charts", "compare", "newer", "search"}
    assert sum(len(item.body()) for item in scripts) < 24_000
