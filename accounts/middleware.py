"""What is done with each request of somebody who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from accounts.clients import address_of
from accounts.two_step import must_set_up

SEEN_EVERY = 60
# The name of the attribute by which a view says that it is for staff; the admin's need none.
FOR_STAFF = "for_staff"
GO_ON = "two_step_go_on"


class SeenMiddleware:
    """Notes when and from where a session was last used, at most once a minute.

    Only a request whose view asked who is signed in is looked at: public pages read no session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        user = getattr(request, "_cached_user", None)
        if user is not None and user.is_authenticated and request.session.session_key:
            key = request.session.session_key
            if cache.add(f"accounts:seen:{key}", 1, SEEN_EVERY):
                # A page that is made already does not fail because of this.
                with suppress(DatabaseError):
                    UserSession.objects.filter(session_key=key).update(
                        last_seen_at=timezone.now(), ip=address_of(request)
                    )
        return response


class TwoStepMiddleware:
    """Sends stewards, approvers and administrators without a second step to set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """A redirect in place of a page for staff, where the rule asks for it."""
        match = request.resolver_match
        staff = getattr(view, FOR_STAFF, False) or (match and "admin" in match.app_names)
        if not staff or (match and match.url_name == "logout") or not must_set_up(request.user):
            return None
        request.session[GO_ON] = request.get_full_path()
        return redirect("mfa_index")
