"""What was measured. Scores, decisions, rejections and held rows are only ever added to."""

from __future__ import annotations

import math

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

valid_slug = RegexValidator(
    r"^[a-z0-9][a-z0-9._-]*\Z", _("Use small letters, digits, dots, hyphens and underscores.")
)


class Developer(models.Model):
    """Who makes a system."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Generation(models.Model):
    """A developer's family of systems, such as GPT-5: what a period is to a price index."""

    developer = models.ForeignKey(Developer, models.PROTECT, related_name="generations")
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["developer", "name"]
        constraints = [
            models.UniqueConstraint(fields=["developer", "name"], name="generation_once"),
        ]

    def __str__(self) -> str:
        return self.name


class System(models.Model):
    """A model or product that can be measured."""

    slug = models.CharField(max_length=120, unique=True, validators=[valid_slug])
    name = models.CharField(max_length=200)
    developer = models.ForeignKey(Developer, models.PROTECT, related_name="systems")
    generation = models.ForeignKey(Generation, models.PROTECT, related_name="systems")
    released_on = models.DateField()

    class Meta:
        ordering = ["-released_on", "slug"]

    def __str__(self) -> str:
        return self.name


class Domain(models.Model):
    """One of capability, safety and alignment."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name


class Eval(models.Model):
    """An eval of one protocol, with its unit, unit bounds and default goalposts."""

    class Scale(models.TextChoices):
        LINEAR = "linear", _("linear")
        LOG = "log", _("logarithmic")
        ELO = "elo", _("rating (Elo)")

    class Direction(models.TextChoices):
        HIGHER = "higher", _("higher is better")
        LOWER = "lower", _("lower is better")

    slug = models.CharField(max_length=120, unique=True, validators=[valid_slug])
    name = models.CharField(max_length=200)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="evals")
    subdomain = models.CharField(max_length=80)
    unit = models.CharField(max_length=40)
    scale = models.CharField(max_length=10, choices=Scale)
    direction = models.CharField(max_length=10, choices=Direction)
    lower = models.FloatField(null=True, blank=True)
    upper = models.FloatField(null=True, blank=True)
    floor = models.FloatField(null=True, blank=True)
    ceiling = models.FloatField(null=True, blank=True)
    ceiling_note = models.TextField(blank=True)
    human_baseline = models.FloatField(null=True, blank=True)
    human_baseline_who = models.TextField(blank=True)
    human_baseline_source = models.TextField(blank=True)
    n_items = models.CharField(max_length=120, blank=True)
    released_on = models.DateField(null=True, blank=True)
    measures = models.TextField(blank=True)
    access = models.CharField(max_length=40, blank=True)
    grading = models.CharField(max_length=40, blank=True)
    source_url = models.URLField(max_length=500, blank=True)

    class Meta:
        ordering = ["domain", "subdomain", "slug"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse goalposts and bounds with which no score can become points."""
        super().clean()
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ValidationError(_("The lower bound must be below the upper one."))
        ends = [end for end in (self.floor, self.ceiling) if end is not None]
        if len(ends) == 2 and ends[0] == ends[1]:
            raise ValidationError(_("Floor and ceiling must differ."))
        if self.scale == self.Scale.LOG and any(end <= 0 for end in ends):
            raise ValidationError(_("On a logarithmic scale floor and ceiling must be positive."))
        if not all(math.isfinite(end) for end in ends):
            raise ValidationError(_("Floor and ceiling must be finite."))


class Flag(models.Model):
    """A doubt about what an eval still measures, raised or cleared; the newest row of a kind holds.

    A flag changes no index value: it leaves the eval out of the core index. `since` is when the
    doubt was made public, `at` when this database learnt of it.
    """

    append_only = True

    class Kind(models.TextChoices):
        CONTAMINATED = "contaminated", _("contaminated")
        DISPUTED = "disputed", _("disputed")

    eval = models.ForeignKey(Eval, models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=12, choices=Kind)
    raised = models.BooleanField(
        default=True, help_text=_("Leave empty to clear the flag from the stated date on.")
    )
    since = models.DateField()
    reason = models.TextField()
    source_url = models.URLField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["eval", "kind", "since", "raised"], name="eval_flag_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.eval} {self.kind}"


class Source(models.Model):
    """Where results come from: the shipped catalog, a laboratory's logs, a feed."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    licence = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One import: a row of work with a state and a lease, and afterwards the record of it.

    `read` is always the sum of accepted, duplicate, held and rejected.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    source = models.ForeignKey(Source, models.PROTECT, related_name="import_runs")
    format = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=300)
    shipped = models.BooleanField(default=False)
    file = models.FileField(upload_to="imports/%Y/%m/", blank=True, max_length=300)
    content_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    read = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
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


class HeldRow(models.Model):
    """A row whose system or eval no alias knows: kept whole until a person decides."""

    append_only = True

    import_run = models.ForeignKey(ImportRun, models.PROTECT, related_name="held_rows")
    line = models.PositiveIntegerField()
    system_name = models.CharField(max_length=300)
    eval_name = models.CharField(max_length=300)
    record = models.JSONField()
    reason = models.TextField()
    content_hash = models.CharField(max_length=64, unique=True)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

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

    system = models.ForeignKey(System, models.PROTECT, related_name="scores")
    eval = models.ForeignKey(Eval, models.PROTECT, related_name="scores")
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
    import_run = models.ForeignKey(ImportRun, models.PROTECT, related_name="scores")
    line = models.PositiveIntegerField()
    held_row = models.OneToOneField(
        HeldRow, models.PROTECT, null=True, blank=True, related_name="score"
    )
    content_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [
            # The date is in the key so that the table can be partitioned by it.
            models.UniqueConstraint(fields=["content_hash", "observed_on"], name="score_once"),
        ]

    def __str__(self) -> str:
        return f"{self.system_id} {self.eval_id} {self.value}"


class Decision(models.Model):
    """What became of a score, from a moment on; the newest decision is the current status."""

    append_only = True

    class Status(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        HELD = "held", _("held")
        REJECTED = "rejected", _("rejected")
        SUPERSEDED = "superseded", _("superseded")
        WITHDRAWN = "withdrawn", _("withdrawn")

    score = models.ForeignKey(Score, models.PROTECT, related_name="decisions")
    at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=12, choices=Status)
    reason = models.TextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["score", "-id"], name="decision_newest")]

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


class Alias(models.Model):
    """A name that a source uses for a system or an eval; exactly one of the two."""

    name = models.CharField(max_length=300)
    system = models.ForeignKey(
        System, models.CASCADE, null=True, blank=True, related_name="aliases"
    )
    eval = models.ForeignKey(Eval, models.CASCADE, null=True, blank=True, related_name="aliases")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "aliases"
        constraints = [
            models.CheckConstraint(
                condition=Q(system__isnull=True) ^ Q(eval__isnull=True), name="alias_one_target"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(system__isnull=False), name="alias_system_once"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(eval__isnull=False), name="alias_eval_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
