"""Statements that come with every request of a program: planned once a connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection


def rows_of(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows that a statement gives, with its values passed beside it.

    Django writes values into its statements, so that the server has to plan each one anew; that
    takes longer than to run one that looks a row up. Errors are those of Django.
    """
    with connection.cursor():
        session = connection.connection
    # Django switches this off for the statements that it sends itself, which do not ask for it.
    session.prepare_threshold = session.prepare_threshold or 1
    with connection.wrap_database_errors, psycopg.Cursor(session) as cursor:
        return cursor.execute(statement, values, prepare=True).fetchall()
