"""One cluster for the tests that only read it or that clean up behind them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from indexsite import embedded, env


@dataclass(frozen=True)
class Cluster:
    """Own servers that run, and the folder they run in."""

    data_dir: Path
    urls: embedded.Urls

    def rows(self, statement: str, *, owner: bool = True) -> list[tuple[object, ...]]:
        """What a statement answers, as the owner or as the application's role."""
        url = self.urls.database_owner if owner else self.urls.database
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(autouse=True, scope="module")
def no_addresses() -> Iterator[None]:
    """These tests start servers of their own, whatever the environment or `.env` offers.

    For the whole module, so that what its shared fixtures start is without addresses too.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in env.VARIABLES:
            monkeypatch.setenv(name, "")
        yield


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    data_dir = tmp_path_factory.mktemp("cluster")
    with embedded.servers(data_dir, durable=False) as urls:
        yield Cluster(data_dir, urls)


def python(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Start this Python in the project's folder, with its output to be read."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=env.ROOT,
        env={**os.environ, "PYTHONPATH": str(env.ROOT), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def processes_of(folder: Path) -> list[str]:
    """The command lines of living processes that work in `folder` or name it (Linux only)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = str((entry / "cwd").readlink())
            variables = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if line and int(entry.name) != os.getpid() and str(folder) in line + place + variables:
            found.append(line)
    return found
