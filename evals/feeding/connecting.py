"""A connection to a checked address that nobody can hold longer than it is given."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from threading import Event, Timer

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, IncompleteRead, ProtocolError

from evals.feeding.addresses import FeedFailed, Target, resolved


@dataclass
class Clock:
    """The time that is left for everything, redirects included.

    `patience` is the time between two signs of life and `total` that of the whole, in seconds.
    """

    patience: float
    total: float

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.total

    def left(self) -> float:
        """Seconds that are left. Raises FeedFailed where there are none."""
        seconds = self._until - time.monotonic()
        if seconds <= 0:
            raise self.failure()
        return seconds

    def failure(self) -> FeedFailed:
        """What is said once the time is over."""
        return FeedFailed(f"the answer was not complete after {self.total:g} s")


@contextmanager
def connected(
    target: Target, clock: Clock, *, loopback_allowed: bool = False, private_allowed: bool = False
) -> Iterator[tuple[HTTPConnection, Event]]:
    """A connection to the target, and whether the time ran out meanwhile.

    A timeout of a socket starts anew with each byte. The timer ends a connection whatever it is
    doing, the handshake of TLS included, so that a server cannot hold a worker by dripping.
    Raises FeedFailed for whatever goes wrong with the connection, also inside the block.
    """
    numbers = resolved(target, loopback_allowed=loopback_allowed, private_allowed=private_allowed)
    sock = _reached(target, numbers, clock)
    ended = Event()
    # Of its own: the handshake takes the socket's handle over.
    handle = sock.dup()
    timer = Timer(clock.left(), _end, [handle, ended])
    timer.daemon = True
    timer.start()
    connection = HTTPConnection(target.host, target.port, timeout=clock.patience)
    try:
        connection.sock = _secured(sock, target) if target.secure else sock
        yield connection, ended
    except (HTTPError, HTTPException, OSError) as error:
        raise (clock.failure() if ended.is_set() else FeedFailed(_plain(error))) from None
    finally:
        timer.cancel()
        connection.close()
        handle.close()


def _end(sock: socket.socket, ended: Event) -> None:
    ended.set()
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _reached(target: Target, numbers: list[str], clock: Clock) -> socket.socket:
    """A connection to one of the checked addresses."""
    reasons = []
    for number in numbers:
        patience = min(clock.patience, clock.left())
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
