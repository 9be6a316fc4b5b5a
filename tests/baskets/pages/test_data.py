"""The data page and its files."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from baskets.models import IndexPoint, Link, Release, Weight
from baskets.selectors import datasets, releases
from baskets.selectors.known import EVERYTHING
from evals.models import Decision, Eval, Score, System
from tests.baskets.pages.markup import read

pytestmark = pytest.mark.usefixtures("catalog_db")

NAMES = sorted(datasets.DATASETS)


def text(client: Client, name: str, query: str = "") -> str:
    answer = client.get(f"/data/{name}.csv{query}")
    assert answer.status_code == 200
    return answer.getvalue().decode()


def rows(client: Client, name: str, query: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(client, name, query))))


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_as_many_rows_as_the_page_says(client: Client, name: str) -> None:
    html = client.get("/data/").content.decode()
    line = html.split(f"{name}.csv</a>")[1].split("</tr>")[0]
    found = rows(client, name)
    assert f'class="num" data-label="Rows">{len(found):,}<' in line
    assert tuple(found[0]) == datasets.DATASETS[name].columns


@pytest.mark.parametrize("name", NAMES)
def test_it_explains_every_column(client: Client, name: str) -> None:
    html = client.get("/data/").content.decode()
    part = html.split(f'<details class="columns" id="{name}"')[1].split("</details>")[0]
    for column in datasets.DATASETS[name].columns:
        assert f"<code>{column}</code></dt><dd>" in part
        assert f"<code>{column}</code></dt><dd></dd>" not in part


def test_it_gives_what_is_stored(client: Client) -> None:
    release = releases.current()
    counts = {
        "systems": System.objects.count(),
        "evals": Eval.objects.count(),
        "scores": Score.objects.count(),
        "releases": Release.objects.count(),
        "points": IndexPoint.objects.filter(release=release).count(),
        "weights": Weight.objects.count(),
        "links": Link.objects.filter(release=release).count(),
    }
    assert {name: len(rows(client, name)) for name in NAMES} == counts


def test_it_gives_scores_with_their_newest_status(client: Client) -> None:
    score = Score.objects.earliest("pk")
    Decision.objects.create(score=score, status="withdrawn", reason="=a test")
    row = next(row for row in rows(client, "scores") if row["id"] == str(score.pk))
    assert (row["status"], row["status_reason"]) == ("withdrawn", "'=a test")
    assert float(row["value"]) == score.value


def test_it_reads_long_sets_in_parts_without_a_gap(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {name: text(client, name) for name in ("scores", "points")}
    monkeypatch.setattr(datasets, "AT_A_TIME", 100)
    for name, before in whole.items():
        assert text(client, name) == before


def test_it_leaves_out_what_comes_while_it_is_read(client: Client) -> None:
    reading = datasets.DATASETS["scores"].rows(releases.current(), EVERYTHING)
    next(reading)
    score = Score.objects.latest("pk")
    Decision.objects.create(score=score, status="withdrawn", reason="too late")
    assert {row[-2] for row in reading} == {"accepted"}


def test_it_gives_what_was_known_on_a_date(client: Client) -> None:
    for row in rows(client, "scores", "?as_of=2025-09-15"):
        assert row["observed_on"] <= "2025-09-15"
    numbers = {row["number"] for row in rows(client, "releases", "?as_of=2025-09-15")}
    assert 0 < len(numbers) < Release.objects.count()
    assert {row["release"] for row in rows(client, "points", "?as_of=2025-09-15")} <= numbers
    assert client.get("/data/scores.csv?as_of=2001-01-01").status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_304_until_something_changes(client: Client, name: str) -> None:
    answer = client.get(f"/data/{name}.csv")
    headers = {"If-None-Match": answer["ETag"]}
    assert "public" in answer["Cache-Control"]
    answer.getvalue()
    assert client.get(f"/data/{name}.csv", headers=headers).status_code == 304
    Decision.objects.create(score=Score.objects.latest("pk"), status="accepted", reason="again")
    assert client.get(f"/data/{name}.csv", headers=headers).status_code == 200


def test_it_begins_no_file_for_its_head(client: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        answer = client.head("/data/scores.csv")
    assert (answer.status_code, answer.getvalue()) == (200, b"")
    assert len(asked) == 1
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "RateLimit" in answer


def test_it_counts_in_a_fixed_number_of_questions(client: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        html = client.get("/data/").content.decode()
    assert len(asked) == 9
    markup = read(html)
    assert markup.tags["h1"] == 1 and not markup.inline_scripts
    assert all(table.caption and not table.unscoped for table in markup.tables)


@pytest.mark.parametrize("address", ["/data/nothing.csv", "/data/scores.xlsx"])
def test_it_says_404_for_what_is_not_there(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404
