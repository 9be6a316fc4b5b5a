"""Each thing that must be true before the start is refused in one sentence that gives no secret."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from indexsite import env
from indexsite.run import checks
from indexsite.run.__main__ import unsupported
from indexsite.run.errors import RunError
from indexsite.run.processes import free_port
from tests.run.conftest import Cluster


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_it_refuses_a_taken_port(taken_port: int) -> None:
    with pytest.raises(RunError, match=f"Port {taken_port} on 127.0.0.1 is taken"):
        checks.check_port("127.0.0.1", taken_port)


def test_it_accepts_a_free_port() -> None:
    checks.check_port("127.0.0.1", free_port())


def test_it_refuses_an_address_of_another_machine() -> None:
    with pytest.raises(RunError, match=r"cannot listen on 192\.0\.2\.1"):
        checks.check_port("192.0.2.1", free_port())


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_it_names_an_unreachable_database_without_its_password(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv(variable, f"postgres://someone:hunter2@127.0.0.1:{port}/agi")
    with pytest.raises(RunError) as refusal:
        checks.check_database(variable)
    text = str(refusal.value)
    assert text.startswith(f"PostgreSQL at 127.0.0.1:{port}, named by {variable}, cannot be used: ")
    assert "hunter2" not in text
    assert "\n" not in text


def test_it_names_a_refused_password_without_showing_it(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = cluster.urls.database.partition("@")[2]
    monkeypatch.setenv("DATABASE_URL", f"postgres://agi_app:hunter2@{place}")
    with pytest.raises(RunError, match="password authentication failed") as refusal:
        checks.check_database("DATABASE_URL")
    assert "hunter2" not in str(refusal.value)


def test_it_accepts_a_database_that_answers(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", cluster.urls.database)
    checks.check_database("DATABASE_URL")


def test_it_refuses_another_kind_of_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///file.db")
    with pytest.raises(RunError, match="must begin with postgres://"):
        checks.check_database("DATABASE_URL")


def test_it_names_an_unreachable_redis_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = free_port()
    monkeypatch.setenv("REDIS_URL", f"redis://:hunter2@127.0.0.1:{port}/0")
    with pytest.raises(RunError, match=f"Redis at 127.0.0.1:{port}, named by REDIS_URL") as refusal:
        checks.check_redis()
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "redis://:hunter2@127.0.0.1:port/0", "junk"])
def test_it_names_a_redis_address_that_cannot_be_read(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(RunError, match="named by REDIS_URL, cannot be used") as refusal:
        checks.check_redis()
    assert "hunter2" not in str(refusal.value)


def test_it_accepts_a_redis_that_answers(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", cluster.urls.redis)
    checks.check_redis()


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eighty"), ("DEBUG", "perhaps"), ("RELEASE_POLICY", "yearly")]
)
def test_it_refuses_a_setting_that_makes_no_sense(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(env.SettingError, match=f"{name} is '{value}'"):
        checks.check_settings()


def test_it_refuses_a_python_that_is_too_old() -> None:
    assert unsupported((3, 10, 14)) == "Python 3.11 or newer is needed; this is 3.10."
    assert unsupported((3, 11, 0)) == ""
