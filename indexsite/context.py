"""What every template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from indexsite import languages


def site(request: HttpRequest) -> dict[str, object]:
    """The site's public address, who governs it, and this page's address in each language."""
    return {
        "SITE_URL": settings.SITE_URL,
        "SINGLE_STEWARD": settings.SINGLE_STEWARD,
        "languages": languages.languages(request.get_full_path()),
    }
