"""Accounts in the admin, which people reach by the site's own sign-in."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import ApiToken, User
from accounts.people_admin import PeopleAdmin
from accounts.services.sessions import end_all, end_sessions

# What has a page of its own, holds a secret, or comes from the environment.
_UNFIT = (EmailConfirmation, SocialApp, SocialToken, Authenticator, UserSession)
admin.site.unregister([model for model in _UNFIT if admin.site.is_registered(model)])

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.register(User, PeopleAdmin)


def _change_password(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """The site's own page, which asks again who is there and tells the person by mail."""
    return redirect("account_change_password")


admin.site.password_change = _change_password  # type: ignore[method-assign,assignment]


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that can be looked at and ended, and neither made nor changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    """Tokens that people made; an administrator can revoke one, and read no key."""

    list_display = ["prefix", "name", "owner", "source", "last_used_at", "expires_at", "revoked_at"]
    list_select_related = ["owner"]
    fields = ["owner", "name", "scopes", "source", "expires_at", "revoked_at"]
    readonly_fields = ["owner", "name", "scopes", "source", "expires_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Second steps: deleted for whoever lost them. The person is then signed out everywhere."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    fields = ["user", "type", "created_at", "last_used_at"]
    search_fields = ["user__username"]

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        self._delete([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> None:
        self._delete(list(queryset.select_related("user")))

    def _delete(self, rows: list[Authenticator]) -> None:
        for row in rows:
            row.delete()
            end_all(row.user)


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    """Where people are signed in; a deleted session lets nobody in any more."""

    list_display = ["user", "ip", "user_agent", "created_at", "last_seen_at"]
    list_select_related = ["user"]
    fields = ["user", "ip", "user_agent", "created_at", "last_seen_at"]
    search_fields = ["user__username", "ip"]

    def delete_model(self, request: HttpRequest, obj: UserSession) -> None:
        end_sessions([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:
        end_sessions(queryset)
