"""Weighing a draft in a browser: by keyboard, beside a preview, by two stewards at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from accounts.models import User
from baskets.models import BasketVersion
from baskets.services.drafting import draft_next
from indexsite import embedded
from tests import databases, sites
from tests.browser.accessibility import faults
from tests.browser.pages import opened

PEOPLE = {"ada": "steward", "cleo": "steward", "bob": "approver", "eve": "viewer"}
WHY = "Graduate science weighs more, because it still tells systems apart."
DATABASE = "agi_desk"


@pytest.fixture(scope="module")
def site(catalog_template: str, urls: embedded.Urls, static_files: Path) -> Iterator[str]:
    with sites.web(databases.clone(urls, DATABASE, catalog_template), static_files) as address:
        yield address


@pytest.fixture(scope="module")
def keys(site: str, django_db_blocker: DjangoDbBlocker) -> dict[str, str]:
    """Everybody's session, and the addresses of two drafts by Ada."""
    found = {}
    with django_db_blocker.unblock(), databases.connected_to(DATABASE):
        for name, role in PEOPLE.items():
            user = User.objects.create(username=name, is_staff=True)
            user.groups.add(Group.objects.get(name=role))
            found[name] = session_of(user)
        newest = BasketVersion.objects.filter(published_at__isnull=False).latest("number")
        for name in ("draft", "proposal"):
            draft = draft_next(newest, by=User.objects.get(username="ada"))
            day = newest.effective_on + dt.timedelta(days=1)
            BasketVersion.objects.filter(pk=draft.pk).update(effective_on=day)
            found[name] = f"/admin/baskets/basketversion/{draft.pk}/"
    return found


def session_of(user: User) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def page_of(browser: Browser, site: str, session: str, *, width: int = 1440) -> Page:
    scheme = "dark" if width < 1000 else "light"
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme  # type: ignore[arg-type]
    )  # fmt: skip
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}
    context.add_cookies([cookie])  # type: ignore[list-item]
    return context.new_page()


def test_two_stewards_weigh_by_keyboard_at_once(
    browser: Browser, site: str, keys: dict[str, str]
) -> None:
    ada, cleo = (page_of(browser, site, keys[name]) for name in ("ada", "cleo"))
    watch = opened(ada, f"{site}{keys['draft']}weigh/")
    cleo.goto(f"{site}{keys['draft']}weigh/")
    results, safety = ada.locator("#results"), ada.get_by_label("Safety together, %", exact=True)
    before, other = results.inner_text(), safety.input_value()
    ada.get_by_label("Capability together, %, slider").focus()
    for _ in range(4):
        ada.keyboard.press("ArrowRight")
    expect(ada.locator("#said")).to_have_text("The preview is up to date.", timeout=20000)
    assert results.inner_text() != before and safety.input_value() != other
    ada.get_by_role("button", name="Save").first.press("Enter")
    expect(ada.locator(".messagelist")).to_contain_text("Saved.", timeout=20000)
    cleo.get_by_role("button", name="Save").first.press("Enter")
    expect(cleo.locator("#conflict tbody tr").first).to_be_visible(timeout=20000)
    assert (watch.violations(), faults(ada)) == ([], [])
    ada.context.close()
    cleo.context.close()


def test_a_second_person_approves_and_a_stranger_sees_nothing(
    browser: Browser, site: str, keys: dict[str, str]
) -> None:
    ada, bob, eve = (page_of(browser, site, keys[name]) for name in ("ada", "bob", "eve"))
    ada.goto(f"{site}{keys['proposal']}weigh/")
    ada.get_by_label("Rationale", exact=True).fill(WHY)
    ada.locator("#evals-safety > summary").press("Enter")
    ada.get_by_role("button", name="Save").first.press("Enter")
    expect(ada.locator(".messagelist")).to_contain_text("Saved.", timeout=20000)
    expect(ada.locator("#evals-safety")).to_have_attribute("open", "")
    ada.get_by_role("link", name="Propose what is saved").press("Enter")
    ada.get_by_role("button", name="Propose").press("Enter")
    expect(ada.locator(".messagelist")).to_be_visible(timeout=30000)
    bob.goto(f"{site}{keys['proposal']}approve/")
    bob.get_by_role("button", name="Approve").press("Enter")
    expect(bob.locator(".messagelist")).to_be_visible(timeout=30000)
    answer = eve.goto(f"{site}{keys['proposal']}weigh/")
    assert answer is not None and answer.status == 403
    for page in (ada, bob, eve):
        page.context.close()


@pytest.mark.parametrize("width", [360, 1440])
def test_the_pages_hold_at_every_width(
    browser: Browser, site: str, keys: dict[str, str], width: int
) -> None:
    page = page_of(browser, site, keys["ada"], width=width)
    rooms = [f"{keys['draft']}weigh/", f"{keys['draft']}propose/",
             "/admin/baskets/basketversion/watch/", "/baskets/agi/challenges/",
             "/baskets/agi/challenges/hle/"]  # fmt: skip
    found = {}
    for room in rooms:
        watch = opened(page, site + room)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, room
        assert watch.violations() == [], room
        found[room] = faults(page)
    assert not any(found.values()), found
    page.context.close()
