"""Pages of the admin that open by the rights of roles, beside Django's own permissions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class ByRight(admin.ModelAdmin[Any]):
    """Shown to whoever has one of `sees` or `edits`, changed by whoever has one of `edits`."""

    sees: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or self._may(request, *self.sees, *self.edits)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_view_permission(request, obj)
        return allowed or self._may(request, *self.sees, *self.edits)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) or self._may(request, *self.edits)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) or self._may(request, *self.edits)

    @staticmethod
    def _may(request: HttpRequest, *rights: str) -> bool:
        return any(request.user.has_perm(right) for right in rights)
