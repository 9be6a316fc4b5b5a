"""docker-compose.yml as docker-compose itself reads it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from indexsite import env
from indexsite.run.postgres import ROOM

COMPOSE = next(
    (
        words
        for words in (["docker-compose"], ["docker", "compose"])
        if shutil.which(words[0])
        and subprocess.run([*words, "version"], capture_output=True, check=False).returncode == 0
    ),
    [],
)
pytestmark = pytest.mark.skipif(not COMPOSE, reason="docker-compose is not installed")

SECRETS = {
    "SECRET_KEY": "the-key",
    "OWNER_PASSWORD": "the-owners",
    "APP_PASSWORD": "the-applications",
    "REDIS_PASSWORD": "the-brokers",
    "SITE_URL": "https://index.example",
}


def config(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMPOSE, "config", *arguments],
        cwd=env.ROOT,
        # Empty, not absent: a developer's `.env` must not fill anything in.
        env={**os.environ, **dict.fromkeys([*env.VARIABLES, *SECRETS], ""), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def services() -> dict[str, str]:
    """Each service's part of the resolved file."""
    resolved = config(**SECRETS)
    assert resolved.returncode == 0, resolved.stderr
    section = re.search(
        r"^services:\n(.*?)(?=^\w)", resolved.stdout + "end", re.DOTALL | re.MULTILINE
    )
    assert section is not None
    parts = re.split(r"^  (\w+):\n", section[1], flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_it_has_every_part_of_the_site(services: dict[str, str]) -> None:
    assert set(services) == {"db", "redis", "migrate", "web", "worker", "beat"}


@pytest.mark.parametrize("setting", ROOM)
def test_its_database_has_the_room_that_make_run_gives(
    services: dict[str, str], setting: str
) -> None:
    assert f"- {setting}\n" in services["db"]


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_it_has_no_default_for_a_secret(missing: str) -> None:
    refused = config(**{name: value for name, value in SECRETS.items() if name != missing})
    assert refused.returncode != 0
    assert f"{missing} must be set" in refused.stderr


def test_it_checks_the_health_of_all_that_stays(services: dict[str, str]) -> None:
    unchecked = {name for name, text in services.items() if "healthcheck:" not in text}
    assert unchecked == {"migrate"}


def test_it_gives_the_owners_password_to_the_database_and_migrations_only(
    services: dict[str, str],
) -> None:
    assert {name for name, text in services.items() if "the-owners" in text} == {"db", "migrate"}


def test_it_waits_for_the_migrations(services: dict[str, str]) -> None:
    waiting = {name for name, text in services.items() if "completed_successfully" in text}
    assert waiting == {"web", "worker", "beat"}


def test_it_does_not_run_the_application_as_root() -> None:
    dockerfile = (env.ROOT / "Dockerfile").read_text()
    assert dockerfile.index("USER agi") < dockerfile.index("CMD")
    assert "USER root" not in dockerfile
