"""The pages of imports in a real browser, signed in, under the site's own policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from accounts.models import User
from evals.models import Decision, HeldRow, ImportRun, Rejection, Score, Source, WaitingUpload
from tests import databases
from tests.browser.pages import opened
from tests.browser.test_pages import STANDING_OUT

NAME = "gpt-4o-as-somebody-else-writes-it-with-a-long-name"
FILE = "benchmark_of_somebody_else_with_a_long_name_results.jsonl"
NEW = [f"names/new/system/?name={NAME}", "names/new/eval/?name=gpqa-diamond"]
ROOMS = ["", "upload/", "names/", *NEW, "holds/", "feeds/", "feeds/new/", "tokens/"]


@pytest.fixture(scope="module")
def session(live_site: str, django_db_blocker: DjangoDbBlocker) -> str:
    """The session of a signed-in administrator, with something in every queue."""
    with django_db_blocker.unblock(), databases.connected_to("agi_live"):
        user, _created = User.objects.get_or_create(username="browser", is_superuser=True)
        store = SessionStore()
        store[SESSION_KEY] = str(user.pk)
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.create()
        _fill(user)
        return str(store.session_key)


def _fill(user: User) -> None:
    source, _created = Source.objects.get_or_create(slug="lab", defaults={"name": "A laboratory"})
    run = ImportRun.objects.create(
        source=source, name=FILE, state="done", read=3, held=2, rejected=1
    )
    Rejection.objects.create(import_run=run, line=3, reason="line 3: no", raw="x" * 500)
    HeldRow.objects.create(
        import_run=run,
        line=1,
        system_name=NAME,
        eval_name="gpqa-diamond",
        record={"system": NAME, "value": 5.0, "observed_on": "2026-01-01"},
        reason="line 1: no alias knows it",
        content_hash=f"browser-{run.pk}",
    )
    score = Score.objects.latest("pk")
    Decision.objects.create(score=score, status="held", reason="expectation: far off")
    WaitingUpload.objects.create(name="t.csv", source="lab", by=user, file="t.csv")


def signed_in(browser: Browser, live_site: str, session: str, *, width: int) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800})
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_site}
    context.add_cookies([cookie])  # type: ignore[list-item]
    return context.new_page()


@pytest.fixture
def desk(browser: Browser, live_site: str, session: str) -> Iterator[Page]:
    page = signed_in(browser, live_site, session, width=1280)
    yield page
    page.context.close()


@pytest.fixture
def phone(browser: Browser, live_site: str, session: str) -> Iterator[Page]:
    page = signed_in(browser, live_site, session, width=360)
    yield page
    page.context.close()


@pytest.mark.parametrize("room", [*ROOMS, "1/", "1/withdraw/"])
def test_it_breaks_no_policy_and_logs_no_error(desk: Page, live_site: str, room: str) -> None:
    watch = opened(desk, f"{live_site}/imports/{room}")
    assert watch.violations() == [] and watch.errors == []


@pytest.mark.parametrize("room", [*ROOMS, "1/"])
def test_it_needs_no_sideways_scroll_on_a_phone(phone: Page, live_site: str, room: str) -> None:
    opened(phone, f"{live_site}/imports/{room}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert phone.evaluate(STANDING_OUT) == []


def test_a_long_name_of_a_file_needs_no_sideways_scroll(
    phone: Page, live_site: str, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), databases.connected_to("agi_live"):
        run = ImportRun.objects.get(name=FILE)
    opened(phone, f"{live_site}/imports/{run.pk}/")
    expect(phone.locator("h1")).to_contain_text(FILE)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("room", ROOMS)
def test_every_field_has_a_label(desk: Page, live_site: str, room: str) -> None:
    opened(desk, f"{live_site}/imports/{room}")
    nameless = """[...document.querySelectorAll("main input, main select, main textarea")]
        .filter((e) => e.type !== "hidden" && !e.labels.length && !e.ariaLabel)
        .map((e) => e.outerHTML)"""
    assert desk.evaluate(nameless) == []


def test_a_name_is_decided_by_the_keyboard_alone(desk: Page, live_site: str) -> None:
    opened(desk, f"{live_site}/imports/names/")
    desk.locator("input[name=verdict]").first.focus()
    desk.keyboard.press("Space")
    expect(desk.locator("input[name=verdict]").first).to_be_checked()
    desk.keyboard.press("ArrowDown")
    expect(desk.locator("input[name=verdict]").nth(1)).to_be_checked()


def test_it_follows_a_run_without_a_reload(
    desk: Page, live_site: str, session: str, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), databases.connected_to("agi_live"):
        source = Source.objects.get(slug="lab")
        later = datetime(2100, 1, 1, tzinfo=UTC)
        run = ImportRun.objects.create(
            source=source, name="long.csv", state="running", records_done=10, lease_until=later
        )
    opened(desk, f"{live_site}/imports/{run.pk}/")
    expect(desk.locator("#run")).to_contain_text("10 rows read so far")
    with django_db_blocker.unblock(), databases.connected_to("agi_live"):
        ImportRun.objects.filter(pk=run.pk).update(state="done", read=30, duplicate=30)
    expect(desk.locator("#run")).to_contain_text("30 rows read, 0 of them new", timeout=10_000)
    expect(desk.locator("[data-live]")).to_have_count(0)


def test_it_shows_progress_without_scripts(browser: Browser, live_site: str, session: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_site}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"{live_site}/imports/")
    expect(page.locator("#runs")).to_contain_text("results.jsonl")
    context.close()
