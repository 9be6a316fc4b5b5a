"""Signing in in two steps: who must, and how the secret behind the codes is kept."""

from __future__ import annotations

import base64
import hashlib
import logging

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.roles import ADD_EVALS, APPROVE_BASKETS, EDIT_BASKETS, MANAGE_ROLES, VIEW_AUDIT

logger = logging.getLogger(__name__)

ROLES = ("steward", "approver", "admin")
"""The groups whose members change weights, approve them, or give rights to others."""

DECIDING = (ADD_EVALS, EDIT_BASKETS, APPROVE_BASKETS, VIEW_AUDIT, MANAGE_ROLES)
"""The rights of these groups, which can also be given to one person alone."""


class TwoStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets of authenticator apps encrypted under SECRET_KEY.

    Who reads the database or a backup of it then cannot make codes. With another SECRET_KEY no
    code is right any more; `manage.py reset_mfa NAME` lets a person begin anew.
    """

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            logger.error("A secret for codes was encrypted under another SECRET_KEY.")
            # Never an empty text: codes of an empty secret can be computed by anybody.
            return str(generate_totp_secret())


def _cipher() -> MultiFernet:
    keys = [str(settings.SECRET_KEY), *map(str, settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet(
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"two-step " + key.encode()).digest()))
        for key in keys
    )


def has_second_step(user: User) -> bool:
    """Whether the person signs in in two steps."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def must_set_up(user: User | AnonymousUser) -> bool:
    """Whether the person needs a second step for the pages of staff and has none yet."""
    if not (settings.MFA_REQUIRED and isinstance(user, User)):
        return False
    return is_trusted(user) and not has_second_step(user)


def is_trusted(user: User) -> bool:
    """Whether the person may reach the admin, or changes what everybody reads."""
    return user.is_superuser or user.is_staff or any(map(user.has_perm, DECIDING))
