"""People and their roles in the admin: an administrator gives and takes roles, and no more."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_rights import Audited, ByRight
from accounts.models import RoleGrantEvent, User, UserEvent
from accounts.roles import MANAGE_ROLES

OWN = ("username", "is_active", "groups")


class PeopleAdmin(Audited, ByRight, UserAdmin[User]):
    """A superuser has Django's own page; whoever manages roles sees and changes only these.

    Nobody but a superuser can make one, change one, or give rights that are no role.
    """

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

    def audit_of(self, obj: User) -> list[QuerySet[Any, Any]]:
        """What gave the person rights, and took them."""
        return [
            UserEvent._base_manager.filter(pgh_obj_id=obj.pk),
            RoleGrantEvent._base_manager.filter(Q(user_id=obj.pk)),
        ]


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
