"""The forms of signing in: in the site's words, and each code once."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

CODE_SECONDS = 90


class SignInForm(LoginForm):  # type: ignore[misc]
    """Takes the user name or the e-mail address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail")


class OnceOnly:
    """Takes a code once, for as long as it could be right: three half minutes, with the tolerance.

    allauth itself remembers it for one half minute only.
    """

    def clean_code(self) -> str:
        """The code; an error where it is wrong or was used."""
        code: str = super().clean_code()  # type: ignore[misc]
        user = self.user  # type: ignore[attr-defined]
        if not cache.add(f"accounts:code:{user.pk}:{code}", 1, CODE_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondStepForm(OnceOnly, AuthenticateForm):  # type: ignore[misc]
    """The code after the password."""


class IsItYouForm(OnceOnly, ReauthenticateForm):  # type: ignore[misc]
    """The code before a page that changes how the account is protected."""
