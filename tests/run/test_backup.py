"""Backup and restore: the round trip, and every way in which a restore must change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from indexsite import embedded
from indexsite.run import backup, restore
from indexsite.run.errors import LockedError, RunError
from tests.run.conftest import Cluster

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SCHEMA = (
    "CREATE TABLE django_migrations (id int)",
    "CREATE TABLE score (id int GENERATED ALWAYS AS IDENTITY, value float8)",
    "INSERT INTO score (value) VALUES (1.5), (2.5)",
    "GRANT SELECT, INSERT ON score TO agi_app",
    "REVOKE CONNECT ON DATABASE agi FROM PUBLIC",
    "GRANT CONNECT ON DATABASE agi TO agi_app",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a database in it; its servers are stopped."""
    data_dir = tmp_path_factory.mktemp("site")
    with embedded.servers(data_dir, durable=False) as urls:
        for statement in SCHEMA:
            Cluster(data_dir, urls).rows(statement)
    return data_dir


@pytest.fixture(scope="module")
def saved(site: Path) -> Path:
    return backup.save(data_dir=site, at=AT)


@pytest.fixture
def changed(site: Path, saved: Path) -> Iterator[Path]:
    """The same folder after the backup, with other values in its database."""
    with embedded.servers(site, durable=False) as urls:
        Cluster(site, urls).rows("UPDATE score SET value = 0")
    yield site
    restore.restore(saved, data_dir=site)


def values(site: Path, *, owner: bool = True) -> list[object]:
    with embedded.servers(site, durable=False) as urls:
        rows = Cluster(site, urls).rows("SELECT value FROM score ORDER BY id", owner=owner)
    return [row[0] for row in rows]


def test_it_names_a_backup_after_its_moment(site: Path, saved: Path) -> None:
    assert saved == site / "backups" / "agi-20260304T050607Z.dump"
    assert saved.read_bytes()[:5] == b"PGDMP"
    assert list(saved.parent.iterdir()) == [saved]


def test_it_brings_the_saved_rows_back(changed: Path, saved: Path) -> None:
    assert values(changed) == [0.0, 0.0]
    assert restore.restore(saved, data_dir=changed) == f"Restored {saved}."
    assert values(changed) == [1.5, 2.5]


def test_it_keeps_the_rights_of_both_roles(changed: Path, saved: Path) -> None:
    restore.restore(saved, data_dir=changed)
    assert values(changed, owner=False) == [1.5, 2.5]
    with embedded.servers(changed, durable=False) as urls:
        cluster = Cluster(changed, urls)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            cluster.rows("DELETE FROM score", owner=False)
        assert cluster.rows(
            "SELECT has_database_privilege('agi_app', 'agi', 'CONNECT'),"
            " EXISTS (SELECT FROM pg_database, aclexplode(datacl)"
            " WHERE datname = 'agi' AND grantee = 0 AND privilege_type = 'CONNECT')"
        ) == [(True, False)]


def test_it_leaves_no_other_database_behind(changed: Path, saved: Path) -> None:
    restore.restore(saved, data_dir=changed)
    with embedded.servers(changed, durable=False) as urls:
        names = Cluster(changed, urls).rows("SELECT datname FROM pg_database ORDER BY 1")
    assert names == [("agi",), ("postgres",), ("template0",), ("template1",)]


def test_it_saves_while_the_site_runs(site: Path, saved: Path) -> None:
    with embedded.servers(site, durable=False):
        while_running = backup.save(data_dir=site, at=AT.replace(second=8))
    assert while_running.stat().st_size > 1000
    while_running.unlink()


def test_it_refuses_to_restore_while_the_site_runs(site: Path, saved: Path) -> None:
    with embedded.servers(site, durable=False), pytest.raises(LockedError, match="stop that run"):
        restore.restore(saved, data_dir=site)


def test_it_refuses_to_restore_under_other_connections(
    site: Path, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded.servers(site, durable=False) as urls:
        monkeypatch.setenv("DATABASE_URL", urls.database_owner)
        with (
            psycopg.connect(urls.database),
            pytest.raises(RunError, match="in use by 1 connections"),
        ):
            restore.restore(saved, data_dir=tmp_path)


def test_it_restores_into_a_database_of_the_environment(
    changed: Path, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded.servers(changed, durable=False) as urls:
        monkeypatch.setenv("DATABASE_URL", urls.database)
        monkeypatch.setenv("DATABASE_OWNER_URL", urls.database_owner)
        restore.restore(saved, data_dir=tmp_path)
        rows = Cluster(changed, urls).rows("SELECT value FROM score ORDER BY id")
    monkeypatch.setenv("DATABASE_URL", "")
    assert rows == [(1.5,), (2.5,)]


def test_it_restores_onto_a_machine_without_a_database(tmp_path: Path, saved: Path) -> None:
    restore.restore(saved, data_dir=tmp_path)
    assert values(tmp_path, owner=False) == [1.5, 2.5]


def test_it_changes_nothing_for_a_torn_backup(changed: Path, saved: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.dump"
    torn.write_bytes(saved.read_bytes()[:-200])
    with pytest.raises(RunError, match="pg_restore failed"):
        restore.restore(torn, data_dir=changed)
    assert values(changed) == [0.0, 0.0]


@pytest.mark.parametrize(("name", "reason"), [("note.txt", "pg_restore failed"), ("no", "no file")])
def test_it_refuses_what_is_no_backup(site: Path, name: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("a note")
    with pytest.raises(RunError, match=reason):
        restore.restore(tmp_path / name, data_dir=site)


def test_it_refuses_a_backup_of_another_application(
    changed: Path, cluster: Cluster, tmp_path: Path
) -> None:
    other = tmp_path / "other.dump"
    arguments = ("--format=custom", f"--file={other}")
    backup.run_program("pg_dump", *arguments, url=cluster.urls.database_owner)
    with pytest.raises(RunError, match="does not hold a database of this site"):
        restore.restore(other, data_dir=changed)
    assert values(changed) == [0.0, 0.0]


@pytest.fixture
def foreign(cluster: Cluster, tmp_path: Path) -> Iterator[Path]:
    """A backup from a site whose application role has another name."""
    made = ("DATABASE elsewhere", "ROLE foreign_app")
    for thing in made:
        cluster.rows(f"CREATE {thing}")
    urls = Cluster(cluster.data_dir, replace(cluster.urls, database_owner=elsewhere(cluster)))
    urls.rows("CREATE TABLE django_migrations (id int)")
    urls.rows("GRANT SELECT ON django_migrations TO foreign_app")
    dump = tmp_path / "foreign.dump"
    backup.run_program("pg_dump", "--format=custom", f"--file={dump}", url=elsewhere(cluster))
    yield dump
    for thing in made:
        cluster.rows(f"DROP {thing}")


def elsewhere(cluster: Cluster) -> str:
    return cluster.urls.database_owner.removesuffix("agi") + "elsewhere"


def test_it_restores_a_backup_of_other_roles_and_says_so(foreign: Path, tmp_path: Path) -> None:
    told = restore.restore(foreign, data_dir=tmp_path / "var")
    assert "rights of the application's role are given at the next start" in told
    with embedded.servers(tmp_path / "var", durable=False) as urls:
        assert Cluster(tmp_path, urls).rows("SELECT count(*) FROM django_migrations") == [(0,)]


def test_it_has_nothing_to_save_before_the_first_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no database under"):
        backup.save(data_dir=tmp_path, at=AT)


def test_it_reads_every_part_of_an_address() -> None:
    url = "postgres://us%40er:p%3Ass@db.example:6432/agi?sslmode=require"
    assert backup.connection_variables(url) == {
        "PGHOST": "db.example",
        "PGPORT": "6432",
        "PGUSER": "us@er",
        "PGPASSWORD": "p:ss",
        "PGDATABASE": "agi",
        "PGSSLMODE": "require",
    }


def test_it_asks_for_the_file_to_restore(capsys: pytest.CaptureFixture[str]) -> None:
    assert restore.main([""]) == 2
    assert capsys.readouterr().err == "Name the backup to restore: make restore FILE=path\n"
