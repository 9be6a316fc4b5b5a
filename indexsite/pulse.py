"""Beat's last sweep and the rows of work, read from Redis and PostgreSQL."""

from __future__ import annotations

import time

import redis
from django.conf import settings
from django.db import connection

KEY = "agi-index:last-sweep"
SILENT_AFTER = 60.0


def beat() -> None:
    """Note in Redis that a sweep ran now."""
    _client().set(KEY, repr(time.time()))


def age() -> float | None:
    """Seconds since the last sweep; None where none was ever noted."""
    noted = _client().get(KEY)
    return None if noted is None else time.time() - float(noted)


def work() -> list[tuple[str, str, int]]:
    """Rows of work as (kind, state, count)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'import', state, count(*) FROM evals_importrun GROUP BY 2 "
            "UNION ALL SELECT 'recompute', state, count(*) FROM baskets_recompute GROUP BY 2 "
            "UNION ALL SELECT 'delivery', state, count(*) FROM alerts_delivery GROUP BY 2 "
            "ORDER BY 1, 2"
        )
        return [(str(kind), str(state), int(count)) for kind, state, count in cursor.fetchall()]


def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
