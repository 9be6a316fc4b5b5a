"""What the mails about an account say: one table of words, drawn as text and as HTML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Letter:
    """The words of one mail; `told` mails also say when, from where and by what it was done."""

    subject: str
    text: str
    button: str = ""
    link: str = ""
    after: str = ""
    told: bool = False


def letter(name: str, context: dict[str, Any]) -> Letter:
    """The words of the mail that allauth calls `name`. Raises KeyError for one not known here."""
    return _LETTERS[name](context)


def _confirm(said: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("Confirm your address"),
        text=_("%(address)s was given for the account %(name)s. If that was you, confirm it.")
        % {"address": said["email"], "name": said["user"].get_username()},
        button=_("Open the page to confirm"),
        link=said["activate_url"],
        after=_("The link works for three days. If it was not you, do nothing."),
    )


def _exists(said: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("You have an account already"),
        text=_(
            "Someone, probably you, wanted to make an account with this address, which has one "
            "already. Nothing was changed. If you forgot your password, you can choose another."
        ),
        button=_("Choose another password"),
        link=said["forgotten_url"],
        after=_("If it was not you, do nothing."),
    )


def _unknown(said: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("There is no account with this address"),
        text=_(
            "Someone, probably you, asked to choose another password for this address, with which "
            "no account was made here. Perhaps you used another address."
        ),
        button=_("Make an account"),
        link=said["join_url"],
        after=_("If it was not you, do nothing."),
    )


def _reset(said: dict[str, Any]) -> Letter:
    return Letter(
        subject=_("Choose another password"),
        text=_("Someone, probably you, asked to choose another password for the account %(name)s.")
        % {"name": said["user"].get_username()},
        button=_("Choose another password"),
        link=said["password_reset_url"],
        after=_("The link works once. If it was not you, do nothing: your password stays."),
    )


def _new_device(said: dict[str, Any]) -> Letter:
    text = _("Your account was signed in to with %(device)s, which it has not been before.")
    return _told(_("New sign-in to your account"), text % {"device": said["device"]}, said)


def _email_changed(said: dict[str, Any]) -> Letter:
    text = _("The address of your account was changed from %(old)s to %(new)s.")
    values = {"old": said.get("from_email") or "–", "new": said.get("to_email") or "–"}
    return _told(_("Your address was changed"), text % values, said)


def _email_deleted(said: dict[str, Any]) -> Letter:
    text = _("The address %(address)s was taken away from your account.")
    values = {"address": said["deleted_email"]}
    return _told(_("An address was taken away"), text % values, said)


def _connected(said: dict[str, Any]) -> Letter:
    text = _("Whoever signs in to %(provider)s as you can now also sign in to your account here.")
    values = {"provider": said["provider"]}
    return _told(_("A way to sign in was added"), text % values, said)


def _disconnected(said: dict[str, Any]) -> Letter:
    text = _("%(provider)s does not sign in to your account any more.")
    values = {"provider": said["provider"]}
    return _told(_("A way to sign in was taken away"), text % values, said)


def _told(subject: str, text: str, said: dict[str, Any]) -> Letter:
    return Letter(
        subject=subject,
        text=text,
        button=_("See your account"),
        link=said["account_url"],
        after=_(
            "If it was not you, change your password at once and sign out the sessions that you do "
            "not know."
        ),
        told=True,
    )


def _fixed(words: Callable[[], tuple[str, str]]) -> Callable[[dict[str, Any]], Letter]:
    return lambda said: _told(*words(), said)


_LETTERS: dict[str, Callable[[dict[str, Any]], Letter]] = {
    "account/email/email_confirmation": _confirm,
    "account/email/email_confirmation_signup": _confirm,
    "account/email/account_already_exists": _exists,
    "account/email/unknown_account": _unknown,
    "account/email/password_reset_key": _reset,
    "account/email/new_device": _new_device,
    "account/email/email_changed": _email_changed,
    "account/email/email_deleted": _email_deleted,
    "account/email/email_confirm": _fixed(
        lambda: (_("Your address is confirmed"), _("The address of your account is confirmed."))
    ),
    "account/email/password_changed": _fixed(
        lambda: (_("Your password was changed"), _("The password of your account was changed."))
    ),
    "account/email/password_reset": _fixed(
        lambda: (
            _("Your password was changed"),
            _("Another password was chosen for your account with the link of a mail."),
        )
    ),
    "account/email/password_set": _fixed(
        lambda: (_("A password was set"), _("Your account, which had none, has a password now."))
    ),
    "mfa/email/totp_activated": _fixed(
        lambda: (
            _("Two-step sign-in is on"),
            _("Signing in to your account now also takes a code from an app."),
        )
    ),
    "mfa/email/totp_deactivated": _fixed(
        lambda: (
            _("Two-step sign-in is off"),
            _("Signing in to your account now takes the password alone."),
        )
    ),
    "mfa/email/recovery_codes_generated": _fixed(
        lambda: (
            _("New recovery codes"),
            _("New recovery codes were made for your account; the old ones ended."),
        )
    ),
    "socialaccount/email/account_connected": _connected,
    "socialaccount/email/account_disconnected": _disconnected,
}
