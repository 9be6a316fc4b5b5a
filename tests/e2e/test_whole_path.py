"""A result comes in, moves the frontier and is told of once; then the yardstick changes quietly."""

from __future__ import annotations

import re
import urllib.request
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e import steward
from tests.e2e.postbox import Postbox, links_of, text_of
from tests.e2e.results import NAME, SCORES, SLUG, stronger_results
from tests.e2e.site import Site, eventually

DRIVER = re.compile(r"^  ([+−])([0-9.]+)  (.+)$", re.MULTILINE)
PATIENCE = 40.0


def test_a_result_reaches_page_and_mail_and_new_weights_reach_the_page_alone(
    site: Site, page: Page, box: Postbox, tmp_path: Path
) -> None:
    subscribe(page, site)
    confirm(page, box.wait_for(1, seconds=PATIENCE))
    before, release = leader(site), site.index()["release"]
    import_results(site, stronger_results(tmp_path / "results"))
    lose_the_worker(site, release)
    see_frontier(page, site)
    mail = box.wait_for(2, seconds=PATIENCE)
    # Against the former leader as the same release measures it.
    check_mail(mail, move=leader(site)[1] - value_of(site, before[0])[1])
    check_links(mail)
    old = value_of(site, SLUG)
    change_weights(page, site, old)
    assert len(box.mails) == 2


def change_weights(page: Page, site: Site, old: tuple[int, float]) -> None:
    """A version goes from draft to published through two people and the sweep."""
    steward.sign_in(page, site)
    steward.draft_next_version(page)
    steward.change_weight(page, eval_name="ARC-AGI-2", weight="0.2", effective_on="2026-03-06")
    steward.meet_another_edit(page, site, eval_name="ARC-AGI-2", weight="0.3")
    steward.propose(page, site, rationale="Novel reasoning counts for more: a new weight's test.")
    draft = page.url
    steward.approve(page, site)
    see_new_version(page, site, old)
    page.goto(draft)
    steward.see_history(page, site)


def subscribe(page: Page, site: Site) -> None:
    """Ask for mail about the capability index, from a move of 5 points."""
    page.goto(f"{site.address}/alerts/")
    page.get_by_label("E-mail address").fill("reader@example.org")
    page.get_by_label("Capability index").check()
    page.get_by_label("Smallest move, in points").fill("5")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.locator("main").get_by_role("status")).to_contain_text("on its way")


def confirm(page: Page, mail: EmailMessage) -> None:
    """Follow the mail's link and press the button."""
    assert mail["To"] == "reader@example.org"
    (link,) = [link for link in links_of(mail) if "/alerts/confirm/" in link]
    page.goto(link)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are subscribed")


def import_results(site: Site, folder: Path) -> None:
    """Import as an operator does; every row is taken."""
    last = site.manage("import_results", str(folder)).splitlines()[-1]
    count = len(SCORES)
    assert last == f"read={count} accepted={count} duplicate=0 held=0 rejected=0"


def lose_the_worker(site: Site, release: int) -> None:
    """Kill the worker while it holds the message about the next release, and start another one.

    Redis gives such a message out again after an hour: only the sweep can find the work before.
    """
    assert eventually(lambda: site.in_hand("baskets.tasks.run_due"), seconds=4)
    site.kill_worker()
    assert site.index()["release"] == release
    assert NAME not in site.page("/")
    site.start_worker()


def see_frontier(page: Page, site: Site) -> None:
    """The front page names the new system as the capability frontier."""
    assert eventually(lambda: leader(site)[0] == SLUG, seconds=PATIENCE)
    page.goto(f"{site.address}/")
    expect(page.locator(".tile.capability").get_by_role("link")).to_have_text(NAME)
    expect(page.locator(".tile.capability .change")).to_contain_text("▲")


def check_mail(mail: EmailMessage, *, move: float) -> None:
    """The mail names the system, its move and the three largest contributions, largest first."""
    assert mail["Subject"] == f"{NAME} moved the capability index up {move:.1f} points"
    drivers = DRIVER.findall(text_of(mail))
    sizes = [float(size) for _sign, size, _name in drivers]
    assert len(sizes) == 3
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] > 0


def check_links(mail: EmailMessage) -> None:
    """Event, release and unsubscribe: every address in the mail answers."""
    links = links_of(mail)
    assert any("/alerts/events/" in link for link in links)
    assert len(links) >= 3
    for link in links:
        with urllib.request.urlopen(link, timeout=10) as answer:
            assert answer.status == 200


def see_new_version(page: Page, site: Site, old: tuple[int, float]) -> None:
    """The newer system stands on version 4 at another value, the release is listed and examined."""
    assert old[0] == 3
    assert eventually(lambda: value_of(site, SLUG)[0] == 4, seconds=PATIENCE)
    assert abs(value_of(site, SLUG)[1] - old[1]) > 0.1
    page.goto(f"{site.address}/releases/")
    expect(page.locator("main")).to_contain_text("Basket version 4 published")
    release = site.index()["release"]
    assert eventually(lambda: site.outcome(release) == "remeasured", seconds=PATIENCE)


def leader(site: Site) -> tuple[str, float]:
    """The official system with the highest capability value, and the value in index points."""
    points = [p for p in site.index()["points"] if p["series"] == "capability" and p["official"]]
    first = max(points, key=lambda point: float(point["value"]))
    return first["system"], first["value"]


def value_of(site: Site, system: str) -> tuple[int, float]:
    """The basket version that a system's capability value stands on, and the value."""
    (point,) = [
        p for p in site.index()["points"] if (p["system"], p["series"]) == (system, "capability")
    ]
    return point["basket_version"], point["value"]
