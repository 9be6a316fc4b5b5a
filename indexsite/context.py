"""What every template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from indexsite import languages


def site(request: HttpRequest) -> dict[str, object]:
    """The site's public address, and this page's address in each language."""
    return {
        "SITE_URL": settings.SITE_URL,
        "languages": languages.languages(request.get_full_path()),
    }
