"""Readers' own baskets: weights beside the published ones, and the releases that follow from them.

The owner may rename or delete a basket. Its versions and releases are only ever added to: the
application's role can change none, and they go with their basket alone, by the database's own
cascade, which is why their keys are not Django's.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baskets.models.record import Release
from baskets.models.versions import Basket

LONGEST_NAME = 80
# 32 signs that are not mistaken for each other; 16 of them are 80 bits.
SIGNS, ID_LENGTH = "23456789abcdefghijkmnpqrstuvwxyz", 16


def new_id() -> str:
    """A public id that nobody guesses."""
    return "".join(secrets.choice(SIGNS) for _sign in range(ID_LENGTH))


class OwnBasket(models.Model):
    """A reader's basket; everybody who has its address may see it, unless it is hidden."""

    public_id = models.CharField(max_length=ID_LENGTH, unique=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="own_baskets",
        verbose_name=_("owner"),
    )
    basket = models.ForeignKey(Basket, models.PROTECT, related_name="own_baskets")
    forked_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="forks"
    )
    created_at = models.DateTimeField(default=timezone.now)
    hidden_reason = models.TextField(
        _("hidden because"),
        blank=True,
        help_text=_("Why nobody may see it. Its owner reads this."),
    )
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("own basket of a reader")
        verbose_name_plural = _("own baskets of readers")

    def __str__(self) -> str:
        return self.name


class OwnVersion(models.Model):
    """The weights of an own basket from a day on, as adjustments of the published ones.

    adjustments: as the address of a what-if has them. anchor: the release of the parent in which
    they were chosen. The first version weighs the whole past; the others begin on `effective_on`.
    """

    append_only = True

    own = models.ForeignKey(
        OwnBasket, models.DO_NOTHING, related_name="versions", db_constraint=False
    )
    number = models.PositiveIntegerField()
    adjustments = models.JSONField()
    anchor = models.ForeignKey(Release, models.PROTECT, related_name="+")
    effective_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["own", "number"]
        constraints = [
            models.UniqueConstraint(fields=["own", "number"], name="own_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.own_id} v{self.number}"


class OwnRelease(models.Model):
    """What an own basket makes of one release of its parent.

    `content` is canonical JSON, compressed with zlib, and `sha256` that of the uncompressed text;
    `baskets.selectors.own_content` says what is in it. `summary` holds the newest frontier by
    series. `refusal` names why the engine gives no index; the summary is then empty.
    """

    append_only = True

    own = models.ForeignKey(
        OwnBasket, models.DO_NOTHING, related_name="releases", db_constraint=False
    )
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    version = models.ForeignKey(
        OwnVersion, models.DO_NOTHING, related_name="+", db_constraint=False
    )
    reconstructed = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now)
    engine_version = models.CharField(max_length=20)
    refusal = models.CharField(max_length=40, blank=True)
    summary = models.JSONField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        ordering = ["own", "-release__number"]
        constraints = [
            models.UniqueConstraint(fields=["own", "release"], name="own_release_once"),
        ]

    def __str__(self) -> str:
        return f"{self.own_id} of {self.release_id}"


class OwnWork(models.Model):
    """A release that an own basket still lacks; the row goes when it is made."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("running")
        FAILED = "failed", _("failed")

    own = models.ForeignKey(OwnBasket, models.CASCADE, related_name="work")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    due_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["own", "release"], name="own_work_once"),
        ]
        indexes = [
            models.Index(
                fields=["release", "due_at"],
                name="own_work_due",
                condition=Q(state__in=["pending", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.own_id} of {self.release_id}: {self.state}"


class OwnChange(models.Model):
    """A change that somebody made to own baskets, kept for a day: it counts against the limit."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["owner", "at"], name="own_change_of_owner")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.at:%Y-%m-%d %H:%M}"
