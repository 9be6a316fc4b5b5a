"""The project's own user, and the tokens by which programs speak for one."""

from __future__ import annotations

import datetime as dt

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# The source of the shipped catalog, whose scores nobody else may replace.
RESERVED_SOURCE = "catalog"
# What the name of a deleted account begins with, before its number; nobody can choose such a name.
DELETED = "deleted:"


class User(AbstractUser):
    """A person who signs in: steward, approver, importer or administrator, by group."""

    class Meta(AbstractUser.Meta):
        permissions = [
            ("view_imports", _("Can see imports and what became of their rows")),
            ("import_results", _("Can import results and decide about names and held scores")),
            ("add_evals", _("Can add evals with their unit, bounds and goalposts")),
            ("edit_baskets", _("Can draft, edit, propose, schedule and withdraw basket versions")),
            ("approve_baskets", _("Can approve, send back and schedule basket versions")),
            ("view_audit", _("Can see and export who changed what, when and why")),
            ("manage_roles", _("Can give and take roles")),
        ]

    @property
    def shown_name(self) -> str:
        """How the person is named in public, where their name stands beside what they did."""
        if self.username.startswith(DELETED):
            return gettext("former member %(number)s") % {"number": self.pk}
        return (self.get_full_name() or self.get_username())[:120]


class ApiToken(models.Model):
    """A key that a program shows instead of a password; only its SHA-256 is kept.

    A plain hash is enough, and lets a token be found by an index: the key is 256 random bits, so
    there is nothing to guess that a slow hash would protect. `prefix` is its first letters, by
    which its owner tells one from another. `source` binds it to one source of results.
    """

    class Scope(models.TextChoices):
        WRITE_RESULTS = "results:write", _("post results")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=40, choices=Scope))
    source = models.CharField(max_length=50, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"

    def state(self, now: dt.datetime) -> str:
        """One of active, revoked and expired."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return "expired"
        return "active"


class RoleGrant(User.groups.through):  # type: ignore[name-defined,misc]
    """That a person has a role, for the audit."""

    class Meta:
        proxy = True
        verbose_name = _("role of a person")


class PersonRight(User.user_permissions.through):  # type: ignore[name-defined,misc]
    """That a person has a right past all roles, for the audit."""

    class Meta:
        proxy = True
        verbose_name = _("right of a person")


class RoleRight(Group.permissions.through):  # type: ignore[name-defined,misc]
    """That a role brings a right, for the audit."""

    class Meta:
        proxy = True
        verbose_name = _("right of a role")


# Events are written by triggers, whoever makes the change; the application can only add them. Of a
# person they keep what gives rights, and no name: that can be deleted.
RECORD = {"append_only": True, "__module__": __name__}
UserEvent = pghistory.create_event_model(
    User,
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    fields=["is_active", "is_staff", "is_superuser"],
    model_name="UserEvent",
    abstract=False,
    attrs=RECORD,
)
RoleGrantEvent, RoleRightEvent, PersonRightEvent = (
    pghistory.create_event_model(
        model,
        pghistory.InsertEvent(),
        pghistory.DeleteEvent(),
        app_label="accounts",
        model_name=name,
        obj_field=None,  # type: ignore[arg-type]
        abstract=False,
        attrs=RECORD,
    )
    for model, name in (
        (RoleGrant, "RoleGrantEvent"),
        (RoleRight, "RoleRightEvent"),
        (PersonRight, "PersonRightEvent"),
    )
)
