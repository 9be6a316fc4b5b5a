"""Tokens for programs: made and shown once, found by their hash, revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.roles import IMPORT_RESULTS

BYTES = 32
PREFIX = "agi_"
# The time of last use is for people; one write a minute is exact enough for them.
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
    found = ApiToken.objects.select_related("owner").filter(sha256=digest(key)).first()
    if found is None or found.state(now) != "active" or scope not in found.scopes:
        return None
    if not found.owner.has_perm(IMPORT_RESULTS):
        return None
    _note_use(found, now)
    return found


def _note_use(token: ApiToken, now: dt.datetime) -> None:
    if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def revoke_token(token: ApiToken) -> None:
    """End a token at once; one that has ended keeps its time."""
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
