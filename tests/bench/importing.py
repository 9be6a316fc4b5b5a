"""Servers of a bench's own, with Django on them: for imports that others must not share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexsite import embedded
from indexsite.run.lock import data_lock
from indexsite.run.postgres import APPLICATION, OWNER
from tests.bench.running import environment


@dataclass(frozen=True)
class Servers:
    """A PostgreSQL that survives a power cut, and a Redis."""

    postgres: embedded.Postgres
    redis: embedded.Redis
    folder: Path

    @property
    def urls(self) -> embedded.Urls:
        """Where they are."""
        return embedded.Urls(
            self.postgres.url(APPLICATION), self.postgres.url(OWNER), self.redis.url
        )


@contextmanager
def servers(folder: Path, *, durable: bool = True) -> Iterator[Servers]:
    """Both servers under a folder while the block runs, with the tables made.

    `durable=False`, where only reading is measured: what is written need not survive a power cut.
    """
    folder.mkdir(parents=True, exist_ok=True)
    postgres = embedded.Postgres(folder, durable=durable)
    found = Servers(postgres, embedded.Redis(folder), folder)
    with data_lock(folder):
        try:
            found.postgres.start()
            found.redis.start()
            _set_up(found)
            yield found
        finally:
            from django.db import connections

            connections.close_all()
            found.redis.stop()
            found.postgres.stop()


def _set_up(found: Servers) -> None:
    """Point Django at the servers; in a process that has it set up already, move it there."""
    os.environ.update(
        environment(**found.urls.environment(), DATA_DIR=str(found.folder)),
        DJANGO_SETTINGS_MODULE="indexsite.settings",
    )
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    for alias, url in (("default", found.urls.database), ("owner", found.urls.database_owner)):
        _move(connections[alias], url)
    call_command("migrate", verbosity=0)


def _move(connection: object, url: str) -> None:
    from urllib.parse import urlsplit

    parts, settings = urlsplit(url), connection.settings_dict  # type: ignore[attr-defined]
    connection.close()  # type: ignore[attr-defined]
    settings.update(
        NAME=parts.path.lstrip("/"),
        USER=parts.username,
        PASSWORD=parts.password,
        HOST=parts.hostname,
        PORT=parts.port,
    )
