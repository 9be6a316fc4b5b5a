"""A reader's own basket in a browser: saved through signing in, waited for, shown to others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from baskets.models import OwnWork
from baskets.services import own_releases
from indexsite import embedded
from tests import databases, sites
from tests.accounts.people import PASSWORD, make
from tests.browser.accessibility import faults
from tests.browser.pages import Watch, opened

DATABASE = "agi_own"


@pytest.fixture(scope="module")
def site(
    catalog_template: str,
    urls: embedded.Urls,
    static_files: Path,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[str]:
    clone = databases.clone(urls, DATABASE, catalog_template)
    with django_db_blocker.unblock(), databases.connected_to(DATABASE):
        make()
    with sites.web(clone, static_files) as address:
        yield address.replace("127.0.0.1", "localhost")


@pytest.fixture
def worker(site: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test does the work of a worker, when it says so."""
    with django_db_blocker.unblock(), databases.connected_to(DATABASE):
        yield


def sign_in(page: Page) -> None:
    page.get_by_label("User name or e-mail").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def well(watch: Watch) -> None:
    """Nothing is wrong with the page as it stands."""
    assert faults(watch.page) == []
    assert (watch.violations(), watch.errors) == ([], [])


def test_weights_are_saved_through_signing_in_and_the_wait_ends_by_itself(
    browser: Browser, site: str, worker: None
) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    watch = opened(page, f"{site}/baskets/agi/what-if/?d.capability=60")
    page.get_by_role("link", name="Save these weights as your own basket").click()
    sign_in(page)
    expect(page).to_have_url(re.compile(r"/own/new/\?basket=agi&d\.capability=60$"))
    well(watch)
    page.get_by_label("Name of your basket").fill("More capability")
    page.get_by_role("button", name="Save as a new basket").click()
    expect(page.get_by_role("heading", name="Own basket “More capability”")).to_be_visible()
    well(watch)
    assert own_releases.run_due(budget=0) == 1
    OwnWork.objects.all().delete()
    expect(page.get_by_text("All releases are there.")).to_be_visible(timeout=15000)
    page.get_by_role("link", name="Show them").click()
    expect(page.locator(".finding")).to_contain_text("under these weights")
    shared = page.url
    for name in ("Is it yours?", "Your own baskets"):
        page.get_by_role("link", name=re.compile(re.escape(name))).first.click()
        well(watch)
    stranger = browser.new_context(java_script_enabled=False).new_page()
    stranger.goto(shared)
    expect(stranger.locator(".finding")).to_contain_text("under these weights")
    for each in (page, stranger):
        each.context.close()
