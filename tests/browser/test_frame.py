"""What stands around every page: the first view, the menu, the date, the notice, the paper."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from baskets.services import recomputes
from baskets.services.recomputes import run_due
from indexsite import embedded
from tests import databases, sites
from tests.browser.pages import opened

SIZES = [(1440, 900), (1280, 720), (360, 740)]
CLONE = "agi_newer"


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=request.param
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_tells_its_story_in_the_first_view(
    browser: Browser, live_site: str, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(live_site + "/")
    parts = [".tile .value", ".tile .change", ".strip .value", ".strip-note a"]
    for place in [page.locator(part).last for part in parts]:
        box = place.bounding_box()
        assert box is not None and box["y"] + box["height"] < height
    title = page.locator("#frontier h2").bounding_box()
    assert title is not None and title["y"] + title["height"] < height
    page.close()


def test_its_menu_opens_and_leads_on_a_phone(phone: Page, live_site: str) -> None:
    phone.goto(live_site + "/")
    menu = phone.locator("#main-nav")
    expect(menu).to_be_hidden()
    phone.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    phone.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    phone.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Releases").click()
    expect(phone.locator("h1")).to_have_text("Releases")


def test_it_shows_the_same_page_on_a_past_date(phone: Page, live_site: str) -> None:
    phone.goto(live_site + "/systems/gpt-5/?series=safety")
    phone.get_by_label("Read this page as it was known on").fill("2025-09-15")
    phone.locator(".past-date button").click()
    phone.wait_for_url("**as_of=2025-09-15")
    assert "/systems/gpt-5/?series=safety" in phone.url
    expect(phone.locator(".vintage-day")).to_have_text("As known on 15 September 2025")
    phone.get_by_role("link", name="Back to what is known now").click()
    assert phone.url.endswith("/systems/gpt-5/?series=safety")


@pytest.fixture
def newer_site(
    catalog_template: str,
    urls: embedded.Urls,
    static_files: Path,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[str]:
    """A site of its own, on a database that a test may add a release to."""
    live = databases.clone(urls, CLONE, catalog_template)
    with (
        sites.web(live, static_files) as address,
        django_db_blocker.unblock(),
        databases.connected_to(CLONE),
    ):
        yield address


def make_release() -> None:
    """What the worker does when results have come."""
    from baskets.models import Basket

    basket = Basket.objects.get(slug="agi")
    recomputes.request_release(basket, cause="Asked for", due_at=timezone.now())
    assert run_due(basket.pk) is not None


def test_an_open_page_says_so_when_a_release_appears(desk: Page, newer_site: str) -> None:
    desk.clock.install(time=dt.datetime.now())
    watch = opened(desk, newer_site + "/?series=safety")
    note = desk.locator("#newer")
    desk.clock.run_for(61_000)
    expect(note).to_be_empty()
    make_release()
    desk.clock.run_for(61_000)
    expect(note).to_contain_text("has appeared since you opened this page")
    number = re.search(r"Release (\d+) has", note.inner_text())
    assert number is not None
    assert desk.url.endswith("/?series=safety")
    note.get_by_role("link").click()
    expect(desk.locator(".eyebrow").first).to_contain_text(f"Release {number[1]}")
    expect(note).to_be_empty()
    assert watch.violations() == [] and watch.errors == []


def test_a_release_is_a_bulletin_on_paper(desk: Page, live_site: str) -> None:
    desk.goto(live_site + "/releases/2/")
    pages = len(re.findall(rb"/Type\s*/Page\b", desk.pdf(format="A4", prefer_css_page_size=True)))
    assert 2 <= pages <= 9
    desk.emulate_media(media="print")
    desk.set_viewport_size({"width": 673, "height": 952})
    for gone in (".nav", ".menu", ".jump", ".search-box", ".past-date", ".languages"):
        expect(desk.locator(gone)).to_be_hidden()
    expect(desk.locator("#series thead")).to_be_visible()
    assert desk.evaluate("document.documentElement.scrollWidth") <= 673
