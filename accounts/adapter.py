"""How the site's accounts differ from what allauth does by itself."""

from __future__ import annotations

import logging
import smtplib
from pathlib import Path
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import filter_users_by_email, filter_users_by_username
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format
from django.utils.translation import gettext as _

from accounts import devices
from accounts.clients import address_of
from accounts.mails import letter
from accounts.models import User
from accounts.roles import VIEW_IMPORTS

logger = logging.getLogger(__name__)

# What a page says by itself when one arrives there.
UNSAID = frozenset({"account/messages/logged_in.txt", "account/messages/logged_out.txt"})


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up by setting, guesses counted for accounts, own links in mails, new devices told."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.ACCOUNTS_OPEN)

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def get_login_stages(self) -> list[str]:
        own = {
            "allauth.account.stages.EmailVerificationStage": "accounts.stages.ConfirmedStage",
        }
        return [own.get(stage, stage) for stage in super().get_login_stages()]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Those who work here begin at their work, readers at their account."""
        works_here = request.user.has_perm(VIEW_IMPORTS)
        return resolve_url(settings.LOGIN_REDIRECT_URL if works_here else "account")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("account")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("account")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """What failed attempts are counted by: the account, by whichever of its names it is tried.

        What no account is known by is counted by itself, so that both answer alike. The host
        that the request names has no part in it, because a guesser may choose it.
        """
        tried = str(credentials.get("email") or credentials.get("username") or "").lower()
        users = [*filter_users_by_username(tried)[:1], *filter_users_by_email(tried)[:1]]
        return f"account:{users[0].pk}" if users else f"unknown:{tried}"

    def login(self, request: HttpRequest, user: User) -> None:
        # Read before it is set: who signs in for the first time is on no new device.
        self._is_first = user.last_login is None
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **how)
        if not (getattr(self, "_is_first", False) or devices.is_known(request, user)):
            device = devices.describe(self.get_http_user_agent(request))
            self.send_notification_mail("account/email/new_device", user, {"device": device})
        devices.remember(request, response, user)
        return response

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if message_template not in UNSAID:
            super().add_message(
                request, level, message_template, message_context, extra_tags, message
            )

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return f"{settings.SITE_URL}{path}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """One of the letters of `accounts.mails`, as text and as HTML."""
        # Built from SITE_URL and not from the request, whose host its sender may choose.
        said = {
            **context,
            "SITE_URL": settings.SITE_URL,
            "account_url": settings.SITE_URL + reverse("account"),
            "forgotten_url": settings.SITE_URL + reverse("account_reset_password"),
            "join_url": settings.SITE_URL + reverse("account_signup"),
            "browser": devices.describe(str(context.get("user_agent", ""))),
            "when": format(context.get("timestamp") or timezone.now(), "Y-m-d H:i"),
        }
        words = letter(template_prefix, said)
        said |= {"letter": words, "subject": words.subject}
        text = render_to_string("mail/account.txt", said)
        to = [email] if isinstance(email, str) else email
        mail = EmailMultiAlternatives(
            words.subject, text, self.get_from_email(), to, headers=headers
        )
        mail.attach_alternative(render_to_string("mail/account.html", said), "text/html")
        return mail

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; where the mail server takes none, the page says so and nothing is lost."""
        if settings.EMAIL_TO_FILES:
            # Written mails hold addresses and working links.
            Path(settings.EMAIL_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            super().send_mail(template_prefix, email, context)
        except (smtplib.SMTPException, OSError) as error:
            # The error's own text may name the recipient.
            logger.error("A mail (%s) was not sent: %s.", template_prefix, type(error).__name__)
            text = _("The mail could not be sent. Please ask for it again in a few minutes.")
            messages.error(self.request, text)
