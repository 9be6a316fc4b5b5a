"""Probes and metrics, with parts of the site away."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from indexsite import embedded, pulse
from indexsite.health import servants
from indexsite.run.processes import free_port
from tests import sites

DEAD_REDIS = "redis://127.0.0.1:1/0"
PARTS = ("redis", "worker", "sweep")


def test_it_is_alive_without_asking_the_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_it_answers_probes_that_come_by_address(client: Client) -> None:
    assert client.get("/healthz", headers={"Host": "10.1.2.3:8000"}).status_code == 200


@pytest.mark.django_db
def test_it_is_ready_when_the_tables_answer(client: Client) -> None:
    assert client.get("/readyz").status_code == 200


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a web process whose database and Redis are away."""
    port, folder = free_port(), tmp_path_factory.mktemp("cut_off")
    nowhere = "postgres://agi_app:secret@127.0.0.1:1/agi"
    variables = sites.variables(embedded.Urls(nowhere, nowhere, DEAD_REDIS), folder)
    line = ["-m", "gunicorn", "indexsite.wsgi", "-b", f"127.0.0.1:{port}"]
    with sites.process("web", variables, *line):
        sites.wait_for_page(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"


def test_it_is_alive_but_not_ready_without_its_database(cut_off: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{cut_off}/readyz", timeout=10)
    assert (refused.value.code, refused.value.read()) == (503, b"database unavailable\n")
    with urllib.request.urlopen(f"{cut_off}/healthz", timeout=10) as answer:
        assert answer.status == 200


def test_it_tells_readers_no_secret_when_the_database_is_away(cut_off: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as failed:
        urllib.request.urlopen(f"{cut_off}/", timeout=10)
    assert (failed.value.code, failed.value.headers["Retry-After"]) == (503, "30")
    page = failed.value.read().decode()
    assert "The site is being looked after" in page
    assert "secret" not in page
    assert "Traceback" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "header"),
    [
        ("", None),
        ("", "Bearer "),
        ("word", None),
        ("word", "Bearer wrong"),
        ("word", "Bearer wor"),
        ("word", "Bearer wörd"),
        ("word", "Basic word"),
    ],
)
def test_it_hides_its_metrics(
    client: Client, settings: Settings, token: str, header: str | None
) -> None:
    settings.METRICS_TOKEN = token
    settings.REDIS_URL = DEAD_REDIS
    headers = {"Authorization": header} if header else {}
    assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.django_db
def test_it_hides_its_metrics_from_users_who_are_not_staff(client: Client) -> None:
    client.force_login(User.objects.create_user("reader"))
    assert client.get("/metrics").status_code == 404
    assert client.get("/operator/").status_code == 302


def up(text: str) -> dict[str, bool]:
    """What the metrics say of each part."""
    return {part: f'agi_index_up{{part="{part}"}} 1.0' in text for part in PARTS}


@pytest.mark.usefixtures("catalog_db")
def test_it_shows_its_metrics_to_a_bearer_of_the_token(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN, settings.REDIS_URL = "word", DEAD_REDIS
    answer = client.get("/metrics", headers={"Authorization": "Bearer word"})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert up(text) == dict.fromkeys(PARTS, False)
    assert 'agi_index_up{part="redis"} 0.0' in text
    assert 'agi_index_work{kind="import",state="done"} 1.0' in text
    assert 'agi_index_work{kind="recompute",state="done"} 1.0' in text


@pytest.mark.django_db
def test_it_shows_metrics_and_the_operator_page_to_staff(
    client: Client, settings: Settings
) -> None:
    settings.REDIS_URL = DEAD_REDIS
    client.force_login(User.objects.create_user("ada", is_staff=True))
    assert client.get("/metrics").status_code == 200
    page = client.get("/operator/")
    assert page.status_code == 200
    assert b"does not answer" in page.content


def test_it_sees_redis_without_worker_and_sweep(urls: embedded.Urls) -> None:
    pulse._client().delete(pulse.KEY)
    found = {servant.name: (servant.up, servant.detail) for servant in servants()}
    assert found["redis"] == (True, "answers")
    assert found["worker"][0] is False
    assert found["sweep"] == (False, "has never run")


@pytest.mark.parametrize(("age", "up"), [(50, True), (61, False)])
def test_it_counts_a_sweep_as_alive_for_a_minute(age: int, up: bool) -> None:
    pulse.beat()
    noted = pulse._client().get(pulse.KEY)
    assert noted is not None
    pulse._client().set(pulse.KEY, repr(float(noted) - age))
    state = {servant.name: servant.up for servant in servants()}
    assert state["sweep"] is up


def test_it_serves_readers_without_a_worker(live_site: str, static_files: Path) -> None:
    assert {servant.name: servant.up for servant in servants()}["worker"] is False
    with urllib.request.urlopen(f"{live_site}/", timeout=20) as page:
        assert page.status == 200
        assert b"AGI Index" in page.read()
