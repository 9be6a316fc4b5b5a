"""What everything that can be read depends on, in one cheap question."""

from __future__ import annotations

from django.db import connection

# Whatever adds a fact or changes a name adds a row to one of these tables.
STATE = """
SELECT current_database(),
       (SELECT max(id) FROM evals_system), (SELECT max(id) FROM evals_eval),
       (SELECT max(id) FROM evals_developer), (SELECT max(id) FROM evals_alias),
       (SELECT max(id) FROM evals_importrun), (SELECT max(id) FROM evals_score),
       (SELECT max(id) FROM evals_decision), (SELECT max(id) FROM baskets_release),
       (SELECT count(*) FROM baskets_basketversion WHERE published_at IS NOT NULL),
       (SELECT max(id) FROM baskets_transition),
       (SELECT max(id) FROM django_admin_log)
"""


def state_now() -> tuple[object, ...]:
    """The state of the site: the same as long as nothing that readers see has changed."""
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        return tuple(cursor.fetchone() or ())
