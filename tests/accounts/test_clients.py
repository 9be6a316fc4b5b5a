"""Which host a request is counted for."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from accounts.clients import UNKNOWN, client_of


@pytest.mark.parametrize(
    ("remote", "client"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", UNKNOWN),
    ],
)
def test_it_counts_by_host_or_by_ipv6_network(settings: Settings, remote: str, client: str) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None
    assert client_of(RequestFactory().get("/", REMOTE_ADDR=remote)) == client


def test_it_believes_no_header_without_a_proxy(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None
    factory = RequestFactory(REMOTE_ADDR="198.51.100.7")
    request = factory.get("/", headers={"X-Forwarded-For": "203.0.113.1"})
    assert client_of(request) == "198.51.100.7"


def test_it_believes_only_what_the_proxy_itself_wrote(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    factory = RequestFactory(REMOTE_ADDR="127.0.0.1")
    request = factory.get("/", headers={"X-Forwarded-For": "203.0.113.1, 198.51.100.7"})
    assert client_of(request) == "198.51.100.7"


@pytest.mark.parametrize(
    ("https", "remote", "forwarded", "who"),
    [
        (False, "10.0.0.1", "", "10.0.0.1"),
        (False, "10.0.0.1", "6.6.6.6", "10.0.0.1"),
        (True, "10.0.0.1", "6.6.6.6, 8.8.8.8", "8.8.8.8"),
        (True, "10.0.0.1", "", "10.0.0.1"),
        (False, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (True, "10.0.0.1", "rubbish", UNKNOWN),
    ],
)
def test_it_knows_readers_by_their_network(
    settings: Settings, https: bool, remote: str, forwarded: str, who: str
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if https else None
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_of(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)) == who
