"""Facts that scores refer to: who makes what, what an eval measures, and what names mean."""

from __future__ import annotations

import math

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
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


class Alias(models.Model):
    """A name that a source uses for a system or an eval; exactly one of the two.

    `elicitation` is what the name says beside it: how the system was run.
    """

    name = models.CharField(max_length=300)
    system = models.ForeignKey(
        System, models.CASCADE, null=True, blank=True, related_name="aliases"
    )
    eval = models.ForeignKey(Eval, models.CASCADE, null=True, blank=True, related_name="aliases")
    elicitation = models.CharField(
        max_length=300,
        blank=True,
        help_text=_("What the name says of how the system was run, such as: high."),
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "aliases"
        constraints = [
            models.CheckConstraint(
                condition=Q(system__isnull=True) ^ Q(eval__isnull=True), name="alias_one_target"
            ),
            models.CheckConstraint(
                condition=Q(elicitation="") | Q(system__isnull=False),
                name="alias_elicitation_of_system",
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
