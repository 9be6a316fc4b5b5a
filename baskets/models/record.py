"""The record: releases and all that was computed with them. Rows are only ever added."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baskets.models.versions import Basket, BasketVersion
from evals.models import System


class Release(models.Model):
    """An immutable edition of the index: what was known on `vintage_on`, sealed by a hash.

    `bundle` is the canonical JSON of section 11, compressed with zlib, and `sha256` that of the
    whole text. The rows of what was left out are not in `bundle` but in pieces, which the piece of
    the key `left_out` lists; where that is blank, they are all in `bundle`. `counted_sha256` is the
    digest of the counted scores' hashes and `seal` that of all that identifies the release, with
    the seal of the release before; both are blank on releases made before there were seals.
    """

    append_only = True

    basket = models.ForeignKey(Basket, models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField()
    vintage_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)
    cause = models.CharField(max_length=300)
    reconstructed = models.BooleanField(default=False)
    engine_version = models.CharField(max_length=20)
    problem_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    bundle = models.BinaryField()
    left_out = models.CharField(max_length=64, blank=True, default="", db_default="")
    summary = models.JSONField()
    counted_sha256 = models.CharField(max_length=64, blank=True, default="")
    seal = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["basket", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["basket", "number"], name="release_once"),
        ]

    def __str__(self) -> str:
        return f"{self.basket_id} #{self.number}"


class IndexPoint(models.Model):
    """A system's value in one series on one version, as one release had it."""

    append_only = True

    release = models.ForeignKey(Release, models.PROTECT, related_name="points")
    version = models.ForeignKey(BasketVersion, models.PROTECT, related_name="+")
    system = models.ForeignKey(System, models.PROTECT, related_name="points")
    series = models.CharField(max_length=140)
    value = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    coverage = models.FloatField()
    imputed_share = models.FloatField()
    worst = models.FloatField(null=True)
    best = models.FloatField(null=True)
    official = models.BooleanField()
    back_cast = models.BooleanField()
    on_official_version = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "series", "system", "version"], name="index_point_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["system", "release"],
                name="index_point_of_system",
                condition=Q(on_official_version=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.system_id} {self.series}"


class Revision(models.Model):
    """Why a system's value in one series is not what it was in the release before.

    `terms` holds the terms of methodology section 8 in their order, each
    {"kind", "points", "note", "evals": [{"eval", "basket", "points"}],
    "scores": [{"system", "eval", "before", "after"}]}; their points sum to `after` - `before`.
    """

    append_only = True

    release = models.ForeignKey(Release, models.PROTECT, related_name="revisions")
    system = models.ForeignKey(System, models.PROTECT, related_name="+")
    series = models.CharField(max_length=140)
    before = models.FloatField()
    after = models.FloatField()
    terms = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "series", "system"], name="revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.system_id} {self.series}"


class Analysis(models.Model):
    """What a release says about itself beside its values, one row a kind, taken from its bundle."""

    append_only = True

    class Kind(models.TextChoices):
        CORE = "core", _("core measures")
        SENSITIVITY = "sensitivity", _("sensitivity")
        WATCH = "watch", _("saturation watch")
        LADDER = "ladder", _("like-for-like ladder")
        FRAME = "frame", _("frame of contributions")

    release = models.ForeignKey(Release, models.PROTECT, related_name="analyses")
    kind = models.CharField(max_length=12, choices=Kind)
    content = models.JSONField()

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [
            models.UniqueConstraint(fields=["release", "kind"], name="analysis_once"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.kind}"


class Sheet(models.Model):
    """One system's cells and replicates in a release, so that no page reads the whole bundle.

    `cells` is compressed JSON and `replicates` are 16-bit steps; `baskets.sheets` packs and reads
    both. Releases made before there were sheets have none.
    """

    append_only = True

    release = models.ForeignKey(Release, models.PROTECT, related_name="sheets")
    system = models.ForeignKey(System, models.PROTECT, related_name="+")
    cells = models.BinaryField()
    replicates = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "system"], name="sheet_once"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.system_id}"


class Link(models.Model):
    """How one series was carried from one version to the next, with both alternatives.

    `additive`, `ratio` and `odds` are the level of the newest overlap system under each method.
    """

    append_only = True

    release = models.ForeignKey(Release, models.PROTECT, related_name="links")
    series = models.CharField(max_length=140)
    from_version = models.ForeignKey(BasketVersion, models.PROTECT, related_name="+")
    to_version = models.ForeignKey(BasketVersion, models.PROTECT, related_name="+")
    overlap = models.JSONField()
    additive = models.FloatField(null=True)
    ratio = models.FloatField(null=True)
    odds = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "series", "to_version"], name="link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.series}: {self.from_version_id} to {self.to_version_id}"
