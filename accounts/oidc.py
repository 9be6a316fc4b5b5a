"""Sign-in with the OpenID Connect provider that the environment names."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render

from accounts.models import User
from accounts.services.claims import take_over_roles


class OidcAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Trusts the provider for who signs in, and for roles only where a claim is named."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whoever the provider lets in may have an account: its operator decides about that."""
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse an answer whose parts speak of different people or come from another issuer."""
        data = sociallogin.account.extra_data
        token, info = data.get("id_token") or {}, data.get("userinfo") or {}
        right_issuer = str(token.get("iss", "")).rstrip("/") == settings.OIDC_ISSUER
        same_person = not info or info.get("sub") == token.get("sub")
        if not (right_issuer and same_person):
            page = "socialaccount/authentication_error.html"
            raise ImmediateHttpResponse(render(request, page, status=400))
        for address in sociallogin.email_addresses:
            # A text such as "false" is no confirmation either.
            address.verified = address.verified is True
        if sociallogin.is_existing:
            take_over_roles(sociallogin.user, claims_of(sociallogin))

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """The account with an address that the provider and this site have both confirmed."""
        for address in sociallogin.email_addresses:
            if address.verified is not True:
                continue
            for user in filter_users_by_email(address.email, is_active=True):
                own = EmailAddress.objects.filter(user=user, email__iexact=address.email)
                if own.filter(verified=True).exists():
                    return user, address.email
        return None

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        take_over_roles(user, claims_of(sociallogin))
        return user


def claims_of(sociallogin: SocialLogin) -> dict[str, Any]:
    """What the provider says about the person, its newest word last."""
    data = sociallogin.account.extra_data
    return {**(data.get("id_token") or {}), **(data.get("userinfo") or {})}
