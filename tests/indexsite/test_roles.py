"""What the application's own database role may do, asked of the database itself."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from indexsite import embedded
from indexsite.roles import append_only_tables, separate
from tests import databases

EXPECTED = {
    "baskets_analysis",
    "baskets_indexpoint",
    "baskets_link",
    "baskets_ownrelease",
    "baskets_ownversion",
    "baskets_release",
    "baskets_revision",
    "baskets_transition",
    "baskets_weightevent",
    "evals_aliasevent",
    "evals_decision",
    "evals_flag",
    "evals_heldrow",
    "evals_rejection",
    "evals_score",
}


@pytest.fixture(scope="module")
def application(catalog_clone: str, urls: embedded.Urls) -> Iterator[psycopg.Connection]:
    """The application's role on the filled database."""
    with psycopg.connect(databases.url_of(urls.database, catalog_clone)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing_stays(application: psycopg.Connection) -> Iterator[None]:
    yield
    application.rollback()


def test_it_keeps_every_record_in_an_append_only_table() -> None:
    assert set(append_only_tables()) >= EXPECTED


def test_it_connects_the_application_by_a_role_that_owns_nothing(
    application: psycopg.Connection,
) -> None:
    assert separate()
    asked = "SELECT current_user, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles"
    row = application.execute(f"{asked} WHERE rolname = current_user").fetchone()
    assert row == (connection.settings_dict["USER"], False, False, False)
    owned = "SELECT count(*) FROM pg_class JOIN pg_roles r ON r.oid = relowner"
    assert application.execute(f"{owned} WHERE rolname = current_user").fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {0} SET {1} = {1}",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} ADD COLUMN more int",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {} CASCADE",
        "CREATE RULE silent AS ON INSERT TO {} DO INSTEAD NOTHING",
        "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
    ],
)
@pytest.mark.parametrize("table", append_only_tables())
def test_it_refuses_to_change_what_is_recorded(
    application: psycopg.Connection, table: str, statement: str
) -> None:
    key = "pgh_id" if table.endswith("event") and table != "alerts_event" else "id"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement.format(table, key))


@pytest.mark.parametrize(
    "table",
    [
        "baskets_analysis",
        "baskets_indexpoint",
        "baskets_link",
        "baskets_release",
        "baskets_revision",
        "evals_decision",
        "evals_score",
    ],
)
def test_it_keeps_every_row_that_it_was_asked_to_change(
    application: psycopg.Connection, table: str
) -> None:
    asked = f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY id)) FROM {table} t"
    before = application.execute(asked).fetchone()
    assert before is not None and before[0] > 0
    for change in ("UPDATE {} SET id = -id", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(change.format(table))
        application.rollback()
    assert application.execute(asked).fetchone() == before


# What stewards and workers go on changing; every other table of the index is a record.
CHANGING = {
    "baskets_basket",
    "baskets_basketversion",
    "baskets_basketversion_overlap",
    "baskets_challenge",
    "baskets_challengerequest",
    "baskets_choice",
    "baskets_departure",
    "baskets_ownbasket",
    "baskets_ownchange",
    "baskets_ownwork",
    "baskets_publication",
    "baskets_recompute",
    "baskets_weight",
}


def test_it_counts_every_other_table_of_the_index_among_the_records() -> None:
    tables = {model._meta.db_table for model in apps.get_app_config("baskets").get_models()}
    assert tables - CHANGING == tables & set(append_only_tables())


@pytest.mark.parametrize("table", append_only_tables())
def test_it_cannot_give_itself_more_rights(application: psycopg.Connection, table: str) -> None:
    application.execute(f"GRANT ALL ON {table} TO CURRENT_USER")
    asked = "SELECT has_table_privilege(%s, %s)"
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        assert application.execute(asked, [table, right]).fetchone() == (False,)


@pytest.mark.parametrize("table", append_only_tables())
def test_it_may_read_and_add_records(application: psycopg.Connection, table: str) -> None:
    asked = "SELECT has_table_privilege(%s, 'SELECT'), has_table_privilege(%s, 'INSERT')"
    assert application.execute(asked, [table, table]).fetchone() == (True, True)
    application.execute(f"SELECT * FROM {table} LIMIT 1")


def test_it_adds_a_record(application: psycopg.Connection) -> None:
    added = application.execute(
        "INSERT INTO evals_decision (score_id, at, status, reason) "
        "SELECT id, now(), 'withdrawn', 'a test' FROM evals_score LIMIT 1"
    )
    assert added.rowcount == 1


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (id int)",
        "DELETE FROM django_migrations",
        "DROP FUNCTION baskets_refuse_if_published() CASCADE",
        "SET session_replication_role = replica",
    ],
)
def test_it_refuses_ways_round_its_rights(application: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement)


@pytest.fixture(scope="module")
def owner(catalog_clone: str, urls: embedded.Urls) -> Iterator[psycopg.Connection]:
    """The role that owns the tables, on the filled database."""
    with psycopg.connect(databases.url_of(urls.database_owner, catalog_clone)) as opened:
        yield opened


PARTS = ("baskets_weight", "baskets_departure", "baskets_basketversion_overlap")
FROZEN = [
    "UPDATE baskets_basketversion SET rationale = 'another'",
    "UPDATE baskets_basketversion SET published_at = NULL",
    "DELETE FROM baskets_basketversion",
    "UPDATE baskets_weight SET weight = weight * 2",
    "UPDATE baskets_departure SET reason = 'another'",
    "UPDATE baskets_basketversion_overlap SET system_id = system_id",
    *(f"DELETE FROM {table}" for table in PARTS),
    "INSERT INTO baskets_basketversion_overlap (basketversion_id, system_id) "
    "SELECT v.id, s.id FROM baskets_basketversion v, evals_system s",
    "INSERT INTO baskets_departure (version_id, eval_id, reason) "
    "SELECT v.id, e.id, 'x' FROM baskets_basketversion v, evals_eval e",
]


@pytest.mark.parametrize("statement", FROZEN)
def test_it_freezes_a_published_version_even_for_the_owner(
    owner: psycopg.Connection, statement: str
) -> None:
    try:
        with pytest.raises(psycopg.errors.RestrictViolation, match="published and cannot"):
            owner.execute(statement)
    finally:
        owner.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE baskets_basket SET slug = 'other'",
        "UPDATE baskets_basket SET base_id = base_id + 1",
        "UPDATE evals_eval SET direction = 'lower' WHERE direction = 'higher'",
        "UPDATE evals_eval SET subdomain = 'other'",
    ],
)
def test_it_freezes_what_a_published_version_rests_on(
    owner: psycopg.Connection, statement: str
) -> None:
    try:
        with pytest.raises(psycopg.errors.RestrictViolation, match="rests on this row"):
            owner.execute(statement)
    finally:
        owner.rollback()


def drafted(owner: psycopg.Connection) -> tuple[int]:
    """The id of a draft with one weight."""
    draft = owner.execute(
        "INSERT INTO baskets_basketversion (basket_id, number, effective_on, coverage_floor, "
        "domain_coverage_floor, min_evals, link, rationale, author, approver, created_at) "
        "SELECT basket_id, 99, now(), 0.3, 0.2, 2, 'additive', '', '', '', now() "
        "FROM baskets_basketversion LIMIT 1 RETURNING id"
    ).fetchone()
    assert draft is not None
    columns = "eval_id, weight, selection, protocol, owner, rationale, goalpost_reason"
    owner.execute(
        f"INSERT INTO baskets_weight (version_id, {columns}) "
        f"SELECT %s, {columns} FROM baskets_weight LIMIT 1",
        draft,
    )
    return (int(draft[0]),)


def test_it_refuses_to_move_a_weight_into_a_published_version(owner: psycopg.Connection) -> None:
    draft = drafted(owner)
    try:
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute(
                "UPDATE baskets_weight SET version_id = (SELECT min(id) FROM baskets_basketversion)"
                " WHERE version_id = %s",
                draft,
            )
    finally:
        owner.rollback()
