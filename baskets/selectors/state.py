"""What everything that can be read depends on, in one cheap question."""

from __future__ import annotations

from django.db import connection

# A long import or withdrawal takes its ids early and commits late, so its end may raise no max(id).
# Each is a row of its own before it begins, and is none of these once it has ended.
UNDER_WAY = """
       (SELECT md5(string_agg(id::text, ',' ORDER BY id)) FROM evals_importrun
        WHERE state IN ('pending', 'running')),
       (SELECT md5(string_agg(id::text, ',' ORDER BY id)) FROM evals_runchange
        WHERE state IN ('pending', 'running'))
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


def state_now() -> tuple[object, ...]:
    """The state of the site: the same as long as nothing that readers see has changed."""
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        return tuple(cursor.fetchone() or ())
