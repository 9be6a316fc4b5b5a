"""What stewards do in the admin: draft the next version, change a weight, propose, approve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.e2e.site import ADMIN, AUTHOR, PASSWORD, Site

VERSIONS = "/admin/baskets/basketversion/"
# Milliseconds: a proposal is computed by the engine first, twice.
ENGINE = 30_000
# The worker may be faster than the page.
SCHEDULED = re.compile("is now (scheduled|published)")


@contextmanager
def somebody_else(page: Page) -> Iterator[Page]:
    """A page in a browser of another person's."""
    assert page.context.browser is not None
    context = page.context.browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def sign_in(page: Page, site: Site, name: str = AUTHOR) -> None:
    """Sign in, and arrive at the basket versions."""
    page.goto(f"{site.address}{VERSIONS}")
    page.get_by_label("User name or e-mail").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="AGI Index, version 3")).to_be_visible()


def draft_next_version(page: Page) -> None:
    """Copy the newest version by the action of the list; its page opens."""
    row = page.locator("#result_list tbody tr").filter(has_text="version 3")
    row.locator("input.action-select").check()
    page.locator("select[name=action]").select_option(label="Draft the next version")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator("#content > h2")).to_have_text("AGI Index, version 4")


def change_weight(page: Page, *, eval_name: str, weight: str, effective_on: str) -> None:
    """Give one eval of the draft another weight, and the draft its date."""
    page.locator("#id_effective_on").fill(effective_on)
    # Systems released since a date that is past may lose their status; the proposal asks why.
    page.locator("#id_lost_status_reason").fill("They are measured on the new weights.")
    row = page.locator("#weights-group tr.has_original").filter(has_text=eval_name)
    row.locator("input[name$='-weight']").fill(weight)
    page.locator("input[name=_continue]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(row.locator("input[name$='-weight']")).to_have_value(weight)


def meet_another_edit(page: Page, site: Site, *, eval_name: str, weight: str) -> None:
    """A second person saves the draft from a page that was opened before: both are shown.

    `page` must have been saved once since the draft was made.
    """
    with somebody_else(page) as other:
        sign_in(other, site, ADMIN)
        other.goto(page.url)
        other.locator("#id_began_from").evaluate("field => field.value = '0'")
        row = other.locator("#weights-group tr.has_original").filter(has_text=eval_name)
        stored = row.locator("input[name$='-weight']").input_value()
        row.locator("input[name$='-weight']").fill(weight)
        other.locator("input[name=_continue]").click()
        told = other.locator("#conflict tbody tr")
        expect(told).to_have_count(1)
        expect(told).to_contain_text(eval_name)
        expect(told.locator("td")).to_have_text(["Weight", stored, weight])


def propose(page: Page, site: Site, *, rationale: str) -> None:
    """Propose the draft whose page is open; its author cannot approve it, and a reader sees it."""
    page.get_by_role("link", name="Propose", exact=True).click()
    page.get_by_label("Rationale").fill(rationale)
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("is now proposed", timeout=ENGINE)
    expect(page.get_by_role("link", name="Approve", exact=True)).to_have_count(0)
    with somebody_else(page) as stranger:
        stranger.goto(f"{site.address}/baskets/agi/")
        expect(stranger.locator("#proposal-4")).to_contain_text(rationale)
        stranger.goto(page.url)
        expect(stranger.get_by_role("button", name="Sign in")).to_be_visible()


def approve(page: Page, site: Site) -> None:
    """A second person approves the version that is open, for its date, which has come."""
    with somebody_else(page) as other:
        sign_in(other, site, ADMIN)
        other.goto(page.url)
        other.get_by_role("link", name="Approve", exact=True).click()
        expect(other.get_by_label("Schedule it at once")).to_be_checked()
        other.get_by_role("button", name="Approve", exact=True).click()
        expect(other.locator(".messagelist")).to_contain_text(SCHEDULED, timeout=ENGINE)


def see_history(page: Page, site: Site) -> None:
    """Readers see who proposed and who approved, and the author finds nothing left to edit."""
    page.reload()
    expect(page.locator("input[name$='-weight']")).to_have_count(0)
    page.goto(f"{site.address}/baskets/agi/history/")
    steps = page.locator("#version-4 table").first.locator("tbody td:nth-of-type(2)")
    expect(steps).to_have_text([AUTHOR, ADMIN, ADMIN, "the site itself"])
