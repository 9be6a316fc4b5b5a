"""Roles that follow the groups of an OpenID Connect provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import User
from accounts.roles import GROUPS


def take_over_roles(user: User, claims: Mapping[str, Any]) -> None:
    """Give the person exactly the roles that the claim names; nothing where no claim is set.

    A superuser keeps all rights: nobody may lock the operator out from afar. Groups that are no
    roles of this site stay as they are. The admin opens and closes with the roles.
    """
    if not settings.OIDC_GROUPS_CLAIM or user.is_superuser:
        return
    due = roles_of(claims)
    with transaction.atomic():
        held = set(user.groups.filter(name__in=GROUPS).values_list("name", flat=True))
        user.groups.remove(*Group.objects.filter(name__in=held - due))
        user.groups.add(*Group.objects.filter(name__in=due - held))


def roles_of(claims: Mapping[str, Any]) -> set[str]:
    """The roles that a person's groups at the provider bring here."""
    said = claims.get(settings.OIDC_GROUPS_CLAIM)
    names = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    ours: dict[str, str] = settings.OIDC_GROUPS or {role: role for role in GROUPS}
    return {ours[name] for name in map(str, names) if name in ours} & set(GROUPS)
