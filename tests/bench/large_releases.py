"""Releases by the hundred: copies of the newest one's rows, written without indexes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

POINTS = "baskets_indexpoint"
KEPT = "basket_id, cause, engine_version, problem_sha256, sha256, summary, counted_sha256, seal"
PARTS = ("version_id, system_id, series, value, low, high, coverage, imputed_share, worst, best,"
         " official, back_cast, on_official_version")  # fmt: skip
CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f') ORDER BY contype DESC
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = %s::regclass AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
"""


def copy_releases(days: Sequence[dt.date]) -> None:
    """Releases before the newest one with these vintages, with the points of what was out by then.

    No page reads the bundle of a release in passing; those of two hundred would be 9 GB, so the
    copies have none.
    """
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("SELECT max(id) FROM baskets_release")
        (newest,) = cursor.fetchone()
        cursor.execute(
            "UPDATE baskets_release SET number = %s WHERE id = %s", [len(days) + 1, newest]
        )
        for number, day in enumerate(days, 1):
            cursor.execute(
                "INSERT INTO baskets_release (number, vintage_on, created_at, reconstructed,"
                f" bundle, {KEPT}) SELECT %s, %s, %s, true, '', {KEPT} FROM baskets_release"
                " WHERE id = %s",
                [number, day, dt.datetime.combine(day, dt.time(12), dt.UTC), newest],
            )
        with _bare(cursor, POINTS):
            cursor.execute(
                f"INSERT INTO {POINTS} (release_id, {PARTS})"
                f" SELECT r.id, {', '.join(f'p.{part.strip()}' for part in PARTS.split(','))}"
                f" FROM baskets_release r JOIN {POINTS} p ON p.release_id = %s"
                " JOIN evals_system s ON s.id = p.system_id"
                " WHERE r.id <> %s AND s.released_on <= r.vintage_on ORDER BY r.id, p.id",
                [newest, newest],
            )
        cursor.execute("VACUUM (ANALYZE)")


@contextmanager
def _bare(cursor: Any, table: str) -> Iterator[None]:
    """The table without its indexes and keys while rows are put in; they are made again at once."""
    cursor.execute(CONSTRAINTS, [table])
    constraints = cursor.fetchall()
    cursor.execute(INDEXES, [table])
    indexes = cursor.fetchall()
    for name, _definition in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for name, definition in constraints:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for _name, definition in indexes:
        cursor.execute(definition)
