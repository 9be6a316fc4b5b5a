"""A reader's own basket from the what-if that saves it to its page, files, feed and comparison."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services.deletion import delete_account
from baskets.models import IndexPoint, OwnBasket, OwnRelease, OwnWork
from baskets.selectors.own_content import read
from baskets.selectors.releases import current
from baskets.services import own, own_releases
from baskets.services.refusals import NotAllowed
from tests.accounts.people import make, sign_in
from tests.baskets.services.steps import person
from tests.databases import OWN

pytestmark = pytest.mark.usefixtures("catalog_db", "quick_passwords")

WEIGHTS = {"d.capability": "60", "d.safety": "20", "w.hle": "0", "w.ap-biology": "3"}
NAME = "Safety & me"


@pytest.fixture
def quick_passwords(settings: Any) -> None:
    """The site's own hash takes half a second, which is its purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def save(owner: User, adjustments: dict[str, str] | None = None, name: str = NAME) -> OwnBasket:
    """An own basket with its newest release, the others still to come."""
    release = current()
    assert release is not None
    given = WEIGHTS if adjustments is None else adjustments
    found = own.save_own(owner=owner, name=name, release=release, adjustments=given)
    assert own_releases.run_due(budget=0) >= 1
    return found


@pytest.fixture
def mine() -> OwnBasket:
    return save(person("ada"))


def path(mine: OwnBasket, more: str = "") -> str:
    return f"/own/{mine.public_id}/{more}"


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def test_its_numbers_are_those_of_the_what_if_to_the_last_digit(
    client: Client, mine: OwnBasket
) -> None:
    content = read(OwnRelease.objects.get(own=mine))
    for series in ("headline", "balanced", "capability", "safety", "alignment"):
        found = client.get("/baskets/agi/what-if.json", {**WEIGHTS, "series": series}).json()
        steps = {row["series"]: row["yours"] for row in found["series"]}
        assert content["frontier"] == steps
        rows = {r["system"]: r for r in content["systems"] if r["series"] == series}
        for row in found["systems"]:
            told = row["yours"] or {}
            assert {name: rows[row["system"]][name] for name in told} == told
    assert content["baskets"][-1]["weights"] == found["weights"]
    assert content["replicates"] == found["replicates"]


def test_the_official_weights_give_the_official_values_under_every_version() -> None:
    same = save(person("ada"), {})
    # On one, two and all versions of the basket.
    OwnWork.objects.exclude(release__number__in=[1, 12]).delete()
    assert own_releases.run_due() == 2
    for row in same.releases.select_related("release"):
        points = IndexPoint.objects.filter(release=row.release, on_official_version=True)
        stored = points.exclude(series__contains="/").values_list("system__slug", "series", "value")
        told = [(r["system"], r["series"], r["value"]) for r in read(row)["systems"]]
        assert sorted(told) == sorted(stored) and len(told) > 50


def test_signing_in_keeps_the_weights_and_saving_leads_to_the_page(client: Client) -> None:
    make()
    text = page(client, "/baskets/agi/what-if/?d.capability=60")
    (link,) = re.findall(r'href="(/own/new/[^"]+)"', text)
    address = link.replace("&amp;", "&")
    asked = client.get(address)["Location"]
    there = dict(parse_qsl(urlsplit(asked).query))["next"]
    assert there == address and sign_in(client, next=there) == address
    form = page(client, address)
    assert "60" in form and "Everybody who has its address can see the basket" in form
    place = client.post(address, {"name": NAME})["Location"]
    shown = page(client, place)
    assert "Own basket “Safety &amp; me”" in shown and "releases are still being computed" in shown
    assert "There are no numbers here yet" in shown
    assert OwnBasket.objects.latest("pk").versions.get().adjustments == {"d.capability": "60"}
    assert place in page(client, "/own/") and OwnWork.objects.count() > 10


def test_its_page_says_whose_weights_these_are_and_what_they_make(
    client: Client, mine: OwnBasket
) -> None:
    answer = client.get(path(mine))
    text = answer.content.decode()
    assert "These weights are a reader's, not the project's." in text
    assert answer["X-Robots-Tag"] == "noindex" and '<meta name="robots" content="noindex">' in text
    assert "public" not in answer["Cache-Control"] and not answer.cookies
    for part in (
        "Headline: ranks",
        "Weights against the official ones",
        "reconstructed",
        "Cite as",
    ):
        assert part in text
    assert "ada" not in re.sub(r"[a-z]ada|ada[a-z]", "", text)
    row = OwnRelease.objects.get(own=mine)
    assert row.sha256[:16] in text
    assert page(client, path(mine, f"?release={row.release.number}&series=safety"))
    assert "no release of that date" in page(client, path(mine, "?release=1"))


def test_its_page_asks_a_fixed_number_of_questions(client: Client, mine: OwnBasket) -> None:
    counts = []
    for _turn in range(2):
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            page(client, path(mine))
        counts.append(len(asked))
        own_releases.run_due(budget=0)
    assert counts == [14, 14]


def test_it_leaves_as_csv_json_feed_and_chart(client: Client, mine: OwnBasket) -> None:
    row = OwnRelease.objects.get(own=mine)
    number = row.release.number
    rows = list(csv.DictReader(io.StringIO(page(client, path(mine, "values.csv")))))
    assert len(rows) == len(read(row)["systems"]) and {r["sha256"] for r in rows} == {row.sha256}
    feed = ET.fromstring(page(client, path(mine, "feed.atom")))
    titles = [found.text for found in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert titles == [f"Own basket “{NAME}”", f"Own basket “{NAME}”, release {number}"]
    root = f"/api/v1/own/{mine.public_id}"
    assert client.get(root).json()["adjustments"] == WEIGHTS
    listed = client.get(f"{root}/releases").json()
    assert [r["sha256"] for r in listed["releases"]] == [row.sha256] and listed["next"] is None
    whole = client.get(f"{root}/releases/{number}").json()
    assert whole["systems"] == read(row)["systems"]
    sealed = client.get(urlsplit(whole["sealed"]).path)
    assert sealed.json() == read(row)
    for kind in ("json", "csv", "svg", "metadata.json"):
        page(client, f"/charts/own.{kind}?own={mine.public_id}&series=safety")
    assert NAME.replace("&", "&amp;") in page(client, f"/embed/own?own={mine.public_id}")


def test_own_baskets_stand_side_by_side(client: Client, mine: OwnBasket) -> None:
    other = save(person("bob"), {"d.safety": "70"}, "Only (safe)")
    address = f"/own/compare/?own={mine.public_id}&add=http://testserver{path(other)}"
    place = client.get(address)["Location"]
    assert place == f"/own/compare/?own={mine.public_id},{other.public_id}"
    text = page(client, place + "&series=safety")
    steps = [read(each.releases.get())["frontier"]["safety"][-1] for each in (mine, other)]
    for step in steps:
        assert f"{step['value']:,.1f}" in text
    assert "Only (safe)" in text and "Official" in text
    three = page(client, f"{place},{OWN}")
    assert "More safety" in three and f"own={mine.public_id}%2C{other.public_id}%2C{OWN}" in three
    four = ",".join([mine.public_id, other.public_id, "a" * 16, "b" * 16])
    page(client, f"/own/compare/?own={four}", 400)
    page(client, f"/own/compare/?own={'a' * 16}", 404)
    page(client, "/own/compare/?add=nothing", 400)
    assert "Address of an own basket" in page(client, "/own/compare/")


def test_strangers_can_fork_it_and_nothing_else(client: Client, mine: OwnBasket) -> None:
    client.force_login(person("bob"))
    page(client, path(mine, "manage/"), 403)
    assert client.post(path(mine, "manage/"), {"name": "Bob's"}).status_code == 403
    assert client.post(path(mine, "delete/")).status_code == 403
    (link,) = re.findall(r'href="(/baskets/agi/what-if/\?[^"]+)"', page(client, path(mine)))
    (save_link,) = re.findall(r'href="(/own/new/[^"]+)"', page(client, link.replace("&amp;", "&")))
    there = save_link.replace("&amp;", "&")
    assert client.post(there, {"anew": "1"}).status_code == 403
    fork = client.post(there, {"name": "Bob's"})["Location"]
    assert OwnBasket.objects.get(owner=person("bob")).forked_from == mine
    assert "own basket “Safety &amp; me”" in page(client, fork)


def test_its_owner_renames_weighs_anew_and_deletes_it(client: Client, mine: OwnBasket) -> None:
    client.force_login(person("ada"))
    assert client.post(path(mine, "manage/"), {"name": "x\u202e"}).status_code == 400
    client.post(path(mine, "manage/"), {"name": "=cmd()"})
    assert "=cmd()" in page(client, path(mine))
    table = page(client, f"/charts/own.csv?own={mine.public_id}")
    assert "'=cmd()" in table and "\n=cmd()" not in table
    query = f"/own/new/?basket=agi&d.safety=50&own={mine.public_id}"
    assert "Give them to “=cmd()”" in page(client, query)
    assert client.post(query, {"anew": "1"})["Location"] == path(mine, "manage/")
    assert mine.versions.latest("number").adjustments == {"d.safety": "50"}
    assert client.get(path(mine, "delete/")).status_code == 405
    assert client.post(path(mine, "delete/"))["Location"] == path(mine, "manage/")
    assert "Nothing was deleted" in page(client, path(mine, "manage/"))
    assert client.post(path(mine, "delete/"), {"sure": "1"})["Location"] == "/own/"
    for address in (path(mine), path(mine, "feed.atom"), f"/api/v1/own/{mine.public_id}"):
        page(client, address, 404)
    assert "You have no own basket yet" in page(client, "/own/")


def test_nothing_of_it_is_kept_once_it_is_deleted(client: Client, mine: OwnBasket) -> None:
    addresses = [
        f"/charts/own.json?own={mine.public_id}",
        f"/charts/own.csv?own={mine.public_id}",
        f"/embed/own?own={mine.public_id}",
    ]
    for address in addresses * 3:
        answer = client.get(address)
        assert answer.status_code == 200 and "private" in answer["Cache-Control"]
        assert answer["X-Robots-Tag"] == "noindex"
    own.delete_own(mine, by=person("ada"))
    assert {client.get(address).status_code for address in addresses} <= {400, 404}


def test_nothing_is_saved_for_an_account_that_has_ended(mine: OwnBasket) -> None:
    ada = person("ada")
    delete_account(ada)
    assert not OwnBasket.objects.filter(owner=ada).exists()
    with pytest.raises(NotAllowed):
        save(ada)


def test_a_hidden_one_is_seen_by_its_owner_alone(client: Client, mine: OwnBasket) -> None:
    chart = f"/charts/own.csv?own={mine.public_id}"
    for _turn in range(3):
        page(client, chart)
    client.force_login(make("eve", roles=("steward",), staff=True))
    admin = f"/admin/baskets/ownbasket/{mine.pk}/change/"
    assert "Safety &amp; me" in page(client, admin)
    client.post(admin, {"hidden_reason": "It defames somebody."})
    for address in (path(mine), chart, f"/api/v1/own/{mine.public_id}/releases"):
        page(client, address, 404)
    client.force_login(person("bob"))
    page(client, path(mine, "manage/"), 404)
    client.force_login(person("ada"))
    assert "It defames somebody." in page(client, path(mine, "manage/"))


def test_it_needs_an_account_and_a_token_of_the_form(mine: OwnBasket) -> None:
    strict = Client(enforce_csrf_checks=True)
    for address in ("/own/", "/own/new/?basket=agi", path(mine, "manage/")):
        assert strict.get(address)["Location"].startswith("/accounts/login/?next=/own/")
    strict.force_login(person("ada"))
    for address in ("/own/new/?basket=agi", path(mine, "manage/"), path(mine, "delete/")):
        assert strict.post(address, {"name": "x"}).status_code == 403


def test_what_cannot_be_saved_is_refused_in_words(client: Client, settings: Any) -> None:
    client.force_login(person("ada"))
    page(client, "/own/new/?basket=agi&w.nothing=4", 400)
    nothing = "/own/new/?basket=agi&d.capability=0&d.safety=0&d.alignment=0"
    assert "Nothing is left in the basket." in page(client, nothing)
    assert client.post(nothing, {"name": "x"}).status_code == 400
    settings.OWN_BASKETS_PER_PERSON = 0
    said = client.post("/own/new/?basket=agi&d.safety=50", {"name": "Fine"}).content.decode()
    assert "as many as one person may have" in said and OwnBasket.objects.count() == 1


def test_the_wait_can_be_followed(client: Client, mine: OwnBasket) -> None:
    answer = client.get(path(mine, "state"))
    assert answer["X-Waiting"] == str(OwnWork.objects.count()) and int(answer["X-Waiting"]) > 10
    OwnWork.objects.all().delete()
    assert client.get(path(mine, "state"))["X-Waiting"] == "0"
    assert "still being computed" not in page(client, path(mine))
