"""The public pages for crawlers: one list of addresses for each language, each with the others."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from baskets.selectors.crawled import Crawled, crawled
from indexsite.languages import TAGS, in_language, language_of

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
MOST = 50_000
"""As many addresses as the protocol allows in one list."""

_public = cache_control(public=True, max_age=0, must_revalidate=True)


@_public
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Which lists there are."""
    rows = "".join(
        f"<sitemap><loc>{escape(settings.SITE_URL + reverse('sitemap-of', args=[code]))}</loc>"
        "</sitemap>\n"
        for code in TAGS
    )
    return _xml(f'<sitemapindex xmlns="{SCHEMA}">\n{rows}</sitemapindex>\n')


@_public
@require_safe
def sitemap(request: HttpRequest, code: str) -> HttpResponse:
    """The pages in one language, by its code."""
    if code not in TAGS:
        raise Http404
    rows = "".join(_rows(code))
    return _xml(f'<urlset xmlns="{SCHEMA}" xmlns:xhtml="{XHTML}">\n{rows}</urlset>\n')


def _rows(code: str) -> Iterator[str]:
    for page in crawled()[:MOST]:
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{tag}" href="{_address(page, other)}"/>'
            for other, tag in TAGS.items()
        )
        changed = f"<lastmod>{page.changed_on}</lastmod>" if page.changed_on else ""
        yield f"<url><loc>{_address(page, code)}</loc>{changed}{others}</url>\n"


def _address(page: Crawled, code: str) -> str:
    assert language_of(page.path) == settings.LANGUAGE_CODE
    return escape(settings.SITE_URL + in_language(page.path, code))


def _xml(body: str) -> HttpResponse:
    return HttpResponse(HEAD + body, content_type="application/xml")
