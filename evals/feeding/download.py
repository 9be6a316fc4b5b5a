"""One feed's file over HTTP: bounded in time and size, redirects followed by hand."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from urllib.parse import urljoin

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, IncompleteRead, ProtocolError
from urllib3.response import HTTPResponse

from evals.feeding.addresses import FeedFailed, Target, resolved, target_of

CHUNK = 64 << 10
REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 5
AGENT = "agi-index-feed"


@dataclass(frozen=True)
class Limits:
    """What a feed may cost: `patience` between two signs of life and `total`, in seconds."""

    largest: int
    patience: float = 20.0
    total: float = 300.0
    loopback_allowed: bool = False


@dataclass(frozen=True)
class Known:
    """What the server said of the file when it was last fetched, to ask whether it changed."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """The conditions of the request."""
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in conditions.items() if value}


@dataclass(frozen=True)
class Fetched:
    """A file as it came, `url` after redirects; nothing was written where `unchanged`."""

    url: str
    unchanged: bool
    known: Known
    size: int


@dataclass
class _Clock:
    """The time that is left for everything, redirects included."""

    limits: Limits
    until: float

    def left(self) -> float:
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise self.failure()
        return seconds

    def failure(self) -> FeedFailed:
        return FeedFailed(f"the answer was not complete after {self.limits.total:g} s")


def download(url: str, path: Path, *, known: Known, limits: Limits) -> Fetched:
    """Write what `url` answers to `path`. Raises FeedFailed; then `path` may hold a part.

    Every address on the way is checked anew. A redirect from https to http is not followed.
    """
    clock = _Clock(limits, time.monotonic() + limits.total)
    target = target_of(url)
    for _hop in range(MOST_REDIRECTS + 1):
        with _answer(target, known, clock) as (answer, ended):
            if answer.status not in REDIRECTS:
                return _kept(answer, target, path, clock, ended)
            target = _next(target, answer)
    raise FeedFailed(f"more than {MOST_REDIRECTS} redirects")


def _next(target: Target, answer: HTTPResponse) -> Target:
    location = answer.headers.get("Location", "")
    if not location:
        raise FeedFailed(f"the answer {answer.status} says not where to go on")
    found = target_of(urljoin(target.url, location))
    if target.secure and not found.secure:
        raise FeedFailed("the answer leads from https to http")
    return found


@contextmanager
def _answer(target: Target, known: Known, clock: _Clock) -> Iterator[tuple[HTTPResponse, Event]]:
    """The server's answer with its body unread, and whether the time ran out meanwhile.

    A timeout of a socket starts anew with each byte. The timer ends a connection whatever it is
    doing, the handshake of TLS included, so that a server cannot hold a worker by dripping.
    """
    sock = _reached(target, clock)
    ended = Event()
    # Of its own: the handshake takes the socket's handle over.
    handle = sock.dup()
    timer = Timer(clock.left(), _end, [handle, ended])
    timer.daemon = True
    timer.start()
    connection = HTTPConnection(target.host, target.port, timeout=clock.limits.patience)
    try:
        connection.sock = _secured(sock, target) if target.secure else sock
        yield _asked(connection, target, known), ended
    except (HTTPError, OSError) as error:
        raise (clock.failure() if ended.is_set() else FeedFailed(_plain(error))) from None
    finally:
        timer.cancel()
        connection.close()
        handle.close()


def _end(sock: socket.socket, ended: Event) -> None:
    ended.set()
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _reached(target: Target, clock: _Clock) -> socket.socket:
    """A connection to one of the checked addresses."""
    reasons = []
    for number in resolved(target, loopback_allowed=clock.limits.loopback_allowed):
        patience = min(clock.limits.patience, clock.left())
        try:
            return socket.create_connection((number, target.port), timeout=patience)
        except OSError as error:
            reasons.append(f"{number}: {_plain(error)}")
    raise FeedFailed(f"{target.host} does not take a connection ({'; '.join(reasons)})")


def _secured(sock: socket.socket, target: Target) -> socket.socket:
    """The connection over TLS, its certificate verified for the name that was asked for."""
    context = ssl.create_default_context()
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(["http/1.1"])
    return context.wrap_socket(sock, server_hostname=target.host)


def _asked(connection: HTTPConnection, target: Target, known: Known) -> HTTPResponse:
    connection.request(
        "GET",
        target.path,
        headers={
            "Host": target.netloc,
            "User-Agent": AGENT,
            "Accept-Encoding": "identity",
            **known.headers(),
        },
        preload_content=False,
        decode_content=False,
        enforce_content_length=True,
    )
    return connection.getresponse()


def _kept(answer: HTTPResponse, target: Target, path: Path, clock: _Clock, ended: Event) -> Fetched:
    if answer.status == 304:
        return Fetched(target.url, True, Known(), 0)
    if answer.status != 200:
        raise FeedFailed(f"the server answers {answer.status} {answer.reason or ''}".rstrip())
    largest = clock.limits.largest
    announced = answer.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > largest:
        raise FeedFailed(f"the file has {announced} bytes, and {largest} are the most")
    size = 0
    with path.open("wb") as file:
        for chunk in answer.stream(CHUNK, decode_content=False):
            size += len(chunk)
            if size > largest:
                raise FeedFailed(f"the file has more than {largest} bytes")
            clock.left()
            file.write(chunk)
    # A body without a stated length ends where the connection does, also when the timer ended it.
    if ended.is_set():
        raise clock.failure()
    found = Known(
        answer.headers.get("ETag", "")[:300], answer.headers.get("Last-Modified", "")[:60]
    )
    return Fetched(target.url, False, found, size)


def _plain(error: Exception) -> str:
    """The reason without the objects that the library names in it."""
    if isinstance(error, ProtocolError) and len(error.args) > 1:
        # Its text is the reason and the error behind it, as Python shows a pair.
        cause = error.args[1]
        if isinstance(cause, IncompleteRead):
            return "the answer broke off before its end"
        return f"the connection broke: {cause}"
    text = str(error)
    if text.startswith("HTTPConnection"):
        text = text.partition(": ")[2] or text
    return text or type(error).__name__
