"""What every template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The site's public address, for links that leave it (feeds, citations, mail)."""
    return {"SITE_URL": settings.SITE_URL}
