"""`python -m indexsite.run.restore FILE`: put the database of a backup in the site's place.

The file is restored into a new database beside the old one. Only when that is complete do the two
change names, in one transaction, and only then is the old one dropped: at no moment is there half a
database, or none.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import psycopg
from psycopg import sql

from indexsite import env
from indexsite.run import checks
from indexsite.run.backup import (
    connection_variables,
    given_url,
    own_server,
    reporting,
    run_program,
)
from indexsite.run.errors import RunError
from indexsite.run.lock import data_lock

MAINTENANCE = "postgres"


def main(arguments: list[str]) -> int:
    """Restore the one file named in `arguments`; the exit status."""
    if len(arguments) != 1 or not arguments[0]:
        print("Name the backup to restore: make restore FILE=path", file=sys.stderr)
        return 2
    return reporting(lambda: restore(Path(arguments[0]), data_dir=env.data_dir()))


def restore(file: Path, *, data_dir: Path) -> str:
    """Replace the site's database by the one in `file`; a sentence that says so.

    Refuses, with RunError, while the site runs or anybody else is connected, and for a file that is
    not a whole backup of this project; the database is then as it was.
    """
    if not file.is_file():
        raise RunError(f"There is no file {file}.")
    run_program("pg_restore", "--list", str(file))
    server: AbstractContextManager[str]
    with data_lock(data_dir):
        server = nullcontext(given_url()) if env.text("DATABASE_URL") else own_server(data_dir)
        with server as url:
            note = replace(file, url=url)
    return f"Restored {file}.{note}"


def replace(file: Path, *, url: str) -> str:
    """Put the database of a backup in the place of the one at `url`; what is worth saying, if any.

    Refuses, with RunError, while anybody is connected to it, and then leaves it as it was.
    """
    name = connection_variables(url)["PGDATABASE"]
    draft, former = f"{name}_restored", f"{name}_former"
    with psycopg.connect(
        checks.libpq_url(url), dbname=MAINTENANCE, connect_timeout=checks.TIMEOUT, autocommit=True
    ) as connection:
        _refuse_company(connection, name)
        for left_behind in (draft, former):
            _drop(connection, left_behind)
        _create_like(connection, name, draft)
        try:
            note = _fill(file, url=url, database=draft)
            _copy_grants(connection, name, draft)
            with connection.transaction():
                _rename(connection, name, former)
                _rename(connection, draft, name)
        except BaseException:
            _drop(connection, draft)
            raise
        _drop(connection, former)
    return note


def _refuse_company(connection: psycopg.Connection, name: str) -> None:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename IS NOT NULL", [name]
    ).fetchone()
    if row is not None and row[0]:
        raise RunError(
            f"The database {name} is in use by {row[0]} connections: stop the site, and whatever"
            " else uses it, before restoring."
        )


def _create_like(connection: psycopg.Connection, name: str, draft: str) -> None:
    """Make an empty database with the encoding and the locale of `name`."""
    row = connection.execute(
        "SELECT pg_encoding_to_char(encoding), datlocprovider::text, datcollate, datctype,"
        " coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')"
        " FROM pg_database d WHERE datname = %s",
        [name],
    ).fetchone()
    if row is None:
        raise RunError(f"There is no database {name} to put the backup in place of.")
    encoding, provider, collate, ctype, locale = row
    options = {"ENCODING": encoding, "LC_COLLATE": collate, "LC_CTYPE": ctype}
    if provider == "b":
        options |= {"LOCALE_PROVIDER": "builtin", "BUILTIN_LOCALE": locale}
    elif provider == "i":
        options |= {"LOCALE_PROVIDER": "icu", "ICU_LOCALE": locale}
    clauses = [sql.SQL(f"{key} {{}}").format(sql.Literal(text)) for key, text in options.items()]
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 {}").format(
            sql.Identifier(draft), sql.SQL(" ").join(clauses)
        )
    )


def _fill(file: Path, *, url: str, database: str) -> str:
    """Restore `file` whole into the empty `database`; what the operator has to know besides."""
    arguments = (
        *("--exit-on-error", "--single-transaction", "--no-owner"),
        *(f"--dbname={database}", str(file)),
    )
    note = ""
    try:
        run_program("pg_restore", *arguments, url=url)
    except RunError as error:
        # A backup from a site whose roles have other names. Nothing was kept of the first attempt.
        if "role" not in str(error) or "does not exist" not in str(error):
            raise
        run_program("pg_restore", "--no-privileges", *arguments, url=url)
        note = " The rights of the application's role are given at the next start."
    with psycopg.connect(checks.libpq_url(url), dbname=database) as connection:
        row = connection.execute("SELECT to_regclass('public.django_migrations')").fetchone()
    if row is None or row[0] is None:
        raise RunError(f"{file} does not hold a database of this site; nothing was changed.")
    return note


def _copy_grants(connection: psycopg.Connection, name: str, draft: str) -> None:
    """Give `draft` the rights on the database itself, which a dump of its contents leaves out."""
    rows = connection.execute(
        "SELECT CASE grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(grantee) END, privilege_type,"
        " is_grantable FROM pg_database, aclexplode(datacl) WHERE datname = %s",
        [name],
    ).fetchall()
    if not rows:
        return
    target = sql.Identifier(draft)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(target))
    for grantee, privilege, grantable in rows:
        connection.execute(
            sql.SQL("GRANT {} ON DATABASE {} TO {}{}").format(
                sql.SQL(privilege),
                target,
                sql.SQL("PUBLIC") if grantee is None else sql.Identifier(grantee),
                sql.SQL(" WITH GRANT OPTION" if grantable and grantee else ""),
            )
        )


def _rename(connection: psycopg.Connection, old: str, new: str) -> None:
    connection.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
    )


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
