"""Own servers: roles, secrets, restarts, orphans and refusals, on real processes."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from indexsite import embedded
from indexsite.run import postgres, processes, redis_server
from tests.run.conftest import Cluster, processes_of, python

HOLD = (
    "import sys, time; from pathlib import Path; from indexsite import embedded\n"
    "with embedded.servers(Path(sys.argv[1]), durable=False):\n"
    "    print('up', flush=True); time.sleep(600)"
)
linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux ties a child to its parent's end"
)


def test_it_lets_the_owner_own_and_create_but_rule_nothing(cluster: Cluster) -> None:
    rights = cluster.rows(
        "SELECT current_user, pg_get_userbyid(datdba), rolcreatedb, rolcreaterole, rolsuper"
        " FROM pg_roles, pg_database WHERE rolname = current_user AND datname = 'agi'"
    )
    assert rights == [("agi_owner", "agi_owner", True, True, False)]


def test_it_gives_the_application_no_right_to_create(cluster: Cluster) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        cluster.rows("CREATE TABLE mine (a int)", owner=False)


def test_it_lets_the_owner_change_the_password_of_the_application(cluster: Cluster) -> None:
    cluster.rows("ALTER ROLE agi_app CONNECTION LIMIT -1")


def test_it_sorts_in_a_locale_of_its_own(cluster: Cluster) -> None:
    locale = cluster.rows(
        "SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding)"
        " FROM pg_database WHERE datname = 'agi'"
    )
    assert locale == [("b", "C.UTF-8", "UTF8")]


def test_it_runs_postgresql_18(cluster: Cluster) -> None:
    assert cluster.rows("SHOW server_version_num")[0][0][:2] == postgres.MAJOR  # type: ignore[index]


def test_it_keeps_its_secrets_to_itself(cluster: Cluster) -> None:
    secret = ["postgres.json", "addresses.json", "redis/redis.conf"]
    assert [(cluster.data_dir / name).stat().st_mode & 0o777 for name in secret] == [0o600] * 3


def test_it_shows_no_password_on_a_command_line(cluster: Cluster) -> None:
    secret = psycopg.conninfo.conninfo_to_dict(cluster.urls.database)["password"]
    listed = subprocess.run(
        ["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True
    )
    assert str(secret) not in listed.stdout
    assert cluster.urls.redis.split(":")[2].split("@")[0] not in listed.stdout


def test_it_asks_for_the_redis_password(cluster: Cluster) -> None:
    stranger = redis.Redis.from_url("redis://" + cluster.urls.redis.partition("@")[2])
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_it_tells_other_commands_where_it_runs(cluster: Cluster) -> None:
    assert embedded.running(cluster.data_dir) == cluster.urls


def test_it_forgets_addresses_of_a_run_that_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    urls = '{"database": "a", "database_owner": "b", "redis": "c"}'
    (tmp_path / "addresses.json").write_text(f'{{"pid": {ended.pid}, "urls": {urls}}}')
    assert embedded.running(tmp_path) is None


def test_it_refuses_a_second_run_on_the_same_data(cluster: Cluster) -> None:
    second = embedded.servers(cluster.data_dir)
    with pytest.raises(embedded.LockedError, match="in use by a run that is still going on"):
        second.__enter__()


def test_it_keeps_data_over_a_restart_and_stops_whole(tmp_path: Path) -> None:
    with embedded.servers(tmp_path, durable=False) as urls:
        Cluster(tmp_path, urls).rows("CREATE TABLE kept AS SELECT 42 AS answer")
    assert embedded.running(tmp_path) is None
    assert processes_of(tmp_path) == []
    assert not (tmp_path / "run.lock").exists()
    (tmp_path / "redis" / "dump.rdb").write_bytes(b"not a dump")
    with embedded.servers(tmp_path, durable=False) as urls:
        assert Cluster(tmp_path, urls).rows("SELECT answer FROM kept") == [(42,)]
    assert (tmp_path / "redis" / "dump.rdb.unreadable").exists()


@linux_only
def test_it_leaves_no_orphan_when_its_parent_is_killed(tmp_path: Path) -> None:
    holder = python("-c", HOLD, str(tmp_path))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "up\n"
    assert len(processes_of(tmp_path)) > 2
    holder.kill()
    holder.communicate()
    assert processes.wait_until(lambda: not processes_of(tmp_path), seconds=10)
    with embedded.servers(tmp_path, durable=False) as urls:
        assert Cluster(tmp_path, urls).rows("SELECT 1") == [(1,)]


def test_it_stops_an_orphan_of_its_own_data(tmp_path: Path) -> None:
    first, second = postgres.Postgres(tmp_path, durable=False), postgres.Postgres(tmp_path)
    first.start()
    assert first.process is not None
    second.durable = False
    second.start()
    try:
        assert first.process.wait(timeout=10) == 0
        assert second.ready()
    finally:
        second.stop()


def test_it_stops_an_orphaned_redis_of_its_own_data(tmp_path: Path) -> None:
    first, second = redis_server.Redis(tmp_path), redis_server.Redis(tmp_path)
    first.start()
    assert first.process is not None
    second.start()
    try:
        assert first.process.wait(timeout=10) == 0
        assert second.ready()
    finally:
        second.stop()


def test_it_spares_a_stranger_that_inherited_the_number(tmp_path: Path) -> None:
    pid_file = tmp_path / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"]) as stranger:
        pid_file.write_text(f"{stranger.pid}\n")
        try:
            found = processes.stop_orphan(pid_file, marks=["postgres"], steps=postgres.STOP_STEPS)
            assert (found, stranger.poll(), pid_file.exists()) == (False, None, False)
        finally:
            stranger.kill()


def test_it_says_how_to_install_a_missing_redis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(embedded.RunError, match="apt install redis-server"):
        redis_server.program()


def test_it_prefers_the_redis_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "redis-server"
    installed.write_text("#!/bin/sh\n")
    installed.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server.program() == installed


def test_it_refuses_a_cluster_of_another_major_version(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")
    (tmp_path / "postgres.json").write_text("{}")
    with pytest.raises(embedded.RunError, match="PostgreSQL 17, not 18"):
        postgres.Postgres(tmp_path).start()


def test_it_starts_postgresql_again_on_the_same_port(tmp_path: Path) -> None:
    server = postgres.Postgres(tmp_path, durable=False)
    server.start()
    address, process = server.url("agi_app"), server.process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    try:
        server.start()
        assert server.url("agi_app") == address
    finally:
        server.stop()
