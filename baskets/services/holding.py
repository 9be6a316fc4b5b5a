"""Whether a worker is at a basket's release: a lock of its session, which ends with the session.

A lease alone would leave the requests of a killed worker alone until it ran out, ten minutes later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection

TAKE = "SELECT pg_try_advisory_lock(hashtextextended('release of basket ' || %s, 0))"
GIVE_BACK = "SELECT pg_advisory_unlock(hashtextextended('release of basket ' || %s, 0))"


@contextmanager
def holding(basket_id: int) -> Iterator[bool]:
    """Hold a basket while the block runs; False where the session of another worker holds it."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [basket_id])
        (taken,) = cursor.fetchone()
    try:
        yield taken
    finally:
        if taken:
            _give_back(basket_id)


def _give_back(basket_id: int) -> None:
    """Give the lock back; a session that cannot is ended, and its lock with it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(GIVE_BACK, [basket_id])
    except (DatabaseError, InterfaceError):
        if not connection.in_atomic_block:
            connection.close()
