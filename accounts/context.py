"""What templates may know about the ways to sign in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def accounts(request: HttpRequest) -> dict[str, object]:
    """Whether people may sign up and staff must use two steps; the provider's name if any."""
    return {
        "ACCOUNTS_OPEN": settings.ACCOUNTS_OPEN,
        "MFA_REQUIRED": settings.MFA_REQUIRED,
        "OIDC_NAME": settings.OIDC_NAME if settings.SOCIALACCOUNT_PROVIDERS else "",
        "OIDC_PROVIDER": settings.OIDC_PROVIDER,
    }
