"""Reading of the environment, without Django: the supervisor needs it before any server runs."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import tempfile
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent

VARIABLES = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "DEBUG",
    "ALLOWED_HOSTS",
    "EMAIL_URL",
    "EMAIL_FROM",
    "EMAIL_BOUNCES",
    "ALERTS_ALLOW_PRIVATE",
    "ALERTS_KEEP_DAYS",
    "SITE_URL",
    "DATA_DIR",
    "BIND",
    "PORT",
    "RELEASE_POLICY",
    "METRICS_TOKEN",
    "UPLOAD_MEGABYTES",
    "POST_MEGABYTES",
    "API_REQUESTS_PER_MINUTE",
    "API_READS_PER_MINUTE",
    "WATCH_FOLDERS",
    "WATCH_DATES",
    "WATCH_SYSTEMS",
    "ACCOUNTS_OPEN",
    "MFA_REQUIRED",
    "OIDC_NAME",
    "OIDC_ISSUER",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_GROUPS_CLAIM",
    "OIDC_GROUPS",
    "SINGLE_STEWARD",
    "PROPOSALS_PUBLIC",
    "OWN_BASKETS_PER_PERSON",
    "OWN_CHANGES_PER_DAY",
)
"""Every variable the project reads; a test compares `.env.example` with it."""

RELEASE_POLICIES = ("immediate", "daily", "weekly")


class SettingError(Exception):
    """A setting has a value that cannot be used; the text names it and says what is allowed."""


def read_dotenv(path: Path = ROOT / ".env") -> None:
    """Put the `KEY=VALUE` lines of `path` into the environment, never over what is already there.

    Blank lines and lines that begin with `#` are passed over; quotes round a value are dropped.
    Raises SettingError, with the line's number, for a line of another form.
    """
    if not path.is_file():
        return
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            raise SettingError(f"{path.name}, line {number}: expected NAME=VALUE.")
        os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def text(name: str, default: str = "") -> str:
    """The variable's text, or `default` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """The variable as yes or no; SettingError for any other word."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} is {value!r}; use true or false.")


def port(name: str = "PORT", default: int = 8000) -> int:
    """The variable as a TCP port, 1 to 65535; SettingError otherwise."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value) <= 65535:
        raise SettingError(f"{name} is {value!r}; use a port from 1 to 65535.")
    return int(value)


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    """The variable as one of `allowed`; SettingError otherwise."""
    value = text(name, default)
    if value not in allowed:
        raise SettingError(f"{name} is {value!r}; use one of: {', '.join(allowed)}.")
    return value


def words(name: str) -> list[str]:
    """The variable as a comma-separated list; empty where it is unset."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def number(name: str, default: int, *, most: int) -> int:
    """The variable as a whole number from 1 to `most`; SettingError otherwise."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value) <= most:
        raise SettingError(f"{name} is {value!r}; use a whole number from 1 to {most}.")
    return int(value)


def folders(name: str) -> dict[str, Path]:
    """The variable as folders by source, from `source=/folder` with commas between.

    SettingError for a source that is no slug or stands there twice, and for a folder whose path is
    not absolute: what it would be relative to differs between processes.
    """
    found: dict[str, Path] = {}
    for word in words(name):
        source, equals, folder = (part.strip() for part in word.partition("="))
        if not equals or re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,49}", source) is None:
            raise SettingError(f"{name} holds {word!r}; use source=/folder, separated by commas.")
        if source in found:
            raise SettingError(f"{name} names the source {source} twice.")
        if not Path(folder).is_absolute():
            raise SettingError(f"{name} holds the folder {folder!r}; use an absolute path.")
        found[source] = Path(folder)
    return found


def pairs(name: str) -> dict[str, str]:
    """The variable as `left=right` pairs with commas between; SettingError for any other form."""
    found: dict[str, str] = {}
    for word in words(name):
        left, equals, right = (part.strip() for part in word.partition("="))
        if not (left and equals and right):
            raise SettingError(f"{name} holds {word!r}; use theirs=ours, separated by commas.")
        if left in found:
            raise SettingError(f"{name} names {left} twice.")
        found[left] = right
    return found


def by_source(name: str, sources: Collection[str]) -> dict[str, str]:
    """The variable as `source=value` pairs; SettingError for a source that has no folder."""
    found = pairs(name)
    for source in found:
        if source not in sources:
            raise SettingError(f"{name} names the source {source}, which has no folder.")
    return found


def dates(name: str, sources: Collection[str]) -> dict[str, dt.date]:
    """The same with dates; SettingError for what is none."""
    try:
        return {
            source: dt.date.fromisoformat(day) for source, day in by_source(name, sources).items()
        }
    except ValueError as error:
        raise SettingError(f"{name} holds another date than YYYY-MM-DD: {error}.") from error


def data_dir() -> Path:
    """Where this installation keeps its state: `DATA_DIR`, by default `var` in the project."""
    return (ROOT / text("DATA_DIR", "var")).resolve()


def bind() -> str:
    """The address the web server listens on: `BIND`, by default 127.0.0.1."""
    return text("BIND", "127.0.0.1")


def site_url() -> str:
    """The site's public address: `SITE_URL`, by default http://localhost at `PORT`.

    SettingError for one without http:// or https://, which would leave the cookies unprotected
    in silence, or without a host.
    """
    value = text("SITE_URL", f"http://localhost:{port()}").rstrip("/")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingError(f"SITE_URL is {value!r}; use an address such as https://index.example.")
    return value


def secret_key(directory: Path) -> str:
    """`SECRET_KEY`, or a key made once and kept in `directory` (mode 0600) for a local run."""
    given = text("SECRET_KEY")
    if given:
        return given
    path = directory / "secret_key"
    if not path.exists():
        _make_key(path)
    return path.read_text(encoding="ascii").strip()


def _make_key(path: Path) -> None:
    """Write a new key whole, and only where no other process has written one meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Such a file has mode 0600 from the start.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".secret_key-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
