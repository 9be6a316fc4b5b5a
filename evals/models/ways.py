"""The ways in: tables that somebody explained, requests of programs, folders and feeds."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken
from evals.models.facts import Source
from evals.models.runs import ImportRun


class SavedMapping(models.Model):
    """What the columns of a table mean, found again by the header that the table had.

    `mapping` is that of `evals.readers.table`; `header_sha256` is over the names of the columns in
    their order, so that one kind of table has one mapping.
    """

    name = models.CharField(max_length=100, unique=True)
    header = models.JSONField(default=list)
    header_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    mapping = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def waiting_under(upload: WaitingUpload, filename: str) -> str:
    """A folder of its own for each file that waits."""
    return f"waiting/{upload.created_at:%Y/%m}/{uuid.uuid4().hex[:12]}/{filename}"


class WaitingUpload(models.Model):
    """A table that nobody has explained yet: kept until somebody does, or gives it up."""

    file = models.FileField(upload_to=waiting_under, max_length=400)
    name = models.CharField(max_length=300)
    source = models.CharField(max_length=50)
    dated = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Posting(models.Model):
    """Results that a program sent: the request as it was kept, and the run that imports it.

    `body` holds the records as JSON, one a line; it is empty where they were too many and are the
    run's file instead. With `key` the same request of a token is the same posting.
    """

    append_only = True

    import_run = models.OneToOneField(ImportRun, models.PROTECT, related_name="posting")
    token = models.ForeignKey(ApiToken, models.PROTECT, related_name="postings")
    key = models.CharField(max_length=200, blank=True)
    request_sha256 = models.CharField(max_length=64)
    body = models.BinaryField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "key"], condition=~Q(key=""), name="posting_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.import_run_id} {self.key}"


class Feed(models.Model):
    """An address that is asked on a schedule, and imported where what it answers is new.

    `dated` and `system` are those of results to which its files give none. `etag` and
    `last_modified` are what its server said of the file fetched last; `failures` counts the
    attempts that failed since the last one that did not.
    """

    name = models.CharField(max_length=100, unique=True)
    url = models.URLField(max_length=1000, verbose_name=_("address"))
    source = models.ForeignKey(Source, models.PROTECT, related_name="feeds")
    format = models.CharField(max_length=40, blank=True)
    mapping = models.ForeignKey(
        SavedMapping, models.PROTECT, null=True, blank=True, related_name="feeds"
    )
    dated = models.DateField(null=True, blank=True)
    system = models.CharField(max_length=300, blank=True)
    every_minutes = models.PositiveIntegerField(
        default=1440,
        validators=[MinValueValidator(5), MaxValueValidator(60 * 24 * 31)],
        verbose_name=_("minutes between two fetches"),
    )
    enabled = models.BooleanField(default=True)
    etag = models.CharField(max_length=300, blank=True, editable=False)
    last_modified = models.CharField(max_length=60, blank=True, editable=False)
    next_at = models.DateTimeField(default=timezone.now, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["next_at"], name="feed_due", condition=Q(enabled=True))]

    def __str__(self) -> str:
        return self.name

    def wait(self) -> dt.timedelta:
        """How long to wait after an attempt: twice as long with each failure, a day at the most."""
        every = dt.timedelta(minutes=self.every_minutes)
        longest = max(every, dt.timedelta(days=1))
        return min(every * (1 << min(self.failures, 16)), longest)


class FeedAttempt(models.Model):
    """What came of asking a feed once."""

    append_only = True

    class Outcome(models.TextChoices):
        NEW = "new", _("new file")
        UNCHANGED = "unchanged", _("unchanged")
        FAILED = "failed", _("failed")

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="attempts")
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.TextField(blank=True)
    size = models.PositiveBigIntegerField(default=0)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["feed", "-id"], name="feed_newest")]

    def __str__(self) -> str:
        return f"{self.feed_id} {self.outcome}"


class WatchedFile(models.Model):
    """A file or folder under a watched one, as it was seen last.

    It is imported when two looks have found the same `size` and `changed_ns`, once for its content;
    `reason` says why it was not.
    """

    folder = models.CharField(max_length=1000)
    path = models.CharField(max_length=1000)
    size = models.PositiveBigIntegerField()
    changed_ns = models.BigIntegerField()
    content_sha256 = models.CharField(max_length=64, blank=True)
    settled = models.BooleanField(default=False)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["folder", "path"]
        constraints = [
            models.UniqueConstraint(fields=["folder", "path"], name="watched_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.folder}: {self.path}"
