"""The body of a request, read piece by piece with an end to its size and to the waiting."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from django.http import HttpRequest
from django.http.request import UnreadablePostError

PIECE = 64 << 10
# Beyond this a body goes to a file.
IN_MEMORY = 1 << 20


class BodyRefused(Exception):
    """The body is not taken; `status` is the answer's, the text the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Body:
    """A body as it came: its file, at its start, its size in bytes, and its hash."""

    file: IO[bytes]
    size: int
    sha256: str


@contextmanager
def received(request: HttpRequest, *, largest: int, seconds: float) -> Iterator[Body]:
    """The whole body. Raises BodyRefused for one that is too large or comes too slowly."""
    stream = _stream(request)
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if int(announced) > largest:
        raise BodyRefused(413, f"The body is larger than {largest} bytes.")
    until = time.monotonic() + seconds
    size, digest = 0, hashlib.sha256()
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file, _patient(request, seconds):
        while piece := _piece(stream):
            size += len(piece)
            if size > largest:
                raise BodyRefused(413, f"The body is larger than {largest} bytes.")
            if time.monotonic() > until:
                raise BodyRefused(408, f"The body was not complete after {seconds:g} s.")
            digest.update(piece)
            file.write(piece)
        if size < int(announced):
            raise BodyRefused(400, "The body is shorter than its Content-Length.")
        file.seek(0)
        yield Body(file, size, digest.hexdigest())


def _stream(request: HttpRequest) -> Any:
    """Where to read: Django's own stream is empty for a body without a stated length."""
    environ = request.META
    if "chunked" in str(environ.get("HTTP_TRANSFER_ENCODING", "")).lower():
        if environ.get("wsgi.input_terminated"):
            return environ["wsgi.input"]
        raise BodyRefused(411, "The body needs a Content-Length.")
    return request


def _piece(stream: Any) -> bytes:
    try:
        return bytes(stream.read(PIECE))
    except TimeoutError:
        raise BodyRefused(408, "The body stopped coming.") from None
    except (UnreadablePostError, OSError) as error:
        if isinstance(error.__cause__, TimeoutError):
            raise BodyRefused(408, "The body stopped coming.") from None
        raise BodyRefused(400, "The body could not be read to its end.") from None


@contextmanager
def _patient(request: HttpRequest, seconds: float) -> Iterator[None]:
    """An end to the waiting for each piece, where the server lends its socket (gunicorn does)."""
    socket = request.META.get("gunicorn.socket")
    if socket is None:
        yield
        return
    before = socket.gettimeout()
    socket.settimeout(seconds)
    try:
        yield
    finally:
        socket.settimeout(before)
