"""Long files that are sent while they are made: few at a time, and not to readers who dawdle."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import BoundedSemaphore

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

# Of the four threads of a web process.
_PLACES = BoundedSemaphore(1)
RETRY_SECONDS = 20
GRACE, LEAST_RATE = 20.0, 50_000
"""Seconds that sending may take, and the bytes for each of which it may take a second more."""


class TooSlow(ConnectionError):
    """The reader takes the file so slowly that others would be kept from the site."""


class Paced:
    """The parts of what is sent, for as long as they are taken fast enough."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts = parts
        self.sent, self.waited, self.left_at = 0, 0.0, 0.0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        """The next part. TooSlow where the parts before it took too long to be sent."""
        if self.left_at:
            self.waited += time.monotonic() - self.left_at
        if self.waited > GRACE + self.sent / LEAST_RATE:
            raise TooSlow(f"{self.sent} bytes in {self.waited:.0f} s")
        part = next(self.parts)
        self.sent += len(part)
        self.left_at = time.monotonic()
        return part


class LongFile(Paced):
    """The parts of a file; holds one of the places for long files until it is closed."""

    def __init__(self, parts: Iterator[str]) -> None:
        super().__init__(part.encode() for part in parts)
        self.open = True

    def close(self) -> None:
        """Give the place back."""
        if self.open:
            self.open = False
            _PLACES.release()

    __del__ = close


def streamed(parts: Iterator[str], content_type: str) -> HttpResponseBase:
    """An answer of these parts; 503 where no long file can be begun now."""
    if not _PLACES.acquire(blocking=False):
        words = _("Another long file is being sent; try again in some seconds.")
        response = HttpResponse(words, status=503, content_type="text/plain; charset=utf-8")
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    return StreamingHttpResponse(LongFile(parts), content_type=content_type)
