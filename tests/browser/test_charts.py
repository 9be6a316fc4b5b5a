"""A chart's controls, tools and frame in a real browser."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.baskets.charts.pixels import decoded
from tests.browser.pages import RECORD, opened

LIVE = ".chart-live .main-svg"
FIGURE = "figure[data-chart=frontier]"


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A browser without JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def stranger(live_site: str) -> Iterator[str]:
    """The address of a page on another origin that frames a chart."""
    address = f"{live_site}/embed/frontier?series=safety"
    frame = f'<iframe width="900" height="720" src="{address}"></iframe>'
    body = f"<!doctype html><title>t</title>{frame}"

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def control(name: str, value: str) -> str:
    return f'{FIGURE} a[data-control="{name}"][data-value="{value}"]'


def state(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_control_changes_the_chart_and_the_address_without_a_reload(
    desk: Page, live_site: str
) -> None:
    watch = opened(desk, live_site + "/")
    desk.evaluate("window.same = true")
    for name, value in (("series", "safety"), ("range", "2y"), ("scale", "log")):
        desk.locator(control(name, value)).click()
        expect(desk.locator(control(name, value))).to_have_attribute("aria-current", "true")
    assert state(desk) == {"series": ["safety"], "range": ["2y"], "scale": ["log"]}
    expect(desk.locator(f"{FIGURE} figcaption")).to_contain_text("Safety")
    assert desk.evaluate("window.same") is True
    assert watch.violations() == [] and watch.errors == []


def test_a_control_keeps_the_focus_and_says_what_came(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    link = desk.locator(control("view", "since-base"))
    link.focus()
    desk.keyboard.press("Enter")
    expect(link).to_be_focused()
    expect(desk.locator(f"{FIGURE} .state")).to_contain_text("since GPT-4o")


def test_the_tools_follow_the_state(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    desk.locator(control("series", "alignment")).click()
    png = desk.locator(f"{FIGURE} .files a", has_text="PNG")
    expect(png).to_have_attribute("href", "/charts/frontier.png?series=alignment")
    assert "series=alignment" in desk.locator(f"{FIGURE} textarea").first.input_value()


def test_what_the_page_says_about_the_series_follows(desk: Page, live_site: str) -> None:
    watch = opened(desk, live_site + "/generations/")
    desk.locator('figure[data-chart=generations] a[data-value="safety"]').click()
    expect(desk.locator("#developers h2").first).to_contain_text("Safety")
    assert watch.errors == []


def test_the_languages_follow_the_state(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    desk.locator(control("series", "alignment")).click()
    link = desk.locator('.languages a[hreflang="zh-Hant"]')
    expect(link).to_have_attribute("href", "/zh-hant/?series=alignment")


def test_a_live_chart_stays_live_in_its_new_state(desk: Page, live_site: str) -> None:
    watch = opened(desk, live_site + "/")
    desk.locator(f"{FIGURE} .chart-box").hover()
    desk.wait_for_selector(LIVE)
    desk.locator(control("series", "headline")).click()
    expect(desk.locator(f"{FIGURE} figcaption")).to_contain_text("Headline")
    desk.wait_for_selector(f"{FIGURE} {LIVE}")
    assert watch.violations() == [] and watch.errors == []


def test_a_change_that_fails_loads_the_page_instead(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    desk.evaluate("() => { window.fetch = () => Promise.reject(new Error('away')); }")
    desk.locator(control("series", "safety")).click()
    desk.wait_for_url(re.compile(r"/\?series=safety$"))
    expect(desk.locator(control("series", "safety"))).to_have_attribute("aria-current", "true")


def test_the_controls_work_without_scripts(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/")
    plain.locator(control("series", "safety")).click()
    plain.locator(control("range", "1y")).click()
    assert state(plain) == {"series": ["safety"], "range": ["1y"]}
    expect(plain.locator(f"{FIGURE} figcaption")).to_contain_text("Safety")
    expect(plain.locator(f"{FIGURE} button[data-act]:visible")).to_have_count(0)


def test_the_embed_code_and_the_citation_can_be_copied(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/?series=safety")
    for summary, start in (("Embed", "<iframe src="), ("Cite", "AGI Index (")):
        tool = desk.locator(f"{FIGURE} details.tool", has_text=summary).first
        tool.locator("summary").click()
        tool.locator("button[data-act=copy]").first.click()
        expect(desk.locator(f"{FIGURE} .state")).to_have_text("Copied.")
        copied = desk.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(start) and "series=safety" in copied


def test_escape_goes_back_to_the_picture(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    desk.locator(f"{FIGURE} .chart-box").focus()
    desk.wait_for_selector(LIVE)
    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("Escape")
    expect(desk.locator(f"{FIGURE} .chart-box > svg.wide")).to_be_visible()
    expect(desk.locator(LIVE)).to_have_count(0)
    expect(desk.locator(f"{FIGURE} .chart-box")).to_be_focused()


def test_a_chart_fills_the_screen_and_comes_back(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    button = desk.locator(f"{FIGURE} button[data-act=fullscreen]")
    button.click()
    expect(desk.locator(":fullscreen")).to_have_attribute("data-chart", "frontier")
    button.click()
    expect(desk.locator(":fullscreen")).to_have_count(0)


def test_it_saves_the_chart_as_a_png_with_ink_in_its_title(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/zh-hant/")
    with desk.expect_download() as download:
        desk.locator(f"{FIGURE} .files a", has_text="PNG").click()
    with open(download.value.path(), "rb") as file:
        picture = decoded(file.read())
    assert picture.width == 2 * (960 + 32) and picture.height > 900
    assert picture.ink(30, 16, 900, 72) > 1500
    assert download.value.suggested_filename == "frontier-capability.png"


def framed(page: Page, stranger: str) -> Frame:
    page.add_init_script(RECORD)
    page.goto(stranger)
    frame = page.frames[1]
    frame.wait_for_selector("figure")
    return frame


def test_another_site_shows_the_chart_in_a_frame(desk: Page, stranger: str) -> None:
    frame = framed(desk, stranger)
    expect(frame.locator("h1")).to_contain_text("Safety")
    expect(frame.locator(".embed-source")).to_contain_text("release")
    frame.locator(".chart-box").hover()
    frame.wait_for_selector(LIVE)
    assert frame.evaluate("window.violations") == []


def test_a_framed_chart_changes_in_place(desk: Page, stranger: str) -> None:
    frame = framed(desk, stranger)
    frame.locator(control("range", "1y")).click()
    expect(frame.locator(control("range", "1y"))).to_have_attribute("aria-current", "true")
    assert parse_qs(urlsplit(frame.evaluate("location.href")).query) == {
        "series": ["safety"], "range": ["1y"],
    }  # fmt: skip
    assert frame.evaluate("window.violations") == []


@pytest.mark.parametrize(("theme", "paper"), [("dark", "16, 20, 27"), ("light", "251, 249, 244")])
def test_a_frame_takes_the_theme_that_it_asks_for(
    desk: Page, live_site: str, theme: str, paper: str
) -> None:
    desk.emulate_media(color_scheme="light" if theme == "dark" else "dark")
    watch = opened(desk, f"{live_site}/embed/frontier?theme={theme}")
    assert desk.evaluate("getComputedStyle(document.body).backgroundColor") == f"rgb({paper})"
    desk.locator(".chart-box").hover()
    desk.wait_for_selector(LIVE)
    assert watch.violations() == []


@pytest.mark.parametrize("width", [320, 700])
def test_a_frame_needs_no_sideways_scroll(browser: Browser, live_site: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 700})
    opened(page, f"{live_site}/embed/frontier")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_a_page_names_its_preview_picture(desk: Page, live_site: str) -> None:
    opened(desk, f"{live_site}/systems/gpt-5/?as_of=2026-01-31")
    image = desk.locator('meta[property="og:image"]').get_attribute("content")
    assert image is not None and image.startswith("http")
    answer = desk.request.get(live_site + urlsplit(image).path + "?" + urlsplit(image).query)
    picture = decoded(answer.body())
    assert (picture.width, picture.height) == (1200, 630)
    assert picture.ink(48, 30, 1150, 100) > 500
