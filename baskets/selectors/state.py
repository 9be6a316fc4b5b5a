"""What everything that can be read depends on, in one cheap question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import InterfaceError, OperationalError, connection

from accounts.prepared import rows_of

Answer = tuple[tuple[object, ...], tuple[object, ...]]
"""What was visible, and the row that was found then."""

# A long import, withdrawal or release takes its ids early and commits late, so its end may raise no
# max(id).
# Each is a row of its own before it begins, and is none of these once it has ended.
UNDER_WAY = """
       (SELECT md5(string_agg(id::text, ',' ORDER BY id)) FROM evals_importrun
        WHERE state IN ('pending', 'running')),
       (SELECT md5(string_agg(id::text, ',' ORDER BY id)) FROM evals_runchange
        WHERE state IN ('pending', 'running')),
       (SELECT md5(string_agg(id::text, ',' ORDER BY id)) FROM baskets_recompute
        WHERE state = 'running')
"""

# Whatever adds a fact or changes a name adds a row to one of these tables.
STATE = f"""
SELECT current_database(),
       (SELECT max(id) FROM evals_system), (SELECT max(id) FROM evals_eval),
       (SELECT max(id) FROM evals_developer), (SELECT max(id) FROM evals_alias),
       (SELECT max(id) FROM evals_importrun), (SELECT max(id) FROM evals_score),
       (SELECT max(id) FROM evals_decision), (SELECT max(id) FROM baskets_release),
       (SELECT count(*) FROM baskets_basketversion WHERE published_at IS NOT NULL),
       (SELECT max(id) FROM baskets_transition),
       (SELECT max(id) FROM django_admin_log),
       {UNDER_WAY}
"""  # noqa: S608

SEEN = "SELECT pg_current_snapshot()::text, current_date"
NOTHING: Answer = ((), ())
_held: ContextVar[dict[str, tuple[object, ...]] | None] = ContextVar("held", default=None)
_answers: WeakKeyDictionary[psycopg.Connection[Any], dict[str, Answer]] = WeakKeyDictionary()


@contextmanager
def asked_once() -> Iterator[None]:
    """Within the block, which only reads, each question is asked once.

    What is remembered is then of one state; what is read meanwhile may be newer.
    """
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def state_now() -> tuple[object, ...]:
    """The state of the site: the same as long as nothing that readers see has changed."""
    return answer(STATE)


def answer(question: str) -> tuple[object, ...]:
    """The row that `question` comes to, an SQL text that depends on the tables and the day alone.

    PostgreSQL is asked which transactions it can see by now, and the whole question only where
    those are others than at the last time on this connection: the same ones show the same rows.
    It also tells whether the connection lives, so that no other question is needed for that: one
    that has died since the last request is opened again. OperationalError where the database does
    not answer a new connection either.
    """
    held = None if connection.in_atomic_block else _held.get()
    if held is not None and question in held:
        return held[question]
    try:
        found = _answer(question)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        found = _answer(question)
    if held is not None:
        held[question] = found
    return found


def _answer(question: str) -> tuple[object, ...]:
    vars(connection)["health_check_done"] = True
    (seen,) = rows_of(SEEN, {})
    kept = _answers.setdefault(connection.connection, {})
    # What a transaction has changed itself is not among what it can see of others.
    if connection.in_atomic_block or kept.get(question, NOTHING)[0] != seen:
        (row,) = rows_of(question, {})
        kept[question] = seen, row
    return kept[question][1]
