"""What crawlers may read: everything public."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from indexsite.languages import NAMES, in_language

PRIVATE = (
    "/admin/",
    "/operator/",
    *(f"/alerts/{page}/" for page in ("confirm", "unsubscribe", "manage", "mine")),
)
RULES = "User-agent: *\n" + "".join(
    f"Disallow: {in_language(path, code)}\n" for code in NAMES for path in PRIVATE
)


def robots(request: HttpRequest) -> HttpResponse:
    """The rules as text."""
    found = f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}\n"
    return HttpResponse(RULES + found, content_type="text/plain")
