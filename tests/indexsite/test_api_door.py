"""Who may read the API, how often, from where, and by which methods."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from pytest_django import Settings

from evals import rates
from indexsite import api_door

pytestmark = pytest.mark.usefixtures("catalog_db")

INDEX = "/api/v1/index"


def test_it_lets_pages_of_any_site_read(client: Client) -> None:
    for address in (INDEX, "/api/v1/systems/gpt-5", "/api/v1/systems/nobody"):
        answer = client.get(address, headers={"Origin": "https://else.example"})
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer
        assert "ETag" in answer["Access-Control-Expose-Headers"]


def test_it_answers_a_preflight_for_reading(client: Client) -> None:
    headers = {"Origin": "https://else.example", "Access-Control-Request-Method": "GET"}
    answer = client.options(INDEX, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Allow"] == answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_it_lets_no_page_of_another_site_write(client: Client) -> None:
    answer = client.options("/api/v1/results", headers={"Origin": "https://else.example"})
    assert (answer.status_code, answer["Allow"]) == (204, "OPTIONS, POST")
    assert "Access-Control-Allow-Origin" not in answer


def test_it_answers_the_head_of_a_read(client: Client) -> None:
    whole, head = client.get(INDEX), client.head(INDEX)
    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == whole["ETag"]
    assert head["Content-Length"] == str(len(whole.content))
    assert client.head("/api/v1/systems/nobody").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_it_says_which_methods_there_are(client: Client, method: str) -> None:
    answer = client.generic(method, INDEX)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer["Content-Type"] == "application/problem+json"


def test_it_says_what_is_left_and_refuses_who_asks_too_often(
    client: Client, settings: Settings
) -> None:
    settings.API_READS_PER_MINUTE = 3
    address = f"10.9.{time.time_ns() % 250}.{time.time_ns() // 251 % 250}"
    answers = [client.get(INDEX, REMOTE_ADDR=address) for _ in range(8)]
    assert answers[0]["RateLimit-Policy"] == '"minute";q=3;w=60'
    assert answers[0]["RateLimit"].startswith('"minute";r=2;t=')
    refused = [answer for answer in answers if answer.status_code == 429]
    # A new minute may begin in between.
    assert len(refused) >= 2
    assert 1 <= int(refused[0]["Retry-After"]) <= 60
    assert refused[0]["Access-Control-Allow-Origin"] == "*"


def test_it_lets_everybody_read_while_redis_is_away(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    began = time.monotonic()
    assert all(client.get(INDEX).status_code == 200 for _ in range(5))
    assert time.monotonic() - began < 2
    assert settings.REDIS_URL in rates._away_until


def test_it_leaves_pages_alone(client: Client) -> None:
    for address in ("/", "/systems/"):
        answer = client.get(address)
        assert "RateLimit" not in answer
        assert "Access-Control-Allow-Origin" not in answer


def test_it_counts_pictures_apart(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_door, "PICTURES_PER_MINUTE", 1)
    address = f"10.8.{time.time_ns() % 250}.{time.time_ns() // 251 % 250}"
    social, chart = "/zh-hant/social/nothing.png", "/charts/nothing.png"
    answers = [client.get(path, REMOTE_ADDR=address) for path in (social, chart, social)]
    assert [answer.status_code for answer in answers] == [404, 429, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    for other in ("/charts/nothing.svg", "/systems/social/nothing/"):
        assert client.get(other, REMOTE_ADDR=address).status_code == 404


def test_it_counts_what_ifs_of_past_releases_apart(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_door, "PAST_WEIGHINGS_PER_MINUTE", 1)
    address = f"10.7.{time.time_ns() % 250}.{time.time_ns() // 251 % 250}"
    past, now = "/baskets/none/what-if/?release=1", "/baskets/none/what-if/?d.safety=9"
    answers = [client.get(path, REMOTE_ADDR=address) for path in (past, past, past, now)]
    assert [answer.status_code for answer in answers] == [404, 429, 429, 404]
