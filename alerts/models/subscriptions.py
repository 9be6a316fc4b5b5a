"""Who asked to be told, and how often the form was used."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.models.events import Series


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Which subscriptions are in force."""

    def active(self) -> SubscriptionQuerySet:
        """Confirmed and not ended."""
        return self.filter(confirmed_at__isnull=False, ended_at__isnull=True)


class Subscription(models.Model):
    """An address that asked for mail about one series, and confirmed it.

    Mail is sent for moves of at least `threshold` index points.
    """

    email = models.EmailField()
    series = models.CharField(max_length=140, choices=Series)
    threshold = models.FloatField(
        default=1.0, validators=[MinValueValidator(0.1), MaxValueValidator(1000)]
    )
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                # Upper, because that is how `email__iexact` asks and so finds the index.
                Upper("email"),
                "series",
                name="subscription_once",
                violation_error_message=_("This address already has a subscription here."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.series}"

    @property
    def active(self) -> bool:
        """Whether it is confirmed and not ended."""
        return self.confirmed_at is not None and self.ended_at is None


class SubscribeRequest(models.Model):
    """One use of the subscribe form, counted to limit it; `client` is a keyed hash, no address."""

    client = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["client", "at"], name="subscribe_request_recent")]

    def __str__(self) -> str:
        return f"{self.pk}"
