"""A past date in the address: what was known then, on every page, and links that stay with it."""

from __future__ import annotations

import csv
import datetime as dt
import html as markup
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from baskets.models import Release
from baskets.selectors import releases
from evals.models import Decision, Eval, Score, System
from tests.baskets.pages.addresses import CHARTS
from tests.baskets.pages.markup import read
from tests.databases import OWN

pytestmark = pytest.mark.usefixtures("catalog_db")

DAY = dt.date(2025, 9, 15)
PAGES = [
    "/",
    "/?series=safety&scale=log",
    "/generations/?series=alignment",
    "/systems/",
    "/systems/?developer=anthropic&sort=-capability",
    "/systems/gpt-5/",
    "/systems/gpt-4o/?series=safety",
    "/evals/",
    "/evals/?domain=safety",
    "/evals/gpqa-diamond/",
    "/baskets/",
    "/baskets/agi/",
    "/releases/",
    "/releases/2/",
    "/methodology/",
    "/compare/?systems=gpt-5,o3",
    "/saturation/",
    "/search/?q=gpt",
    "/data/",
    "/generations/?developer=openai",
    "/baskets/agi/?version=1",
]
# What a score rests on, and the work of importers, are the same on every date.
LEAVES = (
    "/accounts/",
    "/api/",
    "/alerts/",
    "/static/",
    "/imports/",
    "/scores/",
    "/releases/2/bundle.json",
    "/releases/feed.atom",
    "http",
)


def at(address: str, day: dt.date | str = DAY) -> str:
    """The address with the date."""
    return f"{address}{'&' if '?' in address else '?'}as_of={day}"


def text(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def then() -> Release:
    """The release of the date."""
    found = releases.current(as_of=DAY)
    assert found is not None and found.reconstructed
    return found


@pytest.mark.parametrize("address", PAGES)
def test_it_says_which_date_and_release_it_shows_keeps_to_it_and_can_be_left(
    client: Client, address: str
) -> None:
    html = text(client, at(address))
    number = 2 if address == "/releases/2/" else then().number
    banner = html.split('<section class="vintage"')[1].split("</section>")[0]
    assert "As known on 15 September 2025" in banner
    assert f"You are reading release {number}, of " in banner
    assert "Back to what is known now" in banner
    (leave,) = read(banner).links
    assert "as_of" not in leave
    assert parse_qs(urlsplit(leave).query) == parse_qs(urlsplit(address).query)
    assert client.get(leave).status_code == 200
    assert without_the_date(html.replace(banner, "")) == []


def without_the_date(html: str) -> list[str]:
    """The links to the index that leave the date."""
    inside = [
        link
        for link in read(html).links
        if not link.startswith(("#", *LEAVES)) and "as_of=" + DAY.isoformat() not in link
    ]
    # What names a release by its number needs no date.
    return [link for link in inside if not re.search(r"/\?as_of=|[?&]release=", link)]


@pytest.mark.parametrize("address", ["/systems/", "/evals/", "/?series=safety"])
def test_it_keeps_the_date_in_forms(client: Client, address: str) -> None:
    forms = text(client, at(address)).split("<form")[1:]
    assert forms
    assert all('name="as_of"' in form and DAY.isoformat() in form for form in forms)


def observed(html: str) -> list[dt.date]:
    """The dates of the scores that a page lists."""
    days = re.findall(r'data-label="Observed" class="nowrap small">(\d+ \w{3} \d{4})<', html)
    return [dt.datetime.strptime(day, "%d %b %Y").date() for day in days]


@pytest.mark.parametrize("address", ["/systems/gpt-5/", "/evals/gpqa-diamond/"])
def test_it_lists_the_scores_that_were_known(client: Client, address: str) -> None:
    days = observed(text(client, at(address)))
    every = observed(text(client, address))
    assert sorted(days) == sorted(day for day in every if day <= DAY)
    assert 0 < len(days) < len(every)


def test_it_leaves_out_the_limits_that_were_noted_since(client: Client) -> None:
    note = Eval.objects.get(slug="gpqa-diamond").ceiling_note
    assert "2026" in note and note in markup.unescape(text(client, "/evals/gpqa-diamond/"))
    for address in (at("/evals/gpqa-diamond/"), "/evals/gpqa-diamond/?release=9"):
        assert "Known limits" not in text(client, address)


def test_it_draws_the_scores_that_were_known(client: Client) -> None:
    body = client.get(at("/charts/eval-history.csv?eval=gpqa-diamond")).content.decode()
    rows = list(csv.DictReader(io.StringIO(body)))
    known = Score.objects.filter(eval__slug="gpqa-diamond", observed_on__lte=DAY).count()
    assert len(rows) == known


NOT_YET = (
    "weights?version=3",
    "eval-history?eval=metr-time-horizon-50",
    "rank-stability?series=safety",
    # Of the reader's basket only the newest release is there.
    f"own?own={OWN}&series=safety",
)


@pytest.mark.parametrize("chart", [chart for chart in CHARTS if chart not in NOT_YET])
def test_it_draws_every_chart_as_it_stood(client: Client, chart: str) -> None:
    name, _, query = chart.partition("?")
    svg = text(client, at(f"/charts/{name}.svg?{query}" if query else f"/charts/{name}.svg"))
    pinned = re.search(r"release=(\d+)", query)
    assert f"release {pinned[1] if pinned else then().number}, known on" in svg


@pytest.mark.parametrize("chart", NOT_YET)
def test_it_draws_nothing_that_was_not_known(client: Client, chart: str) -> None:
    name, _, query = chart.partition("?")
    assert client.get(at(f"/charts/{name}.svg?{query}")).status_code == 404


def test_it_lists_the_systems_and_evals_that_were_known(client: Client) -> None:
    systems, evals = text(client, at("/systems/")), text(client, at("/evals/"))
    for system in System.objects.all():
        known = system.released_on <= DAY or system.scores.filter(observed_on__lte=DAY).exists()
        assert (f'href="/systems/{system.slug}/?' in systems) is known, system.slug
    for item in Eval.objects.all():
        scored = item.scores.filter(observed_on__lte=DAY).exists()
        known = scored or bool(item.released_on and item.released_on <= DAY)
        assert (f'href="/evals/{item.slug}/?' in evals) is known, item.slug


def test_it_shows_the_versions_that_were_in_force(client: Client) -> None:
    numbers = {row["version"] for row in then().summary["basket_changes"]}
    offered = re.compile(r"version=(\d)")
    now = set(offered.findall(text(client, "/baskets/agi/")))
    past = set(offered.findall(text(client, at("/baskets/agi/"))))
    assert past == {str(number) for number in numbers} < now
    linked = set(offered.findall(text(client, at("/baskets/"))))
    assert linked == past


def test_it_lists_the_releases_that_were_known(client: Client) -> None:
    html = text(client, at("/releases/"))
    numbers = {int(n) for n in re.findall(r'href="/releases/(\d+)/\?', html)}
    assert numbers == set(range(1, then().number + 1))


@pytest.mark.parametrize("address", [*PAGES, "/systems/gpt-6.1-sol/"])
def test_it_says_that_nothing_was_known_before_the_first_release(
    client: Client, address: str
) -> None:
    html = text(client, at(address, "2001-01-01"))
    assert "on 1 January 2001</h1>" in html
    assert "Nothing was known" in html


def test_it_leads_to_the_first_release_from_before_it(client: Client) -> None:
    html = text(client, at("/systems/", "2001-01-01"))
    first = Release.objects.earliest("number").vintage_on
    assert f'href="/systems/?as_of={first}"' in html
    assert "Read the first release" in html


@pytest.mark.parametrize(
    ("address", "name"),
    [("/systems/gpt-6.1-sol/", "GPT-6.1 Sol"), ("/releases/19/", "release 19")],
)
def test_it_says_that_one_thing_was_not_known_yet(client: Client, address: str, name: str) -> None:
    html = text(client, at(address))
    assert f"Nothing was known of {name} on 15 September 2025" in html
    assert f'href="{address}?"' in html


def test_it_shows_the_newest_release_for_a_date_to_come(client: Client) -> None:
    newest = releases.current()
    assert newest is not None
    for address in PAGES[:3]:
        html = text(client, at(address, "2099-12-31"))
        assert "31 December 2099 has not come yet" in html
        assert f"This is the newest release, {newest.number}," in html
        assert 'class="vintage"' not in html
        assert 'href="/systems/"' in html


def recorded(day: dt.datetime) -> Score:
    """A score of GPT-5 as this database would learn of it at a time."""
    score = Score.objects.filter(system__slug="gpt-5", eval__slug="gpqa-diamond")[0]
    score.pk, score.recorded_at, score.elicitation = None, day, "told later"
    score.content_hash = "f" * 64
    score.save(force_insert=True)
    Decision.objects.create(score=score, status="accepted", reason="a test", at=day)
    return score


def test_it_goes_by_the_day_of_recording_since_the_site_exists(client: Client) -> None:
    today = timezone.now()
    recorded(today + dt.timedelta(days=1))
    for address in ("/systems/gpt-5/", "/evals/gpqa-diamond/"):
        assert "told later" in text(client, address)
        assert "told later" not in text(client, at(address, today.date()))


def test_it_shows_the_status_that_a_score_had_on_the_date(client: Client) -> None:
    today = timezone.now()
    score = Score.objects.filter(system__slug="gpt-5", eval__slug="gpqa-diamond")[0]
    Decision.objects.create(
        score=score, status="withdrawn", reason="an error", at=today + dt.timedelta(days=1)
    )
    assert "an error" in text(client, "/systems/gpt-5/")
    assert "an error" not in text(client, at("/systems/gpt-5/", today.date()))
