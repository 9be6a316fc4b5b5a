"""What the index makes of the scores. Releases, points and links are only ever added to."""

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
    """One version of a basket. Frozen when published: the database refuses any later change."""

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
    author = models.CharField(max_length=120, blank=True)
    approver = models.CharField(max_length=120, blank=True)
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


class Weight(models.Model):
    """An eval's importance in a version: a judgement, with its owner and its rationale."""

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


class Recompute(models.Model):
    """A request for a release: a row of work with a state and a lease.

    Requests that are due together are answered by one release.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    basket = models.ForeignKey(Basket, models.PROTECT, related_name="recomputes")
    cause = models.CharField(max_length=300)
    requested_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    release = models.ForeignKey("Release", models.PROTECT, null=True, blank=True, related_name="+")
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["state", "due_at"],
                name="recompute_work",
                condition=Q(state__in=["pending", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.cause}"


class Release(models.Model):
    """An immutable edition of the index: what was known on `vintage_on`, sealed by a hash.

    `bundle` is the canonical JSON of section 11, compressed with zlib; `sha256` is that of the
    uncompressed text. `counted_sha256` is the digest of the counted scores' hashes and `seal` that
    of all that identifies the release, with the seal of the release before; both are blank on
    releases made before there were seals.
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
