"""No reader holds a thread of the web server by taking its answer slowly.

gunicorn sends each part of an answer with one call on a socket that waits for ever. Here the call
has an end: a part is taken within `SECONDS`, or the connection is given up and the thread is free.
Python counts the time of the whole call (socket.sendall), so a reader who takes a byte now and then
gains nothing. Behind a proxy that buffers, no reader is ever slow.

A large answer that is one part, such as the bundle of a release, is sent in pieces, so that honest
readers on slow lines get it whole: each piece has that time, and all of them that of a long file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from baskets.views.streams import Paced

SECONDS = 20.0
PIECE = 256 * 1024
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def bounded(application: Application, seconds: float = SECONDS) -> Application:
    """The application, with a bound on how long one part of its answers may take to be sent.

    Only for requests without a body: one that is read slowly has a bound of its own. A server that
    does not show its socket goes on as it is.
    """

    def answered(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        socket = environ.get("gunicorn.socket")
        if socket is None or environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return application(environ, start_response)
        socket.settimeout(seconds)
        answer = application(environ, start_response)
        # A file on disk is sent by the system itself, piece by piece.
        file = environ.get("wsgi.file_wrapper")
        whole = isinstance(file, type) and isinstance(answer, file)
        return answer if whole else InPieces(answer)

    return answered


class InPieces:
    """An answer whose large parts are sent in pieces."""

    def __init__(self, answer: Iterable[bytes]) -> None:
        self.answer = answer

    def __iter__(self) -> Iterator[bytes]:
        for part in self.answer:
            if len(part) <= PIECE:
                yield part
            else:
                yield from Paced(part[at : at + PIECE] for at in range(0, len(part), PIECE))

    def close(self) -> None:
        """End the request, as the server does of any answer."""
        close = getattr(self.answer, "close", None)
        if close is not None:
            close()
