"""Which host a request is counted for."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from alerts.clients import client_of


@pytest.mark.parametrize(
    ("remote", "client"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_it_counts_by_host_or_by_ipv6_network(settings: Any, remote: str, client: str) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None
    assert client_of(RequestFactory().get("/", REMOTE_ADDR=remote)) == client


def test_it_believes_no_header_without_a_proxy(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None
    forged = {"HTTP_X_FORWARDED_FOR": "203.0.113.1", "REMOTE_ADDR": "198.51.100.7"}
    assert client_of(RequestFactory().get("/", **forged)) == "198.51.100.7"


def test_it_believes_only_what_the_proxy_itself_wrote(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    headers = {"HTTP_X_FORWARDED_FOR": "203.0.113.1, 198.51.100.7", "REMOTE_ADDR": "127.0.0.1"}
    assert client_of(RequestFactory().get("/", **headers)) == "198.51.100.7"
