"""Posting to addresses that people gave: bounded, judged by the answer, to public places only."""

from __future__ import annotations

import datetime as dt
import ssl
import subprocess
import time
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from alerts.channels import posting
from alerts.channels.contract import ChannelError
from tests.alerts.channels.receiver import Answer, Receiver, receiving, saying
from tests.evals.feeding.test_secure import serving as raw


def post(receiver: Receiver, settings: Settings, answer: Answer) -> ChannelError | None:
    """What became of one message."""
    settings.ALERTS_ALLOW_PRIVATE = [receiver.place]
    receiver.answer = answer
    try:
        posting.post(receiver.url, b"{}", {})
    except ChannelError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("status", "permanent", "gone"),
    [
        (301, True, False),
        (400, True, False),
        (401, True, False),
        (404, True, False),
        (410, True, True),
        (408, False, False),
        (409, False, False),
        (425, False, False),
        (429, False, False),
        (500, False, False),
        (503, False, False),
    ],
)
def test_it_tells_passing_refusals_from_final_ones(
    settings: Settings, status: int, permanent: bool, gone: bool
) -> None:
    with receiving() as receiver:
        error = post(receiver, settings, saying(status))
    assert error is not None and str(error) == f"the receiver answers {status}"
    assert (error.permanent, error.gone) == (permanent, gone)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_it_takes_every_yes(settings: Settings, status: int) -> None:
    with receiving() as receiver:
        assert post(receiver, settings, saying(status)) is None


def test_it_waits_as_long_as_it_is_asked_to(settings: Settings) -> None:
    with receiving() as receiver:
        error = post(receiver, settings, saying(429, Retry_After="120"))
    assert error is not None and error.retry_after == 120.0
    moment = format_datetime(timezone.now() + dt.timedelta(hours=1))
    assert 3500 < (posting.wait_asked(moment) or 0) <= 3600
    assert posting.wait_asked("soon") is None and posting.wait_asked("") is None
    assert posting.wait_asked("9" * 20) == posting.LONGEST_WAIT


def test_it_reaches_no_private_place_unless_it_is_named(settings: Settings) -> None:
    settings.ALERTS_ALLOW_PRIVATE = []
    with receiving() as receiver:
        with pytest.raises(ChannelError) as refused:
            posting.post(receiver.url, b"{}", {})
        assert refused.value.permanent and receiver.taken == []
        assert "127.0.0.1" not in str(refused.value)
        assert "public" in posting.refusal(receiver.url)
        settings.ALERTS_ALLOW_PRIVATE = [receiver.place]
        assert posting.refusal(receiver.url) == ""
    assert "http" in posting.refusal("ftp://example.org/")


@pytest.mark.parametrize(
    "place", ["169.254.169.254/latest", "[::1]/x", "10.0.0.1/", "2130706433/", "[fe80::1]/"]
)
def test_it_follows_no_redirect_into_a_private_place(settings: Settings, place: str) -> None:
    with receiving() as receiver:
        error = post(receiver, settings, saying(307, Location=f"http://{place}"))
    assert error is not None and error.permanent
    assert str(error) == "the address does not lead to a public place of the internet"


def test_it_follows_no_redirect_to_another_port_of_this_machine(settings: Settings) -> None:
    with receiving() as receiver, receiving() as other:
        assert post(receiver, settings, saying(308, Location=other.url)) is not None
        assert other.taken == []
        settings.ALERTS_ALLOW_PRIVATE = [receiver.place, other.place]
        posting.post(receiver.url, b'{"a": 1}', {})
        assert other.taken[0].body == b'{"a": 1}'


def test_it_follows_no_endless_redirect(settings: Settings) -> None:
    with receiving() as receiver:
        error = post(receiver, settings, saying(307, Location="/again"))
    assert error is not None and "redirects" in str(error)
    assert len(receiver.taken) == posting.MOST_REDIRECTS + 1


def test_it_gives_up_on_an_answer_that_drips(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "TOTAL", 0.4)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        for letter in b"HTTP/1.1 200 OK\r\n" * 9:
            handler.wfile.write(bytes([letter]))
            handler.wfile.flush()
            time.sleep(0.05)

    with receiving() as receiver:
        began = time.monotonic()
        error = post(receiver, settings, drip)
    assert error is not None and not error.permanent and "0.4 s" in str(error)
    assert time.monotonic() - began < 1.5


def test_it_reads_nothing_of_a_huge_answer(settings: Settings) -> None:
    written: list[int] = []

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        while len(written) < 4000:
            handler.wfile.write(b"x" * (1 << 16))
            written.append(1)

    with receiving() as receiver:
        assert post(receiver, settings, flood) is None
    time.sleep(0.1)
    assert len(written) < 1000


def test_it_gives_up_on_headers_without_end(settings: Settings) -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000)

    with receiving() as receiver:
        error = post(receiver, settings, flood)
    assert error is not None and not error.permanent


def test_it_refuses_a_certificate_that_proves_nothing(settings: Settings, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    line = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    about = ["-subj", "/CN=localhost", "-keyout", str(both), "-out", str(tmp_path / "made.pem")]
    subprocess.run([*line, *about], check=True, capture_output=True)
    both.write_bytes(both.read_bytes() + (tmp_path / "made.pem").read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    with raw(lambda client: context.wrap_socket(client, server_side=True).close()) as port:
        settings.ALERTS_ALLOW_PRIVATE = [f"localhost:{port}"]
        with pytest.raises(ChannelError, match="CERTIFICATE_VERIFY_FAILED") as refused:
            posting.post(f"https://localhost:{port}/", b"{}", {})
    assert not refused.value.permanent


def test_it_says_why_nothing_answers(settings: Settings) -> None:
    settings.ALERTS_ALLOW_PRIVATE = ["127.0.0.1:1"]
    with pytest.raises(ChannelError, match="refused") as refused:
        posting.post("http://127.0.0.1:1/", b"{}", {})
    assert not refused.value.permanent
