"""Feeds and watched folders as people look at them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from evals.models import Feed, FeedAttempt, WatchedFile

SHOWN_ATTEMPTS = 10
SHOWN_FILES = 200


@dataclass(frozen=True)
class FeedState:
    """A feed with its newest attempts."""

    feed: Feed
    attempts: tuple[FeedAttempt, ...]


def feed_states() -> list[FeedState]:
    """Every feed, by name."""
    feeds = Feed.objects.select_related("source", "mapping")
    return [FeedState(feed, tuple(feed.attempts.all()[:SHOWN_ATTEMPTS])) for feed in feeds]


def watched_files() -> QuerySet[WatchedFile]:
    """The files seen last in watched folders."""
    return WatchedFile.objects.select_related("import_run").order_by("-seen_at")[:SHOWN_FILES]
