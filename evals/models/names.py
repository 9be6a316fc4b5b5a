"""What was decided about names, and what sources tell of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evals.models.facts import Eval, Source, System
from evals.models.record import HeldRow, Score


class NameKind(models.TextChoices):
    """What a name stands for."""

    SYSTEM = "system", _("system")
    EVAL = "eval", _("eval")


class NameDecision(models.Model):
    """What a person said a name means; the newest decision about a name of a kind holds.

    Exactly one of `system` and `eval` is given for a match and for a new one, none where the name
    is to be ignored. `elicitation` is what the name says of how its system was run.
    """

    append_only = True

    class Verdict(models.TextChoices):
        SAME = "same", _("means a known one")
        NEW = "new", _("is a new one")
        IGNORED = "ignored", _("is to be ignored")

    kind = models.CharField(max_length=6, choices=NameKind)
    name = models.CharField(max_length=300)
    verdict = models.CharField(max_length=7, choices=Verdict)
    system = models.ForeignKey(System, models.PROTECT, null=True, related_name="+")
    eval = models.ForeignKey(Eval, models.PROTECT, null=True, related_name="+")
    elicitation = models.CharField(max_length=300, blank=True)
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["kind", "name"], name="name_decision_name")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.get_verdict_display()}"


class Resolution(models.Model):
    """How a held row ended: as a score, as one that was there already, or not used at all."""

    append_only = True

    class Outcome(models.TextChoices):
        SCORED = "scored", _("became a score")
        DUPLICATE = "duplicate", _("the score was there already")
        IGNORED = "ignored", _("its name is to be ignored")
        REJECTED = "rejected", _("it cannot be a score")

    held_row = models.OneToOneField(HeldRow, models.PROTECT, related_name="resolution")
    outcome = models.CharField(max_length=9, choices=Outcome)
    score = models.ForeignKey(Score, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.held_row_id} {self.outcome}"


class SourceName(models.Model):
    """What a source tells of a name that it uses for a system: it helps to match, and no more."""

    append_only = True

    source = models.ForeignKey(Source, models.PROTECT, related_name="names")
    name = models.CharField(max_length=300)
    aliases = models.JSONField(default=list)
    developer = models.CharField(max_length=300, blank=True)
    family = models.CharField(max_length=300, blank=True)
    released_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "name"], name="source_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
