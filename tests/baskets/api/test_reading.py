"""What every read of the API shares: pages, tags, past dates, refusals."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from evals.models import Developer, Eval, Generation, Score, System

pytestmark = pytest.mark.usefixtures("catalog_db")

LISTS = {
    "systems": ("results", "system"),
    "evals": ("results", "eval"),
    "scores": ("results", "id"),
    "releases": ("releases", "number"),
}
READS = [
    "index",
    "releases",
    "releases/2",
    "systems",
    "systems/gpt-5",
    "evals",
    "evals/gpqa-diamond",
    "scores?system=gpt-5",
    "baskets",
    "baskets/agi",
    "contributions?system=gpt-5",
    "compare?systems=gpt-5,gpt-4o",
]
COUNTS = {
    "systems?limit=10": 4,
    "systems?limit=100": 4,
    "systems/gpt-5": 8,
    "evals?limit=100": 3,
    "evals/gpqa-diamond": 7,
    "scores?limit=100": 2,
    "scores?limit=10&domain=safety": 2,
    "baskets": 2,
    "baskets/agi": 8,
    "releases": 1,
    "releases/2": 1,
    "index": 3,
    "contributions?system=gpt-5": 8,
    "compare?systems=gpt-5,gpt-4o": 6,
    "compare?systems=gpt-5,gpt-4o,o3,claude-opus-4.5": 8,
}


def get(client: Client, address: str, status: int = 200, **headers: str) -> Any:
    """The JSON of a good answer."""
    answer = client.get(f"/api/v1/{address}", headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def walked(client: Client, name: str, limit: int) -> list[Any]:
    """The keys of a list, page after page."""
    rows, key = LISTS[name]
    address: str | None = f"/api/v1/{name}?limit={limit}"
    found: list[Any] = []
    while address:
        page = client.get(address.removeprefix(settings.SITE_URL)).json()
        found += [row[key] for row in page[rows]]
        address = page["next"]
    return found


@pytest.mark.parametrize(("name", "limit"), [("systems", 50), ("evals", 7), ("scores", 400),
                                             ("releases", 3)])  # fmt: skip
def test_it_gives_every_row_once_in_pages(client: Client, name: str, limit: int) -> None:
    rows, key = LISTS[name]
    whole = [row[key] for row in get(client, f"{name}?limit=500")[rows]]
    found = walked(client, name, limit)
    assert len(found) == len(set(found)) >= len(whole)
    assert found[: len(whole)] == whole
    counts = {"systems": System, "evals": Eval, "scores": Score}
    assert name not in counts or len(found) == counts[name].objects.count()  # type: ignore[attr-defined]


def test_it_shifts_nothing_when_a_row_comes_in_between(client: Client) -> None:
    before = walked(client, "systems", 500)
    first = get(client, "systems?limit=50")
    developer = Developer.objects.get(slug="openai")
    family = Generation.objects.create(developer=developer, name="New")
    System.objects.create(slug="aaa-first", name="First", developer=developer, generation=family,
                          released_on=dt.date(2026, 1, 1))  # fmt: skip
    second = client.get(first["next"].removeprefix(settings.SITE_URL)).json()
    assert [row["system"] for row in second["results"]] == before[50:100]


def test_it_names_the_next_page_in_a_header_too(client: Client) -> None:
    answer = client.get("/api/v1/systems?limit=5&developer=openai")
    assert answer["Link"] == f'<{answer.json()["next"]}>; rel="next"'
    assert "developer=openai" in answer["Link"] and "limit=5" in answer["Link"]


@pytest.mark.parametrize("cursor", ["x", "a:b:c", "ImdwdC01Ig:1vMabc:zzzz"])
def test_it_refuses_a_cursor_that_it_did_not_give(client: Client, cursor: str) -> None:
    assert get(client, f"systems?cursor={cursor}", 404)["title"] == "Not Found"


def test_it_refuses_the_cursor_of_another_list(client: Client) -> None:
    following = get(client, "scores?limit=1")["next"]
    cursor = following.split("cursor=")[1]
    get(client, f"systems?cursor={cursor}", 404)


@pytest.mark.parametrize("address", READS)
def test_it_answers_304_while_the_answer_is_the_same(client: Client, address: str) -> None:
    first = client.get(f"/api/v1/{address}")
    assert first.status_code == 200
    assert "must-revalidate" in first["Cache-Control"]
    for encoding in ("identity", "gzip"):
        tag = client.get(f"/api/v1/{address}", headers={"Accept-Encoding": encoding})["ETag"]
        headers = {"If-None-Match": tag, "Accept-Encoding": encoding}
        again = client.get(f"/api/v1/{address}", headers=headers)
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["systems", "evals", "scores"])
def test_it_gives_the_same_page_the_same_tag_at_any_time(
    client: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    first = client.get(f"/api/v1/{name}?limit=5")
    assert first.json()["next"]
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
    assert client.get(f"/api/v1/{name}?limit=5")["ETag"] == first["ETag"]


@pytest.mark.parametrize("address", [read for read in READS if read != "releases/2"])
def test_it_answers_with_what_was_known_on_a_date(client: Client, address: str) -> None:
    mark = "&" if "?" in address else "?"
    now, then = get(client, address), get(client, f"{address}{mark}as_of=2025-09-15")
    assert now != then
    if "release" in now:
        assert then["release"] < now["release"]


@pytest.mark.parametrize("address", ["systems", "evals", "scores", "index", "baskets/agi"])
def test_it_says_404_before_the_first_release(client: Client, address: str) -> None:
    assert get(client, f"{address}?as_of=2001-01-01", 404)["status"] == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("systems/nobody", 404),
        ("evals/nothing", 404),
        ("baskets/nothing", 404),
        ("nothing", 404),
        ("systems?limit=0", 422),
        ("systems?limit=501", 422),
        ("scores?since=soon", 422),
        ("scores?domain=beauty", 422),
        ("systems?developer=%00", 422),
        ("contributions?system=gpt-4o&against=gpt-5&series=speed", 404),
        ("contributions", 422),
        ("compare?systems=gpt-5", 422),
        ("compare?systems=gpt-5,gpt-5", 422),
        ("compare?systems=a,b,c,d,e,f,g", 422),
        ("compare?systems=gpt-5,nobody", 404),
    ],
)
def test_it_refuses_with_the_reason(client: Client, address: str, status: int) -> None:
    answer = client.get(f"/api/v1/{address}")
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert (answer.status_code, told["status"]) == (status, status)
    assert told["title"] and told["detail"]


@pytest.mark.parametrize(("address", "count"), COUNTS.items())
def test_it_asks_a_fixed_number_of_questions(client: Client, address: str, count: int) -> None:
    with CaptureQueriesContext(connection) as asked:
        get(client, address)
    assert len(asked) == count, [query["sql"][:90] for query in asked]
