"""Leaving for the OpenID Connect provider."""

from __future__ import annotations

from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache


@never_cache
def leave(request: HttpRequest, provider_id: str) -> HttpResponse:
    """A page that leads on to the provider.

    Not a redirect: the site's policy lets forms lead to itself only, and browsers apply it to
    every redirect after a form, also to those within the provider.
    """
    response: HttpResponse = openid_connect.login(request, provider_id)
    if response.status_code != 302:
        return response
    target = response["Location"]
    if not target.startswith(("https://", "http://")):
        return response
    return render(request, "accounts/leave.html", {"target": target})
