"""As whom PostgreSQL runs when the caller is root."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexsite.run import identity, postgres
from indexsite.run.errors import RunError

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its identity")


@pytest.fixture
def no_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    works = identity._works
    monkeypatch.setattr(
        identity, "_works", lambda way, command: way != "mapped" and works(way, command)
    )


@pytest.fixture
def open_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that every user can reach; pytest's own are closed to others."""
    folder = Path(f"/tmp/agi-identity-{os.getpid()}")
    folder.mkdir()
    yield folder
    postgres._empty(folder)
    folder.rmdir()


def test_it_keeps_files_the_callers_in_a_user_namespace(tmp_path: Path) -> None:
    initdb = postgres.programs() / "initdb"
    if not identity._works("mapped", [str(initdb), "--version"]):
        pytest.skip("this system allows no user namespace")
    tmp_path.chmod(0o700)
    assert identity.choose(initdb, folder=tmp_path) == "mapped"
    assert tmp_path.stat().st_uid == 0


@pytest.mark.usefixtures("no_namespaces")
def test_it_runs_as_nobody_where_namespaces_are_forbidden(open_folder: Path) -> None:
    server = postgres.Postgres(open_folder, durable=False)
    try:
        server.start()
        assert server.identity == "dropped"
        assert server.folder.stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert open_folder.stat().st_uid == 0
    finally:
        server.stop()


@pytest.mark.usefixtures("no_namespaces")
def test_it_opens_no_folder_that_nobody_cannot_reach(tmp_path: Path) -> None:
    closed, inner = tmp_path / "closed", tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    closed.chmod(0o700)
    with pytest.raises(RunError, match="PostgreSQL does not run as root"):
        identity.choose(postgres.programs() / "initdb", folder=inner)
    assert (closed.stat().st_mode & 0o777, inner.stat().st_uid) == (0o700, 0)
