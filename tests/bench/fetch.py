"""One connection to the site that is kept open, so that a request's time is the server's."""

from __future__ import annotations

import gzip
import http.client
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Fetched:
    """An answer: its status, its body as it was sent, and the seconds from request to last byte."""

    status: int
    encoding: str
    body: bytes
    seconds: float

    def text(self) -> str:
        """The body without its compression."""
        return (gzip.decompress(self.body) if self.encoding == "gzip" else self.body).decode()


class Connection:
    """GET requests over one kept connection, as a browser that accepts gzip sends them."""

    def __init__(self, port: int) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    def get(self, path: str) -> Fetched:
        """The answer to a GET of `path`."""
        began = time.perf_counter()
        self.http.request("GET", path, headers={"Accept-Encoding": "gzip"})
        response = self.http.getresponse()
        body = response.read()
        seconds = time.perf_counter() - began
        encoding = response.headers.get("Content-Encoding", "")
        return Fetched(response.status, encoding, body, seconds)
