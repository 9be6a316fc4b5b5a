"""Whose password it is, found out in the same time for names that nobody has."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from django.http import HttpRequest

from accounts.models import User


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]
    """Takes what was written for an address, else for a name, and checks one password once.

    Two backends, or one that tries an address twice, hash once more for an account that exists,
    which a stranger can measure.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        tried = str(credentials.get("email") or credentials.get("username") or "")
        people = filter_users_by_email(tried, prefer_verified=True, for_login=True)
        for user in people or [get_user_by_username(tried)]:
            if self._check_password(user, credentials["password"]):
                found: User = user
                return found
        return None
