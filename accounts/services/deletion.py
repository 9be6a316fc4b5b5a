"""The end of an account: it loses all that is personal, and the record stays whole."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.dispatch import Signal

from accounts.models import DELETED, User
from accounts.services.sessions import end_all

account_deleted = Signal()
"""Sent within the deletion with `user`, so that other rooms delete what they keep for a person."""


class NotForStaff(Exception):
    """The account has a role or is a superuser's: an administrator takes that away first."""


def must_stay(user: User) -> bool:
    """Whether the account does work here, so that its owner cannot delete it alone."""
    return user.is_superuser or user.is_staff or user.groups.exists()


def delete_account(user: User) -> None:
    """Take name, address, password, sign-ins and tokens from an account, for good.

    The row stays, nameless and closed, because what was decided here points at it: who approved
    or imported something can still be told apart from somebody else, and no longer be named. Names
    that a basket version holds as texts (its author, its approver, the owners of its weights) stay,
    frozen with it, as the page says on which a person deletes the account. Raises NotForStaff.
    """
    if must_stay(user):
        raise NotForStaff
    with transaction.atomic():
        # What somebody saves for it at this moment comes before, and then goes too, or not at all.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        account_deleted.send(User, user=user)
        end_all(user)
        user.api_tokens.update(name="")
        for model in (EmailAddress, Authenticator, SocialAccount):
            model.objects.filter(user=user).delete()
        user.user_permissions.clear()
        user.username = nameless(user)
        user.email = user.first_name = user.last_name = ""
        user.is_active = False
        user.last_login = None
        user.set_unusable_password()
        user.save()
        people = ContentType.objects.get_for_model(User)
        LogEntry.objects.filter(content_type=people, object_id=str(user.pk)).update(
            object_repr=user.username
        )


def nameless(user: User) -> str:
    """What a deleted account is called; no sign-up can choose it."""
    return f"{DELETED}{user.pk}"
