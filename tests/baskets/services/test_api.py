"""`GET /api/v1/index` and `/api/v1/releases`: their shape, their dates, their refusals."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client

from baskets.models import IndexPoint, Release

pytestmark = pytest.mark.usefixtures("catalog_db")

POINT: dict[str, type | tuple[type, ...]] = {
    "system": str,
    "name": str,
    "developer": str,
    "generation": str,
    "released_on": str,
    "series": str,
    "basket_version": int,
    "value": float,
    "low": (float, type(None)),
    "high": (float, type(None)),
    "coverage": float,
    "imputed_share": float,
    "official": bool,
}


def index(client: Client, query: str = "") -> dict[str, Any]:
    """The answer to a good question."""
    response = client.get(f"/api/v1/index{query}")
    assert response.status_code == 200, response.content
    assert response["Content-Type"].startswith("application/json")
    found: dict[str, Any] = response.json()
    return found


def test_it_answers_in_the_agreed_shape(client: Client) -> None:
    answer = index(client)
    assert list(answer) == ["basket", "release", "base", "points"]
    newest = Release.objects.latest("number").number
    assert (answer["basket"], answer["release"], answer["base"]) == ("agi", newest, "gpt-4o")
    for point in answer["points"]:
        assert list(point) == list(POINT)
        for name, kind in POINT.items():
            assert isinstance(point[name], kind), (name, point)
        dt.date.fromisoformat(point["released_on"])


def test_it_gives_every_system_once_a_series_on_its_official_version(client: Client) -> None:
    release = Release.objects.latest("number")
    stored = IndexPoint.objects.filter(release=release, on_official_version=True)
    points = index(client)["points"]
    assert len(points) == stored.count() == len({(p["system"], p["series"]) for p in points})
    for row in stored.select_related("system", "version")[:50]:
        (point,) = [
            p for p in points if (p["system"], p["series"]) == (row.system.slug, row.series)
        ]
        assert (point["value"], point["low"], point["high"]) == (row.value, row.low, row.high)
        assert (point["basket_version"], point["official"]) == (row.version.number, row.official)


def test_it_puts_the_base_at_100(client: Client) -> None:
    points = index(client, "?basket=agi")["points"]
    base = {p["series"]: p["value"] for p in points if p["system"] == "gpt-4o"}
    for series in ("headline", "balanced", "capability", "safety", "alignment"):
        assert base[series] == pytest.approx(100)


def test_it_answers_with_what_was_known_on_a_date(client: Client) -> None:
    first, second = Release.objects.order_by("number")[:2]
    day = dt.timedelta(days=1)
    for known_on, release in (
        (first.vintage_on, first),
        (second.vintage_on - day, first),
        (second.vintage_on, second),
    ):
        assert index(client, f"?as_of={known_on}")["release"] == release.number
    then = {p["system"] for p in index(client, f"?as_of={first.vintage_on}")["points"]}
    assert then < {p["system"] for p in index(client)["points"]}


@pytest.mark.parametrize(
    "query", ["basket=none", "as_of=2020-01-01", "basket=none&as_of=2020-01-01"]
)
def test_it_says_404_where_no_release_is_known(client: Client, query: str) -> None:
    assert client.get(f"/api/v1/index?{query}").status_code == 404


BAD_DAYS = (
    "",
    "yesterday",
    "2026-02-30",
    "2026-13-01",
    "0000-01-01",
    "10000-01-01",
    "20260101",
    "0",
    "1767225600",
    "-1",
    "nan",
    "1e400",
    "2026-01-01T00:00:00",
    "２０２６-01-01",
    "2026-01-01\0",
    "'; --",
)


@pytest.mark.parametrize("day", BAD_DAYS)
def test_it_says_422_for_a_date_of_another_form(client: Client, day: str) -> None:
    response = client.get(f"/api/v1/index?as_of={quote(day)}")
    assert response.status_code == 422, response.content
    assert response.json()["errors"][0]["where"] == "query.as_of"


@pytest.mark.parametrize("basket", ["\0", "a\0b", "agi/../x", "é", "x" * 51, " ", "agi agi"])
def test_it_says_422_for_a_basket_that_no_slug_can_be(client: Client, basket: str) -> None:
    assert client.get(f"/api/v1/index?basket={quote(basket)}").status_code == 422


def test_it_only_reads(client: Client) -> None:
    for method in (client.post, client.put, client.patch, client.delete):
        assert method("/api/v1/index").status_code == 405


def test_it_describes_itself(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    for path, names in (
        ("/api/v1/index", {"basket", "as_of", "release"}),
        ("/api/v1/releases", {"basket", "as_of", "release", "limit", "cursor"}),
        ("/api/v1/releases/{number}", {"number", "basket"}),
    ):
        (operation,) = described["paths"][path].values()
        assert {p["name"] for p in operation["parameters"]} == names
        assert set(operation["responses"]) == {"200", "404", "422", "429"}


def test_it_may_be_kept_by_a_browser_only_while_it_is_the_same(client: Client) -> None:
    first = client.get("/api/v1/index")
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    again = client.get("/api/v1/index", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


RELEASE: dict[str, type] = {
    "basket": str,
    "number": int,
    "vintage_on": str,
    "created_at": str,
    "reconstructed": bool,
    "cause": str,
    "sha256": str,
    "problem_sha256": str,
    "seal": str,
    "made_with": dict,
    "bundle": str,
}


def releases(client: Client, query: str = "") -> list[dict[str, Any]]:
    """The releases of a good question."""
    response = client.get(f"/api/v1/releases{query}")
    assert response.status_code == 200, response.content
    answer = response.json()
    assert list(answer) == ["basket", "releases", "next"]
    found: list[dict[str, Any]] = answer["releases"]
    return found


def test_it_lists_the_releases_newest_first(client: Client) -> None:
    stored = list(Release.objects.order_by("-number").values_list("number", "sha256"))
    found = releases(client)
    assert [(row["number"], row["sha256"]) for row in found] == stored
    for row in found:
        assert {name: type(value) for name, value in row.items()} == RELEASE
        assert set(row["made_with"]) == {"engine", "python", "numpy", "scipy"}


def test_it_gives_the_bundle_of_each_release_by_its_address(client: Client) -> None:
    row = releases(client, "?basket=agi")[-1]
    assert row["bundle"].startswith(settings.SITE_URL)
    bundle = client.get(row["bundle"].removeprefix(settings.SITE_URL))
    assert hashlib.sha256(bundle.content).hexdigest() == row["sha256"]


def test_it_lists_the_releases_that_were_known_on_a_date(client: Client) -> None:
    first, second = Release.objects.order_by("number")[:2]
    day = second.vintage_on - dt.timedelta(days=1)
    assert [row["number"] for row in releases(client, f"?as_of={day}")] == [first.number]
    assert releases(client, "?as_of=2001-01-01") == releases(client, "?basket=none") == []


def test_it_gives_one_release(client: Client) -> None:
    every = {row["number"]: row for row in releases(client)}
    assert client.get("/api/v1/releases/2").json() == every[2]
    for address in ("/api/v1/releases/999", "/api/v1/releases/2?basket=none"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["0", "-1", "one", "99999999999", "1?basket=%00"])
def test_it_says_422_for_a_release_that_no_number_can_name(client: Client, address: str) -> None:
    assert client.get(f"/api/v1/releases/{address}").status_code == 422
