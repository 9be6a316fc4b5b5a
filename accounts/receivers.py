"""What follows when a person changes how they sign in, or is given or loses a role."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa import signals
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models.signals import m2m_changed, post_save
from django.http import HttpRequest

from accounts.models import User
from accounts.services.roles import let_in, shut_out
from accounts.services.sessions import end_sessions, other_sessions


def end_other_sessions(sender: type[object], request: HttpRequest, user: User, **rest: Any) -> None:
    """Whoever is signed in elsewhere may be the reason for the change."""
    end_sessions(other_sessions(user, request.session.session_key))


def follow_address(instance: User, raw: bool = False, **rest: Any) -> None:
    """An address that an administrator writes into an account takes the place of the old one.

    Whoever changes their own address confirms it first, and it stands in both places then.
    """
    own = EmailAddress.objects.filter(user=instance)
    if raw or not own.exists() or own.filter(email__iexact=instance.email).exists():
        return
    with transaction.atomic():
        own.delete()
        if instance.email:
            address = instance.email.lower()
            own.create(user=instance, email=address, verified=True, primary=True)


def follow_roles(
    instance: User | Group, action: str, reverse: bool, pk_set: set[int] | None, **rest: Any
) -> None:
    """Who works in the admin by their role gets in, and nobody else."""
    if action not in ("post_add", "post_remove", "post_clear"):
        return
    if isinstance(instance, User):
        people, groups = [instance], pk_set or set()
    else:
        people, groups = list(User.objects.filter(pk__in=pk_set or ())), {instance.pk}
    for user in people:
        if action == "post_add":
            let_in(user, groups)
        else:
            shut_out(user)


def connect() -> None:
    """Listen to changes of the second step, of addresses and of roles.

    A change of the password ends sessions by itself.
    """
    post_save.connect(follow_address, sender=User, dispatch_uid="accounts.follow_address")
    m2m_changed.connect(
        follow_roles, sender=User.groups.through, dispatch_uid="accounts.follow_roles"
    )
    for signal in (signals.authenticator_added, signals.authenticator_removed):
        signal.connect(end_other_sessions, dispatch_uid="accounts.end_other_sessions")
    signals.authenticator_reset.connect(
        end_other_sessions, dispatch_uid="accounts.end_other_sessions"
    )
