"""What crawlers may read: everything public."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

RULES = "User-agent: *\nDisallow: /admin/\nDisallow: /operator/\nDisallow: /alerts/confirm/\n"


def robots(request: HttpRequest) -> HttpResponse:
    """The rules as text."""
    return HttpResponse(RULES, content_type="text/plain")
