"""The site's own PostgreSQL and Redis, for a machine that has neither.

    with embedded.servers(Path("var")) as urls:
        ...  # urls.database, urls.database_owner, urls.redis

`make run` and the tests start them here; both stop with the process that started them, however it
ends. No Django is imported.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from indexsite.run.errors import LockedError, RunError
from indexsite.run.lock import data_lock
from indexsite.run.postgres import APPLICATION, OWNER, Postgres
from indexsite.run.processes import write_private
from indexsite.run.redis_server import Redis

__all__ = [
    "LockedError",
    "Postgres",
    "Redis",
    "RunError",
    "Urls",
    "publish",
    "running",
    "servers",
]

_FILE = "addresses.json"


@dataclass(frozen=True)
class Urls:
    """Where the servers are, passwords included; not to be shown to anybody."""

    database: str
    database_owner: str
    redis: str

    def environment(self) -> dict[str, str]:
        """The addresses as the variables that the settings read."""
        return {
            "DATABASE_URL": self.database,
            "DATABASE_OWNER_URL": self.database_owner,
            "REDIS_URL": self.redis,
        }


@contextmanager
def servers(data_dir: Path, *, durable: bool = True) -> Iterator[Urls]:
    """Run both servers under `data_dir` while the block runs; data stays for the next time.

    `durable=False` is for data that is thrown away. Raises LockedError while another run uses the
    folder, and RunError, with a sentence for the operator, where a server cannot run.
    """
    postgres, redis = Postgres(data_dir, durable=durable), Redis(data_dir)
    with data_lock(data_dir):
        try:
            postgres.start()
            redis.start()
            urls = Urls(postgres.url(APPLICATION), postgres.url(OWNER), redis.url)
            with publish(data_dir, urls):
                yield urls
        finally:
            redis.stop()
            postgres.stop()


@contextmanager
def publish(data_dir: Path, urls: Urls) -> Iterator[None]:
    """Let other commands of this user find the servers (`running`) while the block runs."""
    path = data_dir / _FILE
    write_private(path, json.dumps({"pid": os.getpid(), "urls": asdict(urls)}))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running(data_dir: Path) -> Urls | None:
    """The addresses of the servers that run under `data_dir` at this moment, if any do."""
    path = data_dir / _FILE
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        os.kill(known["pid"], 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Urls(**known["urls"])
