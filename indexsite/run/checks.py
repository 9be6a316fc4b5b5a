"""What must be true before anything is started; each refusal is one sentence."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import redis

from indexsite import env
from indexsite.run import postgres, redis_server
from indexsite.run.errors import RunError

TIMEOUT = 5
POSTGRES_SCHEMES = ("postgres", "postgresql", "psql", "pgsql")
POSTGRES_PORT, REDIS_PORT = 5432, 6379


def check_settings() -> None:
    """Read what the settings will read; env.SettingError names a value that cannot be used."""
    env.flag("DEBUG")
    env.port()
    env.site_url()
    env.choice("RELEASE_POLICY", env.RELEASE_POLICIES, "immediate")


def check_port(host: str, port: int) -> None:
    """RunError unless the web server will be able to listen on `host` and `port`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise RunError(
                f"Port {port} on {host} is taken: stop the program that uses it, or choose another"
                " port with PORT."
            ) from error
        raise RunError(
            f"The site cannot listen on {host}, port {port} ({error.strerror}): choose another"
            " address with BIND or another port with PORT."
        ) from error


def check_programs() -> None:
    """RunError where an own server is wanted and its program is missing."""
    if not env.text("DATABASE_URL"):
        postgres.programs()
    if not env.text("REDIS_URL"):
        redis_server.program()


def check_database(variable: str) -> None:
    """RunError unless the PostgreSQL that `variable` names lets us in."""
    url = env.text(variable)
    if url.partition("://")[0] not in POSTGRES_SCHEMES:
        raise RunError(f"{variable} must begin with postgres:// (PostgreSQL is required).")

    def connect() -> None:
        psycopg.connect(libpq_url(url), connect_timeout=TIMEOUT).close()

    _try(connect, variable=variable, what="PostgreSQL", default_port=POSTGRES_PORT)


def libpq_url(url: str) -> str:
    """A database address, under any scheme that the settings take, as libpq takes it."""
    return "postgresql://" + url.partition("://")[2]


def check_redis() -> None:
    """RunError unless the Redis that `REDIS_URL` names answers."""

    def connect() -> None:
        client = redis.Redis.from_url(
            env.text("REDIS_URL"), socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
        )
        try:
            client.ping()
        finally:
            client.close()

    _try(connect, variable="REDIS_URL", what="Redis", default_port=REDIS_PORT)


def _try(connect: Callable[[], None], *, variable: str, what: str, default_port: int) -> None:
    try:
        connect()
    except (psycopg.Error, redis.RedisError, ValueError, OSError) as error:
        place = _place(env.text(variable), default_port)
        raise RunError(
            f"{what} at {place}, named by {variable}, cannot be used: {_reason(error, variable)}."
        ) from error


def _place(url: str, default_port: int) -> str:
    """Host and port of an address, and nothing else of it."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname or 'localhost'}:{parts.port or default_port}"
    except ValueError:
        return "an address that cannot be read"


def _reason(error: Exception, variable: str) -> str:
    """The error's first line, without anything secret that it may repeat."""
    text = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    url = env.text(variable)
    text = text.replace(url, variable)
    secret = url.rpartition("@")[0].rpartition(":")[2]
    if secret and secret != url:
        text = text.replace(secret, "***")
    return text
