"""What stands between a right password and being signed in."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage


class ConfirmedStage(EmailVerificationStage):  # type: ignore[misc]
    """Asks for a confirmed address of everybody who signed up by one.

    An account that an administrator made is vouched for by that, and may have no address at all.
    """

    def handle(self) -> tuple[Any, bool]:
        login = self.login
        made_here = login.user is not None and not login.signup
        if made_here and not EmailAddress.objects.filter(user=login.user).exists():
            return None, True
        response, goes_on = super().handle()
        return response, goes_on
