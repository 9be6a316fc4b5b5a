"""Two database roles: one owns and migrates, the application's own has only what it needs.

The application's role gets SELECT and INSERT on append-only tables, and SELECT, INSERT, UPDATE and
DELETE on the others; it owns nothing, so it cannot alter, drop or truncate.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections, transaction
from psycopg import sql

APPEND_ONLY_ATTRIBUTE = "append_only"


class OwnerMigrates:
    """Database router: reads and writes go to `default`; only `owner` may migrate."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, left: Any, right: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return True


def append_only_tables() -> list[str]:
    """The tables whose models declare `append_only = True`, sorted."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, APPEND_ONLY_ATTRIBUTE, False)
    )


def separate() -> bool:
    """Whether the application's role differs from the owner's."""
    return str(connections["default"].settings_dict["USER"]) != str(
        connections["owner"].settings_dict["USER"]
    )


def grant() -> None:
    """Make the application's role where it is missing and give it its rights, as the owner.

    Does nothing where one role plays both parts. The role's name and password are those of
    `DATABASE_URL`.
    """
    if not separate():
        return
    settings = connections["default"].settings_dict
    role = sql.Identifier(str(settings["USER"]))
    # In one transaction, so that the application never sees a right that is about to be taken back.
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings["USER"]])
        if cursor.fetchone() is None:
            password = sql.Literal(str(settings["PASSWORD"]))
            cursor.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password))
        present = set(connections["owner"].introspection.table_names(cursor))
        for statement in _grants(role, present):
            cursor.execute(statement)


def _grants(role: sql.Identifier, present: set[str]) -> list[sql.Composed]:
    every = "SELECT, INSERT, UPDATE, DELETE"
    statements = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        sql.SQL(f"GRANT {every} ON ALL TABLES IN SCHEMA public TO {{}}").format(role),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role),
    ]
    for table in present.intersection([*append_only_tables(), "django_migrations"]):
        statements.append(
            sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(
                sql.Identifier(table), role
            )
        )
    return statements
