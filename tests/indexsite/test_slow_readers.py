"""A reader who takes nothing holds a thread of the web server for a bounded time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from indexsite.slow_readers import Environ, bounded


def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"x" * 50_000_000]


@contextmanager
def connected() -> Iterator[tuple[socket.socket, socket.socket]]:
    server, reader = socket.socketpair()
    with server, reader:
        yield server, reader


def send(server: socket.socket, method: str = "GET") -> None:
    """As gunicorn sends: one call for each part."""
    environ = {"gunicorn.socket": server, "REQUEST_METHOD": method}
    for part in bounded(application, seconds=0.3)(environ, lambda *given: None):
        server.sendall(part)


def test_it_gives_up_on_who_takes_nothing_or_a_byte_now_and_then() -> None:
    for pause in (None, 0.02):
        with connected() as (server, reader):
            if pause:
                dripping = threading.Thread(target=_drip, args=(reader, pause), daemon=True)
                dripping.start()
            began = time.monotonic()
            try:
                send(server)
                raise AssertionError("the reader took it all")
            except TimeoutError:
                assert time.monotonic() - began < 2


def _drip(reader: socket.socket, pause: float) -> None:
    try:
        while reader.recv(1):
            time.sleep(pause)
    except OSError:
        return


def test_who_takes_a_large_answer_slowly_and_steadily_gets_it_whole() -> None:
    with connected() as (server, reader):
        taken: list[bytes] = []
        taking = threading.Thread(target=_take, args=(reader, 3_000_000, taken), daemon=True)
        taking.start()
        answer = Answer([b"x" * 3_000_000])
        environ = {"gunicorn.socket": server, "REQUEST_METHOD": "GET"}
        parts = bounded(lambda *given: answer, seconds=0.4)(environ, lambda *given: None)
        began = time.monotonic()
        for part in parts:
            server.sendall(part)
        assert time.monotonic() - began > 0.4
        taking.join(5)
        assert b"".join(taken) == answer[0]
        parts.close()  # type: ignore[attr-defined]
        assert answer.closed


class Answer(list[bytes]):
    """An answer that has to be closed."""

    closed = False

    def close(self) -> None:
        """Note it."""
        self.closed = True


def _take(reader: socket.socket, size: int, taken: list[bytes]) -> None:
    while size > 0:
        taken.append(reader.recv(100_000))
        size -= len(taken[-1])
        time.sleep(0.02)


def test_it_leaves_the_reading_of_a_body_alone() -> None:
    with connected() as (server, _reader):
        bounded(application)({"gunicorn.socket": server, "REQUEST_METHOD": "POST"}, lambda *g: None)
        assert server.gettimeout() is None
    assert list(bounded(application)({}, lambda *given: None)) == [b"x" * 50_000_000]
