"""The releases as an Atom feed, each entry with the whole text of its release."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from baskets.models import Release
from baskets.prose import paragraphs, release_sentence, release_title
from baskets.selectors.news import news
from baskets.selectors.release_pages import release_page

NEWEST = 10
KEPT_FOR = 7 * 24 * 3600


class ReleaseFeed(Atom1Feed):
    """Atom with the whole text in `content` and its first sentence in `summary`."""

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        """Write one entry."""
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


def release_feed(releases: list[Release], *, site: str, address: str) -> str:
    """The feed of these releases, newest first.

    site: the scheme and host that addresses begin with. address: where the feed itself is.
    """
    feed = ReleaseFeed(
        title=_("AGI Index: releases"),
        link=site + reverse("baskets:releases"),
        description=_("Every edition of the index, with what moved and why."),
        language=get_language(),
        author_name=_("AGI Index"),
        feed_url=site + address,
        feed_guid=f"{site}/releases/",
    )
    for release in releases:
        link = reverse("baskets:release", args=[release.number])
        title, sentence, content = _text(release)
        feed.add_item(
            title=_("Release %(number)s: %(title)s") % {"number": release.number, "title": title},
            link=site + link,
            description=escape(sentence),
            content=content,
            pubdate=release.created_at,
            updateddate=release.created_at,
            unique_id=f"{site}/releases/{release.number}/#{release.sha256[:16]}",
        )
    return feed.writeString("utf-8")


def _text(release: Release) -> tuple[str, str, str]:
    """The title, the sentence and the text as HTML of a release, kept, for it never changes."""
    key = f"feed:{release.sha256}:{get_language()}"
    kept: tuple[str, str, str] | None = cache.get(key)
    if kept is None:
        found = release_page(release.number, release.basket.slug)
        assert found is not None
        title = release_title(found.domains, found.series)
        sentence = release_sentence(found.domains)
        context = {"page": found, "sentence": sentence, "paragraphs": paragraphs(news(found))}
        kept = title, sentence, render_to_string("baskets/feed_entry.html", context)
        cache.set(key, kept, KEPT_FOR)
    return kept
