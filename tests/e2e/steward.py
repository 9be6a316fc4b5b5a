"""What a steward does in the admin: draft the next version, change a weight, publish."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.site import ADMIN, PASSWORD, Site

VERSIONS = "/admin/baskets/basketversion/"


def sign_in(page: Page, site: Site) -> None:
    """Sign in, and arrive at the basket versions."""
    page.goto(f"{site.address}{VERSIONS}")
    page.get_by_label("User name or e-mail").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="AGI Index, version 3")).to_be_visible()


def draft_next_version(page: Page) -> None:
    """Copy the newest version by the action of the list; its page opens."""
    row = page.locator("#result_list tbody tr").filter(has_text="version 3")
    row.locator("input.action-select").check()
    page.locator("select[name=action]").select_option(label="Draft the next version")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator("#id_number")).to_have_value("4")


def change_weight(page: Page, *, eval_name: str, weight: str, effective_on: str) -> None:
    """Give one eval of the draft another weight, and the draft its date."""
    page.locator("#id_effective_on").fill(effective_on)
    row = page.locator("#weights-group tr.has_original").filter(has_text=eval_name)
    row.locator("input[name$='-weight']").fill(weight)
    page.locator("input[name=_continue]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(row.locator("input[name$='-weight']")).to_have_value(weight)


def publish(page: Page, *, rationale: str) -> None:
    """Propose the draft whose page is open, approve it alone, and wait for the sweep to publish."""
    page.get_by_role("link", name="Propose", exact=True).click()
    page.get_by_label("Rationale").fill(rationale)
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("is now proposed")
    page.get_by_role("link", name="Approve", exact=True).click()
    expect(page.get_by_label("Schedule it at once")).to_be_checked()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("is now scheduled")
    expect(page.locator("input[name$='-weight']")).not_to_have_count(0)
