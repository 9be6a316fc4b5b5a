"""Feeds over TLS: verified by name, and given up in time whatever the other side does."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evals.feeding.addresses import FeedFailed
from evals.feeding.download import Fetched, Known, Limits, download

LIMITS = Limits(largest=100_000, patience=20.0, total=1.5, loopback_allowed=True)
# A handshake record of 16 KiB, of which one byte comes at a time.
RECORD = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + b"x" * 16_000


def fetched(port: int, folder: Path, host: str = "127.0.0.1") -> Fetched:
    url = f"https://{host}:{port}/x"
    return download(url, folder / "file", known=Known(), limits=LIMITS)


def drip(client: socket.socket, content: bytes) -> None:
    """Send a content byte by byte until the other side has enough of it."""
    with client:
        for byte in content:
            time.sleep(0.1)
            try:
                client.sendall(bytes([byte]))
            except OSError:
                return


@contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that takes one connection."""

    def take() -> None:
        with contextlib.suppress(OSError):
            answer(server.accept()[0])

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]


def test_it_gives_up_on_a_handshake_that_drips(tmp_path: Path) -> None:
    began = time.monotonic()
    with (
        serving(lambda client: drip(client, RECORD)) as port,
        pytest.raises(FeedFailed, match=r"not complete after 1\.5 s"),
    ):
        fetched(port, tmp_path)
    assert 1.4 < time.monotonic() - began < 2.5


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with its key for 127.0.0.1, signed by itself."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    made = path.with_name("made.pem")
    line = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    about = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    try:
        subprocess.run(
            [*line, *about, "-keyout", str(path), "-out", str(made)],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed; it makes the certificate")
    path.write_bytes(path.read_bytes() + made.read_bytes())
    return path


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    """The server's side of the certificate."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(certificate)
    return found


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is one that is believed."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def answering(context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    """Over TLS, one whole answer."""

    def answer(client: socket.socket) -> None:
        with context.wrap_socket(client, server_side=True) as secure:
            secure.recv(4096)
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")

    return answer


@pytest.mark.usefixtures("trusted")
def test_it_fetches_from_a_server_that_proves_its_name(
    context: ssl.SSLContext, tmp_path: Path
) -> None:
    with serving(answering(context)) as port:
        assert fetched(port, tmp_path).size == 4
    assert (tmp_path / "file").read_bytes() == b"body"


@pytest.mark.usefixtures("trusted")
def test_it_gives_up_on_an_answer_that_drips_over_tls(
    context: ssl.SSLContext, tmp_path: Path
) -> None:
    def answer(client: socket.socket) -> None:
        drip(context.wrap_socket(client, server_side=True), b"HTTP/1.0 200 OK\r\n\r\n" * 9)

    began = time.monotonic()
    with serving(answer) as port, pytest.raises(FeedFailed, match=r"not complete after 1\.5 s"):
        fetched(port, tmp_path)
    assert time.monotonic() - began < 2.5


def test_it_refuses_a_server_that_proves_nothing(context: ssl.SSLContext, tmp_path: Path) -> None:
    with (
        serving(answering(context)) as port,
        pytest.raises(FeedFailed, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        fetched(port, tmp_path)


@pytest.mark.usefixtures("trusted")
def test_it_refuses_a_server_of_another_name(context: ssl.SSLContext, tmp_path: Path) -> None:
    with (
        serving(answering(context)) as port,
        pytest.raises(FeedFailed, match="not valid for 'localhost'"),
    ):
        fetched(port, tmp_path, host="localhost")
