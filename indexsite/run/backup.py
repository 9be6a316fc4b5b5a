"""`python -m indexsite.run.backup`: save the database, whether the site runs or not.

Writes `DATA_DIR`/backups/agi-YYYYmmddTHHMMSSZ.dump in pg_dump's own format, as the owning role. A
file of that name is there whole or not at all.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from psycopg import pq

from indexsite import embedded, env
from indexsite.run import checks, postgres
from indexsite.run.errors import RunError
from indexsite.run.lock import data_lock


def main(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    """Save the database and print the file's path; the exit status."""
    return reporting(lambda: f"Saved {save(data_dir=env.data_dir(), at=now())}")


def reporting(work: Callable[[], str]) -> int:
    """Run `work` with `.env` read, print its sentence or its refusal; the exit status."""
    # Ended as by Ctrl-C, so that servers are stopped and drafts removed on the way out.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        env.read_dotenv()
        print(work(), flush=True)
    except (RunError, env.SettingError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0


def save(*, data_dir: Path, at: datetime) -> Path:
    """Dump the site's database into `data_dir`/backups and return the file.

    Uses DATABASE_OWNER_URL or DATABASE_URL where they are set, else the site's own PostgreSQL,
    which is started for the purpose unless it runs already. Raises RunError.
    """
    folder = data_dir / "backups"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"agi-{at:%Y%m%dT%H%M%SZ}.dump"
    draft = target.with_suffix(".unfinished")
    with owner_url(data_dir) as url:
        try:
            run_program("pg_dump", "--format=custom", f"--file={draft}", url=url)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    return target


@contextmanager
def owner_url(data_dir: Path) -> Iterator[str]:
    """The owning role's address of a PostgreSQL that runs at least as long as the block."""
    site = embedded.running(data_dir)
    if env.text("DATABASE_URL"):
        yield given_url()
    elif site is not None:
        yield site.database_owner
    elif not (data_dir / "postgres").exists():
        raise RunError(f"There is no database under {data_dir} yet: `make run` makes one.")
    else:
        with data_lock(data_dir), own_server(data_dir) as url:
            yield url


def given_url() -> str:
    """The owning role's address in the environment, once it has let us in; RunError otherwise."""
    variable = "DATABASE_OWNER_URL" if env.text("DATABASE_OWNER_URL") else "DATABASE_URL"
    checks.check_database(variable)
    return env.text(variable)


@contextmanager
def own_server(data_dir: Path) -> Iterator[str]:
    """Run the site's own PostgreSQL alone for the block, whose caller holds the data lock."""
    server = postgres.Postgres(data_dir)
    try:
        server.start()
        yield server.url(postgres.OWNER)
    finally:
        server.stop()


def run_program(program: str, *arguments: str, url: str = "") -> None:
    """Run a client program of PostgreSQL, on the database at `url` if any; RunError if it fails.

    The address travels in the environment, because every user can read a command line.
    """
    path = postgres.programs() / program
    done = subprocess.run(
        [str(path), "--no-password", *arguments],
        env={**os.environ, **(connection_variables(url) if url else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RunError(f"{program} failed: {done.stderr.strip()}")


def connection_variables(url: str) -> dict[str, str]:
    """The parts of a PostgreSQL address as the variables that libpq reads instead."""
    parsed = pq.Conninfo.parse(checks.libpq_url(url).encode())
    return {
        option.envvar.decode(): option.val.decode()
        for option in parsed
        if option.envvar and option.val
    }


if __name__ == "__main__":
    sys.exit(main())
