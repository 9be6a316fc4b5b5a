"""The settings that a site gets from its public address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.indexsite.test_env import settings_with

MAIL = "smtp+tls://user:word@mail.example:587"


def read(tmp_path: Path, **variables: str) -> dict[str, Any]:
    """The settings of a fresh process."""
    ended = settings_with(tmp_path, **variables)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The settings of a site with an https address."""
    return read(
        tmp_path_factory.mktemp("secure"), SITE_URL="https://index.example/", EMAIL_URL=MAIL
    )


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The settings of a site on one machine."""
    return read(tmp_path_factory.mktemp("local"), SITE_URL="", PORT="8123")


@pytest.mark.parametrize(
    "name",
    [
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    ],
)
def test_it_is_secure_exactly_where_the_address_is_https(
    secure: dict[str, Any], local: dict[str, Any], name: str
) -> None:
    assert secure[name] is True
    assert local[name] is False


def test_it_trusts_the_proxy_and_its_own_host_under_https(secure: dict[str, Any]) -> None:
    assert secure["SITE_URL"] == "https://index.example"
    assert secure["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert secure["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert secure["CSRF_TRUSTED_ORIGINS"] == ["https://index.example"]
    assert "index.example" in secure["ALLOWED_HOSTS"]
    assert "*" not in secure["ALLOWED_HOSTS"]


def test_it_trusts_no_proxy_on_one_machine(local: dict[str, Any]) -> None:
    assert local["SITE_URL"] == "http://localhost:8123"
    assert local["SECURE_PROXY_SSL_HEADER"] is None
    assert local["SECURE_HSTS_SECONDS"] == 0
    assert set(local["ALLOWED_HOSTS"]) == {"localhost", "127.0.0.1", "[::1]"}


def test_it_never_shows_errors_or_runs_inline_scripts_unasked(local: dict[str, Any]) -> None:
    assert local["DEBUG"] is False
    directives = local["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == directives["style-src"] == ["'self'"]


def test_it_writes_mails_to_files_where_no_server_is_named(
    local: dict[str, Any], secure: dict[str, Any]
) -> None:
    assert local["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
    assert secure["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (secure["EMAIL_HOST"], secure["EMAIL_PORT"], secure["EMAIL_USE_TLS"]) == (
        "mail.example",
        587,
        True,
    )
