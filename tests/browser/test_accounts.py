"""A person's whole way with an account, in a real browser, with mail that really comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from indexsite import embedded
from tests import databases, sites
from tests.accounts.people import app_code
from tests.browser.accessibility import faults
from tests.browser.pages import opened
from tests.browser.test_pages import STANDING_OUT
from tests.e2e.postbox import Postbox, links_of, postbox

PASSWORD = "a long word for tests 7"
ENTRY = ["login/", "signup/", "password/reset/", "confirm-email/", "password/reset/key/1-x/"]
OWN = ["", "email/", "password/change/", "2fa/", "sessions/", "2fa/recovery-codes/", "delete/"]
PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def box() -> Iterator[Postbox]:
    with postbox() as found:
        yield found


@pytest.fixture(scope="module")
def site(
    django_db_setup: None, urls: embedded.Urls, static_files: Path, box: Postbox
) -> Iterator[str]:
    clone = databases.clone(urls, "agi_accounts", databases.TEMPLATE)
    # Attempts are counted in Redis: not among those of other tests.
    redis = urlunsplit(urlsplit(urls.redis)._replace(path="/8"))
    with sites.web(replace(clone, redis=redis), static_files, EMAIL_URL=box.url) as address:
        yield address.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def own(browser: Browser, site: str, box: Postbox) -> Iterator[BrowserContext]:
    """A phone without scripts, in which somebody has made an account, confirmed and protected."""
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    _sign_up(page, site, box)
    _sign_in(page, site)
    yield context
    context.close()


def _sign_up(page: Page, site: str, box: Postbox) -> None:
    page.goto(f"{site}/accounts/login/")
    page.get_by_role("link", name="Make one").click()
    page.get_by_label("Email").fill("grace@lab.example")
    page.get_by_label("Username").fill("grace")
    page.get_by_label("Password").fill(PASSWORD)
    # The Enter key is enough.
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("heading", name="A mail is on its way")).to_be_visible()
    mail = box.wait_for(1, seconds=10)
    assert mail["To"] == "grace@lab.example" and mail.get_body(("html",)) is not None
    page.goto(links_of(mail)[0])
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def _sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/login/?next=/accounts/2fa/")
    page.get_by_label("User name or e-mail").fill("grace@lab.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{site}/accounts/2fa/")


def _is_it_you(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def test_the_whole_way_needs_no_script_and_no_wide_page(
    own: BrowserContext, browser: Browser, site: str, box: Postbox
) -> None:
    page = own.pages[0]
    page.get_by_role("link", name="Set it up").click()
    _is_it_you(page)
    secret = page.locator("#secret").inner_text()
    picture = page.get_by_role("img", name=re.compile("as a picture"))
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
    page.get_by_label("code").fill(app_code(secret))
    page.get_by_role("button", name="Switch it on").click()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("button", name="Sign out").click()

    _sign_in_again(page, site, codes[0])
    elsewhere = browser.new_context(java_script_enabled=False)
    other = elsewhere.new_page()
    _sign_in_again(other, site, codes[1])
    assert "New sign-in to your account" in [mail["Subject"] for mail in box.mails]
    _ends_the_other(page, other, site)
    elsewhere.close()


def _sign_in_again(page: Page, site: str, code: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("User name or e-mail").fill("grace")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="grace")).to_be_visible()


def _ends_the_other(page: Page, other: Page, site: str) -> None:
    page.goto(f"{site}/accounts/sessions/")
    rows = page.locator("#sessions tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("(this one)")
    rows.nth(1).get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("That session was signed out.")).to_be_visible()
    other.goto(f"{site}/accounts/")
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{site}/accounts/")
    expect(page.get_by_role("heading", name="grace")).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_and_no_policy_is_broken(
    own: BrowserContext, browser: Browser, site: str, colours: str
) -> None:
    known = own.storage_state()
    # The colours are those of the whole site; one page of each kind is enough in the dark.
    most = None if colours == "light" else 1
    for paths, state in ((ENTRY[:most], None), (OWN[:most], known)):
        context = browser.new_context(storage_state=state, viewport=PHONE, color_scheme=colours)  # type: ignore[arg-type]
        for path in paths:
            page = context.new_page()
            watch = opened(page, f"{site}/accounts/{path}")
            assert state is None or "/login/" not in page.url
            assert faults(page) == [], path
            assert page.evaluate(STANDING_OUT) == [], path
            assert watch.violations() == [] and watch.errors == [], path
            page.close()
        context.close()
