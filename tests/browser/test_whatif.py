"""Weighing a basket anew in a browser: sliders by keyboard, the form alone, a link passed on."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import opened

PAGE = "/baskets/agi/what-if/"
FOUND = ".finding"


def said(page: Page) -> str:
    """The sentence above the chart."""
    return page.locator(FOUND).inner_text()


def test_a_slider_moves_the_index_and_the_link_shows_the_same_to_others(
    browser: Browser, live_site: str
) -> None:
    desk = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    watch = opened(desk, live_site + PAGE)
    before = said(desk)
    slider = desk.get_by_label("Weight of the domain, %, slider").first
    slider.focus()
    for _ in range(8):
        desk.keyboard.press("PageUp")
    expect(desk).to_have_url(re.compile(r"\?d\.capability="), timeout=15000)
    expect(desk.locator(FOUND)).not_to_have_text(before)
    assert desk.locator("#said").inner_text() == said(desk)
    expect(slider).to_be_focused()
    desk.locator("#results .chart-box").hover()
    expect(desk.locator("#results .main-svg").first).to_be_attached(timeout=20000)
    assert (watch.violations(), watch.errors) == ([], [])
    other = browser.new_context(java_script_enabled=False).new_page()
    other.goto(desk.url)
    assert said(other) == said(desk)
    assert other.locator("#results table").first.inner_text() == (
        desk.locator("#results table").nth(0).inner_text()
    )
    desk.context.close()
    other.context.close()


def test_the_form_is_used_without_scripts(browser: Browser, live_site: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(live_site + PAGE)
    before = said(plain)
    plain.get_by_label("Weight of the domain, %").first.fill("70")
    plain.get_by_role("button", name="Compute").click()
    expect(plain).to_have_url(live_site + PAGE + "?d.capability=70")
    assert said(plain) != before
    plain.get_by_role("link", name="Published weights").click()
    assert said(plain) == before
    context.close()
