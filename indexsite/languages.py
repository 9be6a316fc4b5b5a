"""Which language a page is in: the one that its address names, else English.

Chinese pages have addresses of their own (`/zh-hant/…`, `/zh-hans/…`). No cookie and no header
has a say, so a page is the same for every reader of an address, and may be kept and linked to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

NAMES = {"en": "English", "zh-hant": "繁體中文", "zh-hans": "简体中文"}
TAGS = {"en": "en", "zh-hant": "zh-Hant", "zh-hans": "zh-Hans"}


@dataclass(frozen=True)
class Language:
    """One choice of the switcher: its own name, its BCP 47 tag and this page's address in it."""

    code: str
    name: str
    tag: str
    path: str
    current: bool


def language_of(path: str) -> str:
    """The language that a path names with its first part, or the default."""
    first = path[1:].partition("/")[0]
    return first if first in NAMES and first != settings.LANGUAGE_CODE else settings.LANGUAGE_CODE


def in_language(path: str, code: str) -> str:
    """The same path in another language; a query string behind it stays as it is."""
    if (current := language_of(path)) != settings.LANGUAGE_CODE:
        # Two slashes at the front would name another host.
        path = "/" + path[len(current) + 1 :].lstrip("/")
    return path if code == settings.LANGUAGE_CODE else f"/{code}{path}"


def languages(path: str) -> list[Language]:
    """Every language of the site with the address of the page at `path` in it."""
    current = language_of(path)
    return [
        Language(code, NAMES[code], TAGS[code], in_language(path, code), code == current)
        for code, _ in settings.LANGUAGES
    ]


class LanguageMiddleware:
    """Speaks the language of the address while a request is answered.

    Django's own `LocaleMiddleware` asks cookies and headers too, and marks every page as varying
    with them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        code = language_of(request.path_info)
        translation.activate(code)
        request.LANGUAGE_CODE = code
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", TAGS[code])
        return response
