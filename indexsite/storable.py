"""No NUL in an address of the admin: PostgreSQL stores no such text, so none can be asked for."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase

NUL, ADMIN = "\0", "/admin/"


class StorableMiddleware:
    """Answers 400 to an address of the admin with a NUL in its path or query.

    The other pages look at what they are asked themselves; the admin's lists, filters and searches
    would hand it to the database, which breaks the query off.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # As it was sent: the query is decoded only where somebody asks for it.
        found = NUL in request.path_info or "%00" in request.META.get("QUERY_STRING", "")
        if found and ADMIN in request.path_info:
            raise BadRequest
        return self.get_response(request)
