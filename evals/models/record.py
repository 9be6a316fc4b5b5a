"""The record: scores, what became of them, and rows that are none. Only ever added to.

What an import says again is stored once: the first row stays, and a restatement says who else
states it. Scores, decisions and restatements name other rows without a foreign key in the database.
They come in by the million, in statements that take their keys from the very rows they name
(`evals.services.merging`); checking each again, one trigger call a row, would take longer than all
the rest of an import. Nothing that they name is ever deleted: the models say PROTECT, and the
record's own tables cannot be deleted from at all.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evals.models.facts import Eval, System
from evals.models.runs import ImportRun


class HeldRow(models.Model):
    """A row whose system or eval no alias knows: kept whole until a person decides.

    It waits for as long as it has no `Resolution` and an import that states it is not withdrawn.
    """

    append_only = True

    import_run = models.ForeignKey(ImportRun, models.PROTECT, related_name="held_rows")
    line = models.PositiveIntegerField()
    system_name = models.CharField(max_length=300)
    eval_name = models.CharField(max_length=300)
    record = models.JSONField()
    reason = models.TextField()
    content_hash = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            # Not by the hash alone: what ended, or was withdrawn, may come and wait again.
            models.UniqueConstraint(fields=["content_hash", "import_run"], name="held_once"),
        ]
        indexes = [
            models.Index(fields=["system_name"], name="held_system_name"),
            models.Index(fields=["eval_name"], name="held_eval_name"),
        ]

    def __str__(self) -> str:
        return f"{self.system_name} / {self.eval_name}"


class Score(models.Model):
    """One published or logged result, as its source states it, in the eval's own unit.

    `observed_on` is when it was measured or published, `recorded_at` when this database learnt of
    it. `stderr` is in the eval's unit; `low` and `high` are the published 95% interval.
    """

    append_only = True

    class ReportedBy(models.TextChoices):
        FIRST_PARTY = "first_party", _("the developer")
        THIRD_PARTY = "third_party", _("a third party")
        UNSTATED = "unstated", _("not stated")

    system = models.ForeignKey(
        System, models.PROTECT, related_name="scores", db_constraint=False, db_index=False
    )
    eval = models.ForeignKey(
        Eval, models.PROTECT, related_name="scores", db_constraint=False, db_index=False
    )
    value = models.FloatField()
    stderr = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    uncertainty = models.CharField(max_length=120, blank=True)
    n_items = models.PositiveIntegerField(null=True, blank=True)
    n_items_text = models.CharField(max_length=120, blank=True)
    elicitation = models.TextField(blank=True)
    reported_by = models.CharField(max_length=12, choices=ReportedBy)
    observed_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    source_url = models.TextField(blank=True)
    note = models.TextField(blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    import_run = models.ForeignKey(
        ImportRun, models.PROTECT, related_name="scores", db_constraint=False, db_index=False
    )
    line = models.PositiveIntegerField()
    # Unique by an index of those that have one: nearly all scores have none.
    held_row = models.OneToOneField(
        HeldRow, models.PROTECT, null=True, blank=True, related_name="score", db_constraint=False
    )
    content_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [
            # The date is in the key so that the table can be partitioned by it.
            models.UniqueConstraint(fields=["content_hash", "observed_on"], name="score_once"),
        ]
        indexes = [
            # By cell, and within a cell by what makes two rows speak of the same result. An eval's
            # scores are found by it too: PostgreSQL 18 skips from system to system.
            models.Index(
                "system",
                "eval",
                "observed_on",
                models.Func("elicitation", function="hashtext"),
                models.Func("source_url", function="hashtext"),
                name="score_key",
            ),
            models.Index(
                fields=["external_id"], name="score_identity", condition=~models.Q(external_id="")
            ),
            # The scores of a run lie together, in the order in which runs were merged.
            BrinIndex(fields=["import_run"], name="score_of_run", pages_per_range=32),
        ]

    def __str__(self) -> str:
        return f"{self.system_id} {self.eval_id} {self.value}"


class Restatement(models.Model):
    """A later import's word that a stored score holds: the same content, from any source.

    The first import of a score is the score's own `import_run`. What counts is decided by all
    imports that state it (`evals.services.superseding`).
    """

    append_only = True

    score = models.ForeignKey(
        Score, models.PROTECT, related_name="restatements", db_constraint=False, db_index=False
    )
    import_run = models.ForeignKey(
        ImportRun, models.PROTECT, related_name="restatements", db_constraint=False, db_index=False
    )
    line = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["score", "import_run"], name="restated_once"),
        ]
        indexes = [
            # The restatements of a run lie together.
            BrinIndex(fields=["import_run"], name="restated_by_run", pages_per_range=32),
        ]

    def __str__(self) -> str:
        return f"{self.score_id} by import {self.import_run_id}"


class HeldRestatement(models.Model):
    """The same of a row that waits: another import has it too."""

    append_only = True

    held_row = models.ForeignKey(
        HeldRow, models.PROTECT, related_name="restatements", db_index=False
    )
    import_run = models.ForeignKey(ImportRun, models.PROTECT, related_name="held_restatements")
    line = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["held_row", "import_run"], name="held_restated_once"),
        ]

    def __str__(self) -> str:
        return f"{self.held_row_id} by import {self.import_run_id}"


class Decision(models.Model):
    """What became of a score, from a moment on; the newest decision is the current status.

    `in_favour_of` names the score that superseded it.
    """

    append_only = True

    class Status(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        HELD = "held", _("held")
        REJECTED = "rejected", _("rejected")
        SUPERSEDED = "superseded", _("superseded")
        WITHDRAWN = "withdrawn", _("withdrawn")

    score = models.ForeignKey(
        Score, models.PROTECT, related_name="decisions", db_constraint=False, db_index=False
    )
    at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=12, choices=Status)
    reason = models.TextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    in_favour_of = models.ForeignKey(
        Score,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["score", "-id"], name="decision_newest"),
            # Nearly all decisions accept, so what became of a score is read from the others.
            models.Index(
                fields=["score"],
                name="decision_other",
                condition=~models.Q(status="accepted"),
            ),
            models.Index(
                fields=["in_favour_of"],
                name="decision_in_favour_of",
                condition=models.Q(in_favour_of__isnull=False),
            ),
            models.Index(fields=["by"], name="decision_by", condition=models.Q(by__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.score_id} {self.status}"


class Rejection(models.Model):
    """A row that could not be used, with its file's line and the reason."""

    append_only = True

    import_run = models.ForeignKey(ImportRun, models.PROTECT, related_name="rejections")
    line = models.PositiveIntegerField()
    reason = models.TextField()
    raw = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"
