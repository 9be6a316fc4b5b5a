"""No reader holds a thread of the web server by taking its answer slowly.

gunicorn sends each part of an answer with one call on a socket that waits for ever. Here the call
has an end: a part is taken within `SECONDS`, or the connection is given up and the thread is free.
Python counts the time of the whole call (socket.sendall), so a reader who takes a byte now and then
gains nothing. Behind a proxy that buffers, no reader is ever slow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

SECONDS = 20.0
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def bounded(application: Application, seconds: float = SECONDS) -> Application:
    """The application, with a bound on how long one part of its answers may take to be sent.

    Only for requests without a body: one that is read slowly has a bound of its own. A server that
    does not show its socket goes on as it is.
    """

    def answered(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        socket = environ.get("gunicorn.socket")
        if socket is not None and environ.get("REQUEST_METHOD") in ("GET", "HEAD"):
            socket.settimeout(seconds)
        return application(environ, start_response)

    return answered
