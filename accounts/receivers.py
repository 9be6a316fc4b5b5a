"""What follows when a person changes how they sign in."""

from __future__ import annotations

from typing import Any

from allauth.mfa import signals
from django.http import HttpRequest

from accounts.models import User
from accounts.services.sessions import end_sessions, other_sessions


def end_other_sessions(sender: type[object], request: HttpRequest, user: User, **rest: Any) -> None:
    """Whoever is signed in elsewhere may be the reason for the change."""
    end_sessions(other_sessions(user, request.session.session_key))


def connect() -> None:
    """Listen to changes of the second step; a change of the password ends sessions by itself."""
    for signal in (signals.authenticator_added, signals.authenticator_removed):
        signal.connect(end_other_sessions, dispatch_uid="accounts.end_other_sessions")
    signals.authenticator_reset.connect(
        end_other_sessions, dispatch_uid="accounts.end_other_sessions"
    )
