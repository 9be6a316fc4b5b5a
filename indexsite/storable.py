"""No NUL in an address: PostgreSQL stores no such text, so none can be asked for."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from indexsite.api_door import API

NUL = "\0"


class StorableMiddleware:
    """Answers 400 to an address with a NUL in its path or query, except the API's.

    The public pages and the API refuse every unprintable character themselves, the API in its own
    form; the admin's lists, filters and searches would hand it to the database, which breaks the
    query off.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # As it was sent: the query is decoded only where somebody asks for it.
        found = NUL in request.path_info or "%00" in request.META.get("QUERY_STRING", "")
        if found and not request.path_info.startswith(API):
            raise BadRequest
        return self.get_response(request)
