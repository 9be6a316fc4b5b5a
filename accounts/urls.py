"""Signing up, in and out, a person's own account, and tokens."""

from __future__ import annotations

from django.urls import include, path

from accounts.views import home, tokens

urlpatterns = [
    path("accounts/", home.account, name="account"),
    path("accounts/sessions/", home.sessions, name="sessions"),
    path("accounts/sessions/<int:session_id>/end/", home.end_session, name="end-session"),
    path("accounts/sessions/end-others/", home.end_others, name="end-other-sessions"),
    path("accounts/delete/", home.delete, name="delete-account"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
    path("imports/tokens/", tokens.tokens, name="tokens"),
    path("imports/tokens/<int:token_id>/revoke/", tokens.revoke, name="revoke-token"),
]
