"""Addresses of the OpenID Connect sign-in: one for all languages, since the provider knows one."""

from __future__ import annotations

from allauth.socialaccount.providers.openid_connect import views
from django.urls import path

from accounts.views.provider import leave

urlpatterns = [
    path("<slug:provider_id>/login/", leave, name="openid_connect_login"),
    path("<slug:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
]
