"""Accounts in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from accounts.models import ApiToken, User

admin.site.register(User, UserAdmin)


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    """Tokens that people made; an administrator can revoke one, and read no key."""

    list_display = ["prefix", "name", "owner", "source", "last_used_at", "expires_at", "revoked_at"]
    list_select_related = ["owner"]
    fields = ["owner", "name", "scopes", "source", "expires_at", "revoked_at"]
    readonly_fields = ["owner", "name", "scopes", "source", "expires_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
