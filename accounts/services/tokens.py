"""Tokens for programs: made and shown once, found by their hash, revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.prepared import rows_of
from accounts.roles import IMPORT_RESULTS

BYTES = 32
PREFIX = "agi_"
_FIELDS = ApiToken._meta.concrete_fields
# The time of last use is for people; one write a minute is exact enough for them.
_CODENAME = IMPORT_RESULTS.partition(".")[2]
# Every request asks this first: one statement, where `has_perm` would take two more.
_FIND = """
SELECT {columns} FROM accounts_apitoken t JOIN accounts_user u ON u.id = t.owner_id
WHERE t.sha256 = %(sha256)s AND u.is_active AND (u.is_superuser OR EXISTS (
    SELECT FROM auth_permission p
    JOIN django_content_type c ON c.id = p.content_type_id AND c.app_label = 'accounts'
    WHERE p.codename = %(right)s AND (
        EXISTS (SELECT FROM accounts_user_user_permissions x
                WHERE x.user_id = u.id AND x.permission_id = p.id)
        OR EXISTS (SELECT FROM accounts_user_groups g
                   JOIN auth_group_permissions x ON x.group_id = g.group_id
                   WHERE g.user_id = u.id AND x.permission_id = p.id)
    )
))
""".format(columns=", ".join(f't."{field.column}"' for field in _FIELDS))  # noqa: S608
USE_NOTED_EVERY = dt.timedelta(minutes=1)


def make_token(
    *,
    owner: User,
    name: str,
    scopes: Sequence[str],
    source: str = "",
    expires_at: dt.datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its key, which is not kept and cannot be shown again."""
    key = PREFIX + secrets.token_urlsafe(BYTES)
    token = ApiToken.objects.create(
        owner=owner,
        name=name,
        prefix=key[:12],
        sha256=digest(key),
        scopes=list(scopes),
        source=source,
        expires_at=expires_at,
    )
    return token, key


def digest(key: str) -> str:
    """The SHA-256 under which a key is kept."""
    return hashlib.sha256(key.encode()).hexdigest()


def token_of(key: str, *, scope: str, now: dt.datetime) -> ApiToken | None:
    """The token of a key, if it may be used for `scope` now, and its owner still may import."""
    for row in rows_of(_FIND, {"sha256": digest(key), "right": _CODENAME}):
        found = ApiToken.from_db(connection.alias, [field.attname for field in _FIELDS], row)
        if found.state(now) == "active" and scope in found.scopes:
            _note_use(found, now)
            return found
    return None


def _note_use(token: ApiToken, now: dt.datetime) -> None:
    if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def revoke_token(token: ApiToken) -> None:
    """End a token at once; one that has ended keeps its time."""
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
