"""One feed's file over HTTP: bounded in time and size, redirects followed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Event
from urllib.parse import urljoin

from urllib3.connection import HTTPConnection
from urllib3.response import HTTPResponse

from evals.feeding.addresses import FeedFailed, Target, target_of
from evals.feeding.connecting import Clock, connected

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


def download(url: str, path: Path, *, known: Known, limits: Limits) -> Fetched:
    """Write what `url` answers to `path`. Raises FeedFailed; then `path` may hold a part.

    Every address on the way is checked anew. A redirect from https to http is not followed.
    """
    clock = Clock(limits.patience, limits.total)
    target = target_of(url)
    for _hop in range(MOST_REDIRECTS + 1):
        reach = connected(target, clock, loopback_allowed=limits.loopback_allowed)
        with reach as (connection, ended):
            answer = _asked(connection, target, known)
            if answer.status not in REDIRECTS:
                return _kept(answer, target, path, clock, ended, largest=limits.largest)
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


def _kept(
    answer: HTTPResponse, target: Target, path: Path, clock: Clock, ended: Event, *, largest: int
) -> Fetched:
    if answer.status == 304:
        return Fetched(target.url, True, Known(), 0)
    if answer.status != 200:
        raise FeedFailed(f"the server answers {answer.status} {answer.reason or ''}".rstrip())
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
