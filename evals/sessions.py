"""Sessions of the database, by which a row of work knows at once that its holder is gone.

A session has one number and one moment in which it began; a holder writes both into the row's
`holder_pid` and `holder_since`.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL


def this_session() -> tuple[int, dt.datetime]:
    """This connection's number and when it began."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        )
        pid, since = cursor.fetchone()
    return int(pid), since


def connected(table: str) -> RawSQL:
    """Whether the holder of a row of `table` is still connected; for a row that has one."""
    name = connection.ops.quote_name(table)
    return RawSQL(  # noqa: S611
        "EXISTS (SELECT FROM pg_stat_activity a"
        f" WHERE a.pid = {name}.holder_pid AND a.backend_start = {name}.holder_since)",
        [],
        output_field=BooleanField(),
    )
