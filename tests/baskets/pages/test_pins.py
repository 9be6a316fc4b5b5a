"""A release in the address: exactly that release, also where a day brought several."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from baskets.models import Release
from baskets.selectors import releases
from evals.models import Decision, Score
from tests.baskets.pages.markup import read
from tests.baskets.pages.test_as_of import LEAVES, PAGES, recorded, text

pytestmark = pytest.mark.usefixtures("catalog_db")

READS = (
    "index",
    "systems",
    "systems/gpt-5",
    "evals",
    "evals/gpqa-diamond",
    "scores",
    "releases",
    "baskets",
    "baskets/agi",
    "compare?systems=gpt-5,o3",
    "contributions?system=gpt-5",
)


def pinned(address: str, number: int) -> str:
    return f"{address}{'&' if '?' in address else '?'}release={number}"


@pytest.fixture
def twins() -> tuple[Release, Release]:
    """The newest release, and another one of the same day: a moment later, be it near midnight."""
    first = Release.objects.latest("number")
    second = Release.objects.get(pk=first.pk)
    second.pk, second.number = None, first.number + 1
    second.created_at += dt.timedelta(milliseconds=2)
    second.save(force_insert=True)
    return first, second


@pytest.mark.parametrize("address", PAGES)
def test_it_shows_that_release_and_keeps_to_it(client: Client, address: str) -> None:
    html = text(client, pinned(address, 9))
    banner = html.split('<section class="vintage"')[1].split("</section>")[0]
    assert "As release 9 has it, known on " in banner
    (leave,) = read(banner).links
    assert parse_qs(urlsplit(leave).query) == parse_qs(urlsplit(address).query)
    inside = [link for link in read(html.replace(banner, "")).links
              if not link.startswith(("#", *LEAVES))]  # fmt: skip
    lost = [link for link in inside if "release=" not in link]
    assert lost == []
    assert not any("as_of=" in link for link in inside)


@pytest.mark.parametrize("address", ["/systems/", "/evals/", "/search/?q=gpt", "/compare/"])
def test_it_keeps_the_release_in_forms(client: Client, address: str) -> None:
    html = text(client, pinned(address, 9))
    forms = [form for form in html.split("<form")[1:] if 'id="vintage-date"' not in form]
    assert forms and all('name="release" value="9"' in form for form in forms)


def test_it_tells_two_releases_of_one_day_apart(
    client: Client, twins: tuple[Release, Release]
) -> None:
    first, second = twins
    score = recorded(first.created_at + dt.timedelta(milliseconds=1))
    day = first.vintage_on.isoformat()
    for address, number in (
        (f"?release={first.number}", first.number),
        (f"?as_of={day}", second.number),
    ):
        assert client.get(f"/api/v1/index{address}").json()["release"] == number
        page = text(client, f"/systems/gpt-5/{address}")
        assert ("told later" in page) is (number == second.number)
        listed = set(re.findall(r'href="/releases/(\d+)/', text(client, f"/releases/{address}")))
        assert listed == {str(n) for n in range(1, number + 1)}
        got = client.get(f"/api/v1/scores{address}&system=gpt-5&limit=500").json()["results"]
        assert (score.content_hash in {row["content_hash"] for row in got}) is (
            number == second.number
        )


def test_it_leaves_out_what_was_decided_after_the_release(client: Client) -> None:
    first = Release.objects.latest("number")
    Decision.objects.create(
        score=Score.objects.filter(system__slug="gpt-5")[0], status="withdrawn", reason="an error",
        at=first.created_at + dt.timedelta(minutes=1),
    )  # fmt: skip
    assert "an error" in text(client, "/systems/gpt-5/")
    assert "an error" not in text(client, f"/systems/gpt-5/?release={first.number}")


def test_a_citation_holds_its_release_when_another_comes_on_the_same_day(client: Client) -> None:
    before = client.get("/charts/frontier.metadata.json").json()
    cited = re.search(r"\S+/embed/\S+", before["citation"]["plain"])
    assert cited and cited[0].endswith(f"?release={before['release']['number']}&series=capability")
    path = cited[0].removeprefix("http://localhost:8000")
    seen = read(text(client, path)).links
    second = Release.objects.latest("number")
    second.pk, second.number = None, second.number + 1
    second.save(force_insert=True)
    assert read(text(client, path)).links == seen
    newer = re.findall(r"release=(\d+)", text(client, "/embed/frontier?release=3"))
    assert set(newer) == {"3"}


@pytest.mark.parametrize("address", READS)
def test_its_api_answers_as_the_release_had_it(client: Client, address: str) -> None:
    day = releases.numbered(9)
    assert day is not None
    mark = "&" if "?" in address else "?"
    one = client.get(f"/api/v1/{address}{mark}release=9")
    other = client.get(f"/api/v1/{address}{mark}as_of={day.vintage_on}")
    assert one.status_code == 200
    one_body, other_body = one.json(), other.json()
    for body in (one_body, other_body):
        body.pop("next", None)
    assert one_body == other_body
    assert client.get(f"/api/v1/{address}{mark}release=9999").status_code == 404
    assert client.get(f"/api/v1/{address}{mark}release=9&as_of=2020-01-01").status_code == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/?release=9999", 404),
        ("/?release=x", 400),
        ("/?release=9&as_of=2020-01-01", 400),
        ("/?release=9&as_of=2099-01-01", 200),
        ("/data/scores.csv?release=9", 200),
        ("/charts/frontier.svg?release=9", 200),
        ("/charts/frontier.svg?release=9999", 404),
        ("/social/home.png?release=9", 200),
        ("/systems.csv?release=9", 200),
    ],
)
def test_it_answers_for_releases_that_there_are(client: Client, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_it_says_that_the_release_did_not_know_a_thing(client: Client) -> None:
    html = text(client, "/systems/gpt-6.1-sol/?release=9")
    assert "Release 9 knew nothing of GPT-6.1 Sol" in html
    assert 'href="/systems/gpt-6.1-sol/?"' in html
    assert "Release 9 knew nothing of release 12" in text(client, "/releases/12/?release=9")
