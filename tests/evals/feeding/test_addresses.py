"""Feeds reach public addresses only, whatever form the address has."""

from __future__ import annotations

import ipaddress

import pytest

from evals.feeding.addresses import FeedFailed, is_public, resolved, target_of


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001:db8::1",
        "192.0.0.8",
        "192.88.99.1",
        "3fff::1",
        "5f00::1",
    ],
)
def test_it_refuses_an_address_that_is_not_public(number: str) -> None:
    assert not is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize(
    "number", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1"]
)
def test_it_takes_a_public_address(number: str) -> None:
    assert is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]:8000/x"]
)
def test_it_refuses_loopback_however_it_is_written(url: str) -> None:
    with pytest.raises(FeedFailed, match="not a public address"):
        resolved(target_of(url))


def test_it_takes_loopback_only_where_that_is_allowed() -> None:
    assert resolved(target_of("http://127.0.0.1:9/"), loopback_allowed=True) == ["127.0.0.1"]
    with pytest.raises(FeedFailed, match="not a public address"):
        resolved(target_of("http://10.0.0.1/"), loopback_allowed=True)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/x",
        "file:///etc/passwd",
        "http:///x",
        "example.org/x",
        "http://u:p@example.org/",
        "http://example.org:99999/",
        "http://example.org/a b",
        "http://example.org/\r\nHost: x",
        "http://[::1/",
    ],
)
def test_it_refuses_what_is_not_a_plain_address_of_the_web(url: str) -> None:
    with pytest.raises(FeedFailed):
        target_of(url)


def test_it_says_that_a_name_is_not_known() -> None:
    with pytest.raises(FeedFailed, match="cannot be resolved"):
        resolved(target_of("http://nothing.invalid/"))
