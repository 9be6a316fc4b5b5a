"""What a basket is: its versions, their weights, and what left them."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evals.models import Eval, System

SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class Basket(models.Model):
    """A named, weighted set of evals with a base system that stands at 100."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    base = models.ForeignKey(System, models.PROTECT, related_name="+")
    domain_rationale = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class BasketVersion(models.Model):
    """One version of a basket. Frozen when published: the database refuses any later change.

    `step` is where an unpublished version stands; `state` is what pages show. `edition` counts the
    saved edits: whoever saves says which one they began from.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PROPOSED = "proposed", _("proposed")
        APPROVED = "approved", _("approved")
        SCHEDULED = "scheduled", _("scheduled")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class LinkMethod(models.TextChoices):
        ADDITIVE = "additive", _("additive")
        RATIO = "ratio", _("ratio")

    basket = models.ForeignKey(Basket, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    effective_on = models.DateField()
    coverage_floor = models.FloatField(default=0.3, validators=SHARE)
    domain_coverage_floor = models.FloatField(default=0.2, validators=SHARE)
    min_evals = models.PositiveSmallIntegerField(default=2)
    link = models.CharField(max_length=10, choices=LinkMethod, default=LinkMethod.ADDITIVE)
    overlap = models.ManyToManyField(System, blank=True, related_name="+")
    rationale = models.TextField(blank=True)
    lost_status_reason = models.TextField(
        blank=True,
        db_default="",
        help_text=_("Why systems lose their official status; asked for where some do."),
    )
    author = models.CharField(max_length=120, blank=True)
    approver = models.CharField(max_length=120, blank=True)
    step = models.CharField(
        max_length=10, choices=State, default=State.DRAFT, editable=False, db_default=State.DRAFT
    )
    edition = models.PositiveIntegerField(default=0, editable=False, db_default=0)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        ordering = ["basket", "number"]
        constraints = [
            models.UniqueConstraint(fields=["basket", "number"], name="basket_version_once"),
        ]

    def __str__(self) -> str:
        return _("%(basket)s, version %(number)s") % {
            "basket": self.basket.name,
            "number": self.number,
        }

    @property
    def published(self) -> bool:
        """Whether this version is frozen."""
        return self.published_at is not None

    @classmethod
    def in_review(cls) -> tuple[BasketVersion.State, ...]:
        """The states from a proposal on to its publication."""
        return cls.State.PROPOSED, cls.State.APPROVED, cls.State.SCHEDULED

    @property
    def state(self) -> BasketVersion.State:
        """Where the version stands; one that is published stays so, whatever follows it."""
        return self.State.PUBLISHED if self.published else self.State(self.step)


class Weight(models.Model):
    """An eval's importance in a version: a judgement, with its owner and its rationale.

    `DECIDED` names all that is decided of an eval in a version, in the order of the tables.
    """

    DECIDED = (
        "weight",
        "floor",
        "ceiling",
        "reference",
        "selection",
        "protocol",
        "owner",
        "rationale",
        "goalpost_reason",
    )

    class Selection(models.TextChoices):
        BEST = "best", _("best")
        WORST = "worst", _("worst")
        LATEST = "latest", _("latest")
        MEDIAN = "median", _("median")

    version = models.ForeignKey(BasketVersion, models.CASCADE, related_name="weights")
    eval = models.ForeignKey(Eval, models.PROTECT, related_name="weights")
    weight = models.FloatField()
    floor = models.FloatField(null=True, blank=True)
    ceiling = models.FloatField(null=True, blank=True)
    reference = models.FloatField(null=True, blank=True)
    selection = models.CharField(max_length=10, choices=Selection)
    protocol = models.CharField(max_length=200, blank=True)
    owner = models.CharField(max_length=120)
    rationale = models.TextField()
    goalpost_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["eval__domain", "eval__subdomain", "eval__slug"]
        constraints = [
            models.UniqueConstraint(fields=["version", "eval"], name="weight_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="weight_positive"),
        ]

    def __str__(self) -> str:
        return self.eval.name


class Departure(models.Model):
    """An eval that the previous version counted and this one does not, with the reason."""

    version = models.ForeignKey(BasketVersion, models.CASCADE, related_name="departures")
    eval = models.ForeignKey(Eval, models.PROTECT, related_name="+")
    reason = models.TextField()

    class Meta:
        ordering = ["eval__slug"]
        constraints = [
            models.UniqueConstraint(fields=["version", "eval"], name="departure_once"),
        ]

    def __str__(self) -> str:
        return self.eval.name
