"""What crawlers may read: everything public."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from indexsite.languages import NAMES, in_language

PRIVATE = ("/admin/", "/operator/", "/alerts/confirm/")
RULES = "User-agent: *\n" + "".join(
    f"Disallow: {in_language(path, code)}\n" for code in NAMES for path in PRIVATE
)


def robots(request: HttpRequest) -> HttpResponse:
    """The rules as text."""
    return HttpResponse(RULES, content_type="text/plain")
