"""Every control of every public page: what it does to the page and to its address."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.pages import opened

FOLDED = [
    "/",
    "/generations/",
    "/systems/gpt-5/",
    "/evals/gpqa-diamond/",
    "/baskets/agi/",
    "/releases/18/",
    "/methodology/",
    "/compare/?systems=gpt-5,claude-opus-4.7",
    "/stability/",
    "/saturation/",
    "/data/",
    "/embed/frontier",
]
# Of each chart: where it is, a control and a value of it.
CHOICES = [
    ("/", "frontier", "developers", "google"),
    ("/generations/", "generations", "series", "safety"),
    ("/generations/", "generations", "scale", "log"),
    ("/evals/gpqa-diamond/", "eval-history", "range", "1y"),
    ("/evals/metr-time-horizon-50/", "eval-history", "scale", "linear"),
    ("/compare/", "pareto", "against", "alignment"),
    ("/saturation/", "saturation", "domain", "safety"),
    ("/releases/18/", "frontier-change", "series", "safety"),
]
FOLDS = "main details:visible > summary"


def at_desk(browser: Browser, *, scripts: bool) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, java_script_enabled=scripts
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    yield from at_desk(browser, scripts=True)


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    yield from at_desk(browser, scripts=False)


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def either(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    yield from at_desk(browser, scripts=request.param)


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def go(link: Locator) -> None:
    """Follow a link that stands once on the page."""
    expect(link).to_have_count(1)
    link.click()


def test_every_fold_opens_by_the_keyboard(desk: Page, live_site: str) -> None:
    for address in FOLDED:
        watch = opened(desk, live_site + address)
        folds = desk.locator(FOLDS)
        assert folds.count() > 0, address
        for number in range(min(folds.count(), 2)):
            fold = folds.nth(number)
            was = fold.evaluate("(summary) => summary.parentElement.open")
            fold.press("Enter")
            assert fold.evaluate("(summary) => summary.parentElement.open") is not was, address
            fold.press("Enter")
        assert watch.errors == [], address


def test_every_control_of_a_chart_changes_it(either: Page, live_site: str) -> None:
    for address, chart, name, value in CHOICES:
        either.goto(live_site + address)
        figure = either.locator(f"figure[data-chart={chart}]")
        before = figure.locator(".chart-box > svg.wide").inner_html()
        link = figure.locator(f'a[data-control="{name}"][data-value="{value}"]')
        go(link)
        expect(link).to_have_attribute("aria-current", "true")
        assert query(either)[name] == [value]
        assert figure.locator(".chart-box > svg.wide").inner_html() != before, (address, name)


def test_a_system_is_brought_out_of_the_frontier_by_its_name(either: Page, live_site: str) -> None:
    either.goto(live_site + "/?series=safety&developers=google")
    figure = either.locator("figure[data-chart=frontier]")
    field = figure.get_by_label("Highlight", exact=True)
    field.fill("gpt-5")
    field.press("Enter")
    chips = figure.locator(".chips a")
    expect(chips.first).to_contain_text("GPT-5")
    expect(figure.locator("figcaption")).to_contain_text("In colour: Google, GPT-5")
    chips.first.click()
    expect(chips).to_have_count(1)
    assert query(either) == {"series": ["safety"], "developers": ["google"]}
    go(figure.get_by_role("link", name="Clear highlights"))
    expect(chips).to_have_count(0)


def test_a_zoomed_chart_can_be_reset(desk: Page, live_site: str) -> None:
    opened(desk, live_site + "/")
    figure = desk.locator("figure[data-chart=frontier]")
    figure.locator(".chart-box").hover()
    drag = figure.locator(".chart-live .nsewdrag").first
    drag.wait_for()
    reset = figure.locator("button[data-act=reset]")
    expect(reset).to_be_hidden()
    box = drag.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    desk.mouse.move(x, y)
    desk.mouse.down()
    desk.mouse.move(x + 150, y + 90, steps=4)
    desk.mouse.up()
    expect(reset).to_be_visible()
    reset.click()
    expect(reset).to_be_hidden()
    figure.locator(".chart-live .nsewdrag").first.wait_for()


def test_the_files_and_links_of_a_chart_lead_to_what_they_say(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/?series=safety")
    figure = plain.locator("figure[data-chart=frontier]")
    kinds = {"PNG": "image/png", "SVG": "image/svg+xml", "CSV": "text/csv",
             "JSON": "application/json", "Metadata": "application/json"}  # fmt: skip
    for label, kind in kinds.items():
        link = figure.locator(".files a").get_by_text(label, exact=True)
        address = link.get_attribute("href")
        assert address is not None and "series=safety" in address
        answer = plain.request.get(live_site + address)
        assert answer.headers["content-type"].startswith(kind), label
    figure.locator("summary", has_text="Embed").click()
    go(figure.get_by_role("link", name="See it alone"))
    expect(plain.locator("h1")).to_contain_text("Safety")
    good = plain.get_by_role("link", name="This release for good").get_attribute("href")
    assert good is not None and re.search(r"release=\d+", good)
    assert plain.request.get(live_site + good).ok


def test_a_citation_in_bibtex_can_be_copied(desk: Page, live_site: str) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(desk, live_site + "/systems/gpt-5/")
    figure = desk.locator("figure[data-chart=system-profile]")
    figure.locator("summary", has_text="Cite").click()
    figure.locator("details.tool", has_text="BibTeX").locator("button[data-act=copy]").last.click()
    expect(figure.locator(".state")).to_have_text("Copied.")
    assert re.match(r"@misc\{agi-.*release-\d+,", desk.evaluate("navigator.clipboard.readText()"))


def test_a_past_date_keeps_what_was_chosen_of_the_chart(either: Page, live_site: str) -> None:
    either.goto(live_site + "/")
    for name, value in (("series", "safety"), ("range", "2y")):
        go(either.locator(f'#frontier a[data-control="{name}"][data-value="{value}"]'))
        expect(either.locator("#past-date input[type=hidden]").last).to_have_value(value)
    either.get_by_label("Read this page as it was known on").fill("2026-03-31")
    either.locator("#past-date button").click()
    either.wait_for_url("**as_of=2026-03-31")
    assert query(either) == {"series": ["safety"], "range": ["2y"], "as_of": ["2026-03-31"]}
    go(either.locator('#frontier a[data-control="series"][data-value="alignment"]'))
    leave = either.get_by_role("link", name="Back to what is known now")
    expect(leave).to_have_attribute("href", re.compile("series=alignment"))
    either.get_by_label("Another date").fill("2026-01-31")
    either.locator("#vintage button").click()
    either.wait_for_url("**as_of=2026-01-31")
    assert query(either)["series"] == ["alignment"]
    leave.click()
    assert query(either) == {"series": ["alignment"], "range": ["2y"]}


def test_the_list_of_systems_takes_every_filter(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/systems/")
    plain.get_by_label("Developer").select_option("anthropic")
    plain.get_by_role("button", name="Show", exact=True).first.click()
    plain.locator("#generation").select_option("Claude 4")
    plain.locator("#domain").select_option("capability")
    plain.locator("#status").select_option("official")
    plain.locator("#since").fill("2024-01-01")
    plain.locator("#until").fill("2026-12-31")
    plain.locator("#text").fill("claude")
    plain.get_by_role("button", name="Show", exact=True).first.click()
    asked = query(plain)
    assert set(asked) == {"q", "developer", "generation", "domain", "status", "since", "until",
                          "sort"}  # fmt: skip
    rows = plain.locator("tbody tr").count()
    address = plain.get_by_role("link", name="All of them as CSV").get_attribute("href")
    body = plain.request.get(live_site + str(address)).text()
    assert len(list(csv.reader(io.StringIO(body)))) == rows + 1 > 1


@pytest.mark.parametrize(("address", "column"), [("/systems/", "Safety"), ("/evals/", "Weight")])
def test_a_list_is_sorted_by_its_heads(
    plain: Page, live_site: str, address: str, column: str
) -> None:
    plain.goto(live_site + address)
    head = plain.locator("thead th", has=plain.get_by_role("link", name=column, exact=False)).first
    for order in ("descending", "ascending"):
        head.get_by_role("link").click()
        expect(head).to_have_attribute("aria-sort", order)
    first = plain.locator("tbody tr").first.inner_text()
    head.get_by_role("link").click()
    assert plain.locator("tbody tr").first.inner_text() != first


def test_the_list_of_evals_takes_every_filter(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/evals/")
    plain.locator("#domain").select_option("safety")
    plain.get_by_role("button", name="Show", exact=True).first.click()
    plain.locator("#subdomain").select_option(index=1)
    plain.locator("#lifecycle").select_option(index=1)
    plain.locator("#counted").select_option("yes")
    plain.locator("#sort").select_option("name")
    plain.get_by_role("button", name="Show", exact=True).first.click()
    assert {"domain", "subdomain", "lifecycle", "counted", "sort"} <= set(query(plain))
    expect(plain.locator("h1")).to_be_visible()
    go(plain.get_by_role("link", name=re.compile("^(Clear filters|Show all evals)$")))
    assert plain.url.endswith("/evals/")


def test_its_head_and_foot_lead_everywhere_and_keep_the_state(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/?as_of=2026-03-31")
    heads = plain.locator("#main-nav a").all_inner_texts()
    for name in [*heads[:-1], "AGI Index"]:
        plain.locator("header").get_by_role("link", name=name, exact=True).click()
        assert query(plain)["as_of"] == ["2026-03-31"]
        if name != "AGI Index":
            expect(plain.locator("#main-nav a[aria-current=page]")).to_have_text(name)
    links = plain.locator(".foot-links a")
    for number in range(links.count()):
        address = str(links.nth(number).get_attribute("href"))
        assert plain.request.get(live_site + address).ok, address
    plain.locator('.languages a[hreflang="zh-Hans"]').click()
    assert urlsplit(plain.url).path == "/zh-hans/" and query(plain)["as_of"] == ["2026-03-31"]
    plain.locator('.languages a[hreflang="en"]').click()
    assert urlsplit(plain.url).path == "/"


def test_a_release_leads_to_its_parts_neighbours_bundle_and_front_page(
    plain: Page, live_site: str
) -> None:
    plain.goto(live_site + "/releases/17/")
    for link in plain.locator(".jump a[href^='#']").all():
        assert plain.locator(str(link.get_attribute("href"))).count() == 1
    go(plain.locator(".jump a[rel=next]"))
    assert urlsplit(plain.url).path == "/releases/18/"
    go(plain.locator(".jump a[rel=prev]"))
    bundle = plain.get_by_role("link", name="download the bundle").get_attribute("href")
    assert plain.request.get(live_site + str(bundle)).json()["problem"]
    go(plain.get_by_role("link", name="Read the front page as this release had it"))
    assert query(plain) == {"release": ["17"]}
    expect(plain.locator(".vintage-day")).to_contain_text("As release 17 has it")


def test_the_switches_of_pages_keep_their_place(plain: Page, live_site: str) -> None:
    for address, label, asked in (
        ("/systems/gpt-5/", "Safety", ("series", "safety")),
        ("/generations/", "Anthropic", ("developer", "anthropic")),
        ("/stability/", "Alignment", ("series", "alignment")),
        ("/baskets/agi/", "Version 1,", ("version", "1")),
    ):
        plain.goto(live_site + address)
        link = plain.locator(".switch a", has_text=label).first
        link.click()
        assert query(plain)[asked[0]] == [asked[1]], address
        chosen = plain.locator(".switch a[aria-current]", has_text=label)
        expect(chosen).to_have_count(1)


def test_the_search_is_narrowed_to_a_kind(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/search/?q=gpt")
    every = plain.locator(".found li").count()
    plain.get_by_label("Kind").select_option("eval")
    plain.locator("main form button").click()
    assert query(plain) == {"q": ["gpt"], "kind": ["eval"]}
    assert 0 < plain.locator(".found li").count() < every


def test_a_wrong_address_offers_what_is_near(plain: Page, live_site: str) -> None:
    plain.goto(live_site + "/systems/gpt5/")
    go(plain.locator(".near a").first)
    assert plain.url.startswith(live_site + "/systems/gpt-5")
