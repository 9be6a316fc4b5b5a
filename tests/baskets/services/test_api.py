"""`GET /api/v1/index`: its shape, its dates, its refusals."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote

import pytest
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
    assert response.json()["detail"][0]["loc"][-1] == "as_of"


@pytest.mark.parametrize("basket", ["\0", "a\0b", "agi/../x", "é", "x" * 51, " ", "agi agi"])
def test_it_says_422_for_a_basket_that_no_slug_can_be(client: Client, basket: str) -> None:
    assert client.get(f"/api/v1/index?basket={quote(basket)}").status_code == 422


def test_it_only_reads(client: Client) -> None:
    for method in (client.post, client.put, client.patch, client.delete):
        assert method("/api/v1/index").status_code == 405


def test_it_describes_itself(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    (operation,) = described["paths"]["/api/v1/index"].values()
    assert {p["name"] for p in operation["parameters"]} == {"basket", "as_of"}


def test_it_may_be_kept_by_a_browser_only_while_it_is_the_same(client: Client) -> None:
    first = client.get("/api/v1/index")
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    again = client.get("/api/v1/index", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
