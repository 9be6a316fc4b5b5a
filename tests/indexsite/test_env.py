"""The environment: which variables there are, and which values are refused."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from indexsite import env

EXAMPLE = env.ROOT / ".env.example"
SETTINGS = """
import json
from indexsite import settings as s
found = {name: getattr(s, name) for name in dir(s) if name.isupper()}
print(json.dumps(found, default=lambda value: type(value).__name__))
"""


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which no variable of the project has a value."""
    for name in env.VARIABLES:
        monkeypatch.setenv(name, "")


def test_it_documents_exactly_the_variables_it_reads() -> None:
    named = re.findall(r"^(?:# *)?([A-Z][A-Z_]+)=", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(env.VARIABLES)


def test_it_reads_no_variable_that_is_not_listed() -> None:
    reads = r"text|flag|port|choice|words|number|folders|pairs"
    call = re.compile(rf"""env\.(?:{reads})\(\s*["']([A-Z_]+)["']""")
    found: set[str] = set()
    for path in (env.ROOT / "indexsite").rglob("*.py"):
        found.update(call.findall(path.read_text("utf-8")))
    assert "METRICS_TOKEN" in found
    assert found <= set(env.VARIABLES)


def test_it_reads_the_example_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in env.VARIABLES:
        monkeypatch.delenv(name)
    env.read_dotenv(EXAMPLE)
    assert env.port() == 8000
    assert env.flag("DEBUG") is False
    assert env.choice("RELEASE_POLICY", env.RELEASE_POLICIES, "immediate") == "immediate"
    assert env.site_url().startswith("http://localhost")


def test_it_never_overrides_what_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9001")
    monkeypatch.delenv("BIND")
    path = tmp_path / ".env"
    path.write_text("# a comment\n\nPORT=9002\n BIND = '0.0.0.0' \n")
    env.read_dotenv(path)
    assert (env.port(), env.bind()) == (9001, "0.0.0.0")


@pytest.mark.parametrize("line", ["PORT", "export PORT=1", "=1", "MY-PORT=1"])
def test_it_names_a_line_of_another_form(tmp_path: Path, line: str) -> None:
    path = tmp_path / ".env"
    path.write_text(f"# first\n{line}\n")
    with pytest.raises(env.SettingError, match=r"\.env, line 2: expected NAME=VALUE"):
        env.read_dotenv(path)


@pytest.mark.parametrize("value", ["0", "65536", "-1", "eighty", "80.0", "²", "٣"])
def test_it_refuses_a_port_that_is_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(env.SettingError, match=r"PORT is .*; use a port from 1 to 65535"):
        env.port()


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("YES", True), ("on", True), ("false", False), ("0", False), ("", False)],
)
def test_it_reads_a_flag(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("DEBUG", value)
    assert env.flag("DEBUG") is expected


def test_it_refuses_a_flag_or_choice_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(env.SettingError, match="DEBUG is 'maybe'; use true or false"):
        env.flag("DEBUG")
    monkeypatch.setenv("RELEASE_POLICY", "hourly")
    with pytest.raises(env.SettingError, match="use one of: immediate, daily, weekly"):
        env.choice("RELEASE_POLICY", env.RELEASE_POLICIES, "immediate")


@pytest.mark.parametrize("value", ["index.example", "ftp://index.example", "https://", "https://["])
def test_it_refuses_an_address_of_the_site_that_is_none(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SITE_URL", value)
    with pytest.raises(env.SettingError, match="SITE_URL is"):
        env.site_url()


def test_it_makes_a_secret_key_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "var"
    key = env.secret_key(folder)
    assert len(key) >= 50
    assert env.secret_key(folder) == key
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_it_keeps_the_key_that_another_process_made_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(length: int) -> str:
        (tmp_path / "secret_key").write_text("made first")
        return "made second"

    monkeypatch.setattr(secrets, "token_urlsafe", overtaken)
    assert env.secret_key(tmp_path) == "made first"
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_it_uses_a_given_secret_key_and_writes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "given")
    assert env.secret_key(tmp_path) == "given"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ["0", "-1", "1001", "many", "1.5", "²"])
def test_it_refuses_a_number_out_of_range(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("POST_MEGABYTES", value)
    with pytest.raises(env.SettingError, match="use a whole number from 1 to 1000"):
        env.number("POST_MEGABYTES", 100, most=1000)


def test_it_reads_folders_by_their_source(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.folders("WATCH_FOLDERS") == {}
    monkeypatch.setenv("WATCH_FOLDERS", "lab=/srv/logs, partner = /srv/a b")
    assert env.folders("WATCH_FOLDERS") == {
        "lab": Path("/srv/logs"),
        "partner": Path("/srv/a b"),
    }


@pytest.mark.parametrize("value", ["/srv", "Lab=/srv", "=/srv", "lab=srv", "a=/b,a=/c", "lab="])
def test_it_refuses_folders_it_cannot_tell_apart(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("WATCH_FOLDERS", value)
    with pytest.raises(env.SettingError, match="WATCH_FOLDERS"):
        env.folders("WATCH_FOLDERS")


def test_it_reads_what_the_files_of_a_folder_leave_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.dates("WATCH_DATES", ()) == {} == env.by_source("WATCH_SYSTEMS", ())
    monkeypatch.setenv("WATCH_DATES", "lab=2026-03-01")
    monkeypatch.setenv("WATCH_SYSTEMS", "lab = nova 2")
    assert env.dates("WATCH_DATES", ["lab"]) == {"lab": dt.date(2026, 3, 1)}
    assert env.by_source("WATCH_SYSTEMS", ["lab"]) == {"lab": "nova 2"}
    with pytest.raises(env.SettingError, match="WATCH_SYSTEMS names the source lab, which has no"):
        env.by_source("WATCH_SYSTEMS", ["else"])
    monkeypatch.setenv("WATCH_DATES", "lab=1 March")
    with pytest.raises(env.SettingError, match="WATCH_DATES holds another date than YYYY-MM-DD"):
        env.dates("WATCH_DATES", ["lab"])


def settings_with(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a fresh process prints that reads the settings."""
    unset = dict.fromkeys(env.VARIABLES, "")
    given = {"DATABASE_URL": "postgres://app@127.0.0.1:1/agi", "DATA_DIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", SETTINGS],
        cwd=env.ROOT,
        env={**os.environ, **unset, **given, **variables},
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://u:secret@host:word/agi"),
        ("EMAIL_URL", "nonsense"),
    ],
)
def test_it_says_which_address_its_settings_cannot_read(
    tmp_path: Path, name: str, value: str
) -> None:
    ended = settings_with(tmp_path, **{name: value})
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"indexsite.env.SettingError: {name} ")
    assert "secret" not in ended.stderr
