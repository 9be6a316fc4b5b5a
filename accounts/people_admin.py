"""People and their roles in the admin: an administrator gives and takes roles, and no more."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_rights import Audited, ByRight
from accounts.models import PersonRightEvent, RoleGrantEvent, User, UserEvent
from accounts.roles import ADMINISTRATOR, GROUPS, MANAGE_ROLES

OWN = ("username", "is_active", "groups")


class PersonForm(UserChangeForm[User]):
    """Gives and takes the roles that are offered; a group that is not offered stays as it is."""

    def clean_groups(self) -> QuerySet[Group]:
        """The groups that the person has from now on."""
        field = self.fields["groups"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        assert field.queryset is not None
        offered = field.queryset.values("pk")
        chosen: QuerySet[Group] = self.cleaned_data["groups"]
        if self.instance.pk is None:
            return chosen
        kept = self.instance.groups.exclude(pk__in=offered).values("pk")
        return Group.objects.filter(Q(pk__in=chosen.values("pk")) | Q(pk__in=kept))


class PeopleAdmin(Audited, ByRight, UserAdmin[User]):
    """A superuser has Django's own page; whoever manages roles sees and changes only these.

    Nobody but a superuser can make one, change one, or give rights that are no role. The groups
    that are given are the site's roles, and an administrator's only by an administrator.
    """

    form = PersonForm
    edits = (MANAGE_ROLES,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return UserAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.is_superuser and not _is_superuser(request):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request) and UserAdmin.has_delete_permission(self, request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or _is_superuser(request):
            return UserAdmin.get_fieldsets(self, request, obj)
        return [(_("Roles"), {"fields": OWN})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None or _is_superuser(request) else ("username",)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        """Another person's password is set by superusers only."""
        if not _is_superuser(request):
            raise PermissionDenied
        return UserAdmin.user_change_password(self, request, id, form_url)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["queryset"] = Group.objects.filter(name__in=_given_by(request)).order_by("pk")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def audit_of(self, obj: User) -> list[QuerySet[Any, Any]]:
        """What gave the person rights, and took them."""
        return [
            UserEvent._base_manager.filter(pgh_obj_id=obj.pk),
            RoleGrantEvent._base_manager.filter(user_id=obj.pk),
            PersonRightEvent._base_manager.filter(user_id=obj.pk),
        ]


def _given_by(request: HttpRequest) -> list[str]:
    """The roles that the signed-in person can give and take."""
    groups = getattr(request.user, "groups", Group.objects.none())
    whole = _is_superuser(request) or groups.filter(name=ADMINISTRATOR).exists()
    return [name for name in GROUPS if whole or name != ADMINISTRATOR]


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
