"""Roles are groups; what follows from being given one, or losing it."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import Group

from accounts.models import User
from accounts.two_step import ROLES


def let_in(user: User, groups: Collection[int]) -> None:
    """Open the admin to somebody who was given these groups, if one of them works there."""
    _set_staff(user, user.is_staff or Group.objects.filter(pk__in=groups, name__in=ROLES).exists())


def shut_out(user: User) -> None:
    """Close the admin to somebody who has lost the last role that works there."""
    _set_staff(user, user.is_superuser or user.groups.filter(name__in=ROLES).exists())


def _set_staff(user: User, staff: bool) -> None:
    if user.is_staff != staff:
        user.is_staff = staff
        user.save(update_fields=["is_staff"])
