"""Fetching from a real server that misbehaves in every way there is."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from evals.feeding.addresses import FeedFailed
from evals.feeding.download import Fetched, Known, Limits, download
from tests.evals.feeding.server import reply, serving

LIMITS = Limits(largest=100_000, patience=1.0, total=1.5, loopback_allowed=True)


def fetched(url: str, folder: Path, known: Known | None = None) -> Fetched:
    return download(url, folder / "file", known=known or Known(), limits=LIMITS)


def test_it_keeps_the_body_and_what_the_server_says_of_it(tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        reply(
            handler, 200, b"a,b\n1,2\n", ETag='"one"', Last_Modified="Sat, 01 Nov 2025 00:00:00 GMT"
        )

    with serving(answer) as server:
        found = fetched(f"{server.url}/x.csv?day=1", tmp_path)
    assert (tmp_path / "file").read_bytes() == b"a,b\n1,2\n"
    assert found.known == Known('"one"', "Sat, 01 Nov 2025 00:00:00 GMT")
    assert (found.size, found.unchanged) == (8, False)
    path, headers = server.asked[0]
    assert (path, headers["Host"]) == ("/x.csv?day=1", server.url.removeprefix("http://"))


def test_it_asks_whether_the_file_changed(tmp_path: Path) -> None:
    with serving(lambda handler: reply(handler, 304)) as server:
        assert fetched(server.url, tmp_path, Known('"one"', "then")).unchanged
    headers = server.asked[0][1]
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"one"', "then")
    assert not (tmp_path / "file").exists()


def test_it_follows_redirects_and_says_where_they_led(tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/old":
            reply(handler, 302, Location="/new")
        else:
            reply(handler, 200, b"x")

    with serving(answer) as server:
        assert fetched(f"{server.url}/old", tmp_path).url == f"{server.url}/new"


@pytest.mark.parametrize(
    "location", ["http://10.0.0.1/", "http://169.254.169.254/latest", "http://[fd00::1]/"]
)
def test_it_checks_the_address_that_a_redirect_leads_to(tmp_path: Path, location: str) -> None:
    with (
        serving(lambda handler: reply(handler, 302, Location=location)) as server,
        pytest.raises(FeedFailed, match="not a public address"),
    ):
        fetched(server.url, tmp_path)


def test_it_does_not_follow_a_redirect_from_outside_to_loopback(tmp_path: Path) -> None:
    strict = Limits(largest=10)
    with (
        serving(lambda handler: reply(handler, 200, b"secret")) as server,
        pytest.raises(FeedFailed, match="not a public address"),
    ):
        download(server.url, tmp_path / "file", known=Known(), limits=strict)
    assert server.asked == []


@pytest.mark.parametrize("location", ["file:///etc/passwd", "", "http://u:p@127.0.0.1/"])
def test_it_refuses_a_redirect_to_anything_else(tmp_path: Path, location: str) -> None:
    with (
        serving(lambda handler: reply(handler, 302, Location=location)) as server,
        pytest.raises(FeedFailed),
    ):
        fetched(server.url, tmp_path)


def test_it_ends_a_circle_of_redirects(tmp_path: Path) -> None:
    with (
        serving(lambda handler: reply(handler, 302, Location="/again")) as server,
        pytest.raises(FeedFailed, match="redirects"),
    ):
        fetched(server.url, tmp_path)
    assert len(server.asked) == 6


def test_it_gives_up_on_a_server_that_never_answers(tmp_path: Path) -> None:
    began = time.monotonic()
    with (
        serving(lambda handler: time.sleep(3)) as server,
        pytest.raises(FeedFailed, match=r"timed out|not complete"),
    ):
        fetched(server.url, tmp_path)
    assert time.monotonic() - began < 2.5


def drip(handler: BaseHTTPRequestHandler) -> None:
    try:
        for byte in b"HTTP/1.0 200 OK\r\nX-Slow: " + b"x" * 60:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.1)
    except OSError:
        return


def drip_body(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    drip(handler)


@pytest.mark.parametrize("answer", [drip, drip_body])
def test_it_gives_up_on_a_server_that_drips(tmp_path: Path, answer: object) -> None:
    began = time.monotonic()
    with (
        serving(answer) as server,  # type: ignore[arg-type]
        pytest.raises(FeedFailed, match=r"not complete after 1\.5 s"),
    ):
        fetched(server.url, tmp_path)
    assert time.monotonic() - began < 2.5


def test_it_refuses_a_body_shorter_than_announced(tmp_path: Path) -> None:
    with (
        serving(lambda handler: reply(handler, 200, b"half", Content_Length="8")) as server,
        pytest.raises(FeedFailed, match=r"^the answer broke off before its end$"),
    ):
        fetched(server.url, tmp_path)


def broken_chunks(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf")


def test_it_refuses_a_body_whose_size_changes_midway(tmp_path: Path) -> None:
    with serving(broken_chunks) as server, pytest.raises(FeedFailed):
        fetched(server.url, tmp_path)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    try:
        while True:
            handler.wfile.write(b"x" * 10_000)
    except OSError:
        return


def announced(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 200, b"", Content_Length="100001")


@pytest.mark.parametrize("answer", [endless, announced])
def test_it_stops_at_the_largest_size(tmp_path: Path, answer: object) -> None:
    with (
        serving(answer) as server,  # type: ignore[arg-type]
        pytest.raises(FeedFailed, match="100000"),
    ):
        fetched(server.url, tmp_path)


@pytest.mark.parametrize("status", [204, 401, 404, 500])
def test_it_says_what_else_the_server_answers(tmp_path: Path, status: int) -> None:
    with (
        serving(lambda handler: reply(handler, status)) as server,
        pytest.raises(FeedFailed, match=str(status)),
    ):
        fetched(server.url, tmp_path)


def test_it_says_that_nobody_listens(tmp_path: Path) -> None:
    with serving(lambda handler: None) as server:
        address = server.url
    with pytest.raises(FeedFailed, match="does not take a connection"):
        fetched(address, tmp_path)
