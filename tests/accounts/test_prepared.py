"""Statements that are planned once a connection."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.prepared import rows_of

pytestmark = pytest.mark.django_db

PLANNED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%planned_once%'"


def test_it_plans_a_statement_once_whatever_its_values() -> None:
    found = [rows_of("SELECT %(n)s::int + 1 AS planned_once", {"n": n}) for n in (1, 2, 3)]
    assert found == [[(2,)], [(3,)], [(4,)]]
    with connection.cursor() as cursor:
        cursor.execute(PLANNED)
        assert cursor.fetchone() == (1,)


def test_its_errors_are_those_of_django() -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        rows_of("SELECT no_such_column", {})


def test_it_is_part_of_the_transaction_around_it() -> None:
    with transaction.atomic():
        before = rows_of("SELECT pg_backend_pid(), pg_current_xact_id()::text", {})
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), pg_current_xact_id()::text")
            assert cursor.fetchall() == before
