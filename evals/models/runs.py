"""One import: a row of work with a state and a lease, and afterwards the record of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evals.models.facts import Source


def stored_under(run: ImportRun, filename: str) -> str:
    """A folder of its own for each upload, so that the file keeps its name."""
    return f"imports/{run.created_at:%Y/%m}/{uuid.uuid4().hex[:12]}/{filename}"


class ImportRun(models.Model):
    """One import; `read` is always the sum of accepted, duplicate, held and rejected.

    These count results: rows that are to be scores, and rows that cannot be used. `declared` counts
    apart what a file states beside results, or instead of them, and was taken: systems, evals,
    doubts, and names with what is known of them. Every row of a file is in the one or the other.

    While it runs, `records_done` records have been read, judged and committed to staging, of which
    `rows_staged` rows wait there under `batch`. `lease` names the holder's claim, `holder_pid` and
    `holder_since` its connection to the database: when that has ended, so has the holder.
    `attempts` counts claims since there was last progress.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    source = models.ForeignKey(Source, models.PROTECT, related_name="import_runs")
    format = models.CharField(max_length=40, blank=True)
    reader_version = models.CharField(max_length=40, blank=True)
    options = models.JSONField(default=dict, blank=True)
    name = models.CharField(max_length=300)
    shipped = models.BooleanField(default=False)
    file = models.FileField(upload_to=stored_under, blank=True, max_length=400)
    size = models.PositiveBigIntegerField(default=0)
    content_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    batch = models.UUIDField(default=uuid.uuid4, editable=False)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    holder_pid = models.IntegerField(null=True, blank=True, editable=False)
    holder_since = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    records_done = models.PositiveBigIntegerField(default=0)
    rows_staged = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    read = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    declared = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["state", "lease_until"],
                name="import_run_work",
                condition=Q(state__in=["pending", "running"]),
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(read=F("accepted") + F("duplicate") + F("held") + F("rejected")),
                name="import_run_counts_add_up",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.name}"
