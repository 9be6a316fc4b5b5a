"""Signing in and out, and tokens."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from accounts import views

urlpatterns = [
    path("accounts/login/", LoginView.as_view(template_name="accounts/login.html"), name="login"),
    path("accounts/logout/", LogoutView.as_view(next_page="/"), name="logout"),
    path("imports/tokens/", views.tokens, name="tokens"),
    path("imports/tokens/<int:token_id>/revoke/", views.revoke, name="revoke-token"),
]
