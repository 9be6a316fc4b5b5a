"""An end to the size of what is sent to pages that take no files."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

# They look at the length of a body themselves, before they read it.
LARGE = ("/imports/upload/", "/api/v1/results")


class BodyCapMiddleware:
    """Refuses by its stated length, before any of it is read, a body that no form here has.

    Django bounds the fields of a form but not its files, which a page without a field for them
    would take in and then forget. A body without a stated length is empty to Django.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        announced = request.META.get("CONTENT_LENGTH") or ""
        # What is no number counts as 0, as it does for Django.
        too_large = announced.isdecimal() and int(announced) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if too_large and request.path_info not in LARGE:
            text = _("This address takes no more than %(n)s bytes.")
            text %= {"n": settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
            return HttpResponse(text, status=413, content_type="text/plain; charset=utf-8")
        return self.get_response(request)
