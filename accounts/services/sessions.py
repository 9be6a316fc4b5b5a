"""Where people are signed in, and the end of that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.utils import timezone

from accounts.devices import describe
from accounts.models import ApiToken, User


@dataclass(frozen=True)
class SignedIn:
    """One session as its owner sees it."""

    pk: int
    device: str
    address: str
    began_at: dt.datetime
    seen_at: dt.datetime
    current: bool


def sessions_of(user: User, *, current: str | None) -> list[SignedIn]:
    """The person's sessions that still let somebody in, the present one first, then by last use."""
    found = [
        SignedIn(
            pk=session.pk,
            device=describe(session.user_agent),
            address=session.ip,
            began_at=session.created_at,
            seen_at=session.last_seen_at,
            current=session.session_key == current,
        )
        for session in UserSession.objects.purge_and_list(user)
    ]
    return sorted(found, key=lambda one: (not one.current, -one.seen_at.timestamp()))


def other_sessions(user: User, current: str | None) -> list[UserSession]:
    """The person's sessions but the present one."""
    return list(UserSession.objects.filter(user=user).exclude(session_key=current or ""))


def end_sessions(sessions: Iterable[UserSession]) -> int:
    """Sign sessions out; how many."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    count = 0
    for session in sessions:
        store.delete(session.session_key)
        session.delete()
        count += 1
    return count


def end_all(user: User) -> None:
    """Sign a person out everywhere, and end the tokens that speak for them."""
    end_sessions(UserSession.objects.filter(user=user))
    ApiToken.objects.filter(owner=user, revoked_at__isnull=True).update(revoked_at=timezone.now())
