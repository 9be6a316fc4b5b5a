"""Feeds: each is asked when it is due, by one worker at a time, and what is new is imported."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from evals.feeding.addresses import FeedFailed
from evals.feeding.download import Fetched, Known, Limits, download
from evals.models import Feed, FeedAttempt, ImportRun, Source
from evals.records import UnreadableFile
from evals.services.arrivals import create_run_for, told_alike
from evals.services.files import sha256_of

# Longer than a fetch may take, so that a feed has one holder.
LEASE = dt.timedelta(minutes=10)
TOTAL_SECONDS = 300.0


def due(now: dt.datetime) -> Q:
    """Feeds whose time has come and that nobody is asking."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    return free & Q(enabled=True, next_at__lte=now)


def fetch_feed(feed_id: int) -> FeedAttempt | None:
    """Ask a feed that is due; what came of it, None where it is not due or somebody asks it."""
    now = timezone.now()
    taken = Feed.objects.filter(due(now), pk=feed_id).update(lease_until=now + LEASE)
    if not taken:
        return None
    feed = Feed.objects.select_related("source", "mapping", "created_by").get(pk=feed_id)
    with tempfile.TemporaryDirectory() as folder:
        return _fetch(feed, Path(folder) / _name(feed.url))


def _fetch(feed: Feed, path: Path) -> FeedAttempt:
    limits = Limits(
        largest=settings.LARGEST_UPLOAD,
        total=TOTAL_SECONDS,
        loopback_allowed=settings.FEEDS_MAY_REACH_LOOPBACK,
    )
    try:
        known = Known(feed.etag, feed.last_modified)
        found = download(feed.url, path, known=known, limits=limits)
        return _fetched(feed, found, path)
    except (FeedFailed, UnreadableFile) as error:
        return _end(feed, FeedAttempt.Outcome.FAILED, reason=str(error))
    except Exception as error:
        _end(feed, FeedAttempt.Outcome.FAILED, reason=f"{type(error).__name__}: {error}")
        raise


def _fetched(feed: Feed, found: Fetched, path: Path) -> FeedAttempt:
    """Import the file, unless it is the one that the feed brought before."""
    if found.unchanged:
        return _end(feed, FeedAttempt.Outcome.UNCHANGED)
    brought = feed.attempts.order_by().values("import_run")
    same = ImportRun.objects.filter(pk__in=brought, content_sha256=sha256_of(path))
    same = same.exclude(state=ImportRun.State.FAILED)
    if told_alike(same, dated=feed.dated, system=feed.system):
        return _end(feed, FeedAttempt.Outcome.UNCHANGED, found=found)
    with transaction.atomic():
        run = create_run_for(
            path,
            source=feed.source.slug,
            name=path.name,
            requested_by=feed.created_by,
            format_name=feed.format,
            dated=feed.dated,
            system=feed.system,
            mapping=feed.mapping,
        )
        return _end(feed, FeedAttempt.Outcome.NEW, found=found, run=run)


@transaction.atomic
def _end(
    feed: Feed,
    outcome: FeedAttempt.Outcome,
    *,
    reason: str = "",
    found: Fetched | None = None,
    run: ImportRun | None = None,
) -> FeedAttempt:
    """Note the attempt and when to ask again: after a failure later each time."""
    now = timezone.now()
    feed.failures = feed.failures + 1 if outcome == FeedAttempt.Outcome.FAILED else 0
    if found is not None:
        feed.etag, feed.last_modified = found.known.etag, found.known.last_modified
    feed.next_at, feed.lease_until = now + feed.wait(), None
    feed.save(update_fields=["failures", "etag", "last_modified", "next_at", "lease_until"])
    return FeedAttempt.objects.create(
        feed=feed,
        at=now,
        outcome=outcome,
        reason=reason,
        size=found.size if found else 0,
        import_run=run,
    )


def keep_feed(feed: Feed, *, source: str, by: User) -> Feed:
    """Store a feed as a person set it; it is asked anew as a whole, soon."""
    row, _created = Source.objects.get_or_create(slug=source, defaults={"name": source})
    feed.source, feed.created_by = row, feed.created_by or by
    feed.etag = feed.last_modified = ""
    feed.failures, feed.next_at = 0, timezone.now()
    feed.save()
    return feed


def ask_again(feed: Feed) -> None:
    """Make a feed due now, as if it had never been asked."""
    Feed.objects.filter(pk=feed.pk).update(next_at=timezone.now(), etag="", last_modified="")


def _name(url: str) -> str:
    """The last part of an address as the name of a file."""
    last = unquote(urlsplit(url).path).rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if letter.isalnum() or letter in "._- ")
    return kept.strip(". ")[:100] or "feed"
