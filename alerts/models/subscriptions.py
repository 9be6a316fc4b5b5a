"""Who asked to be told, how, and how often the form was used."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.models.recipients import Endpoint, Recipient


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Which subscriptions are in force."""

    def standing(self) -> SubscriptionQuerySet:
        """Confirmed and not ended, whether anything can be sent at this moment or not."""
        return self.filter(confirmed_at__isnull=False, ended_at__isnull=True)

    def active(self, *, now: dt.datetime | None = None) -> SubscriptionQuerySet:
        """Those to tell: standing, not muted, and with a receiver that takes messages."""
        muted = Q(muted_until__isnull=False, muted_until__gt=now or timezone.now())
        unreachable = Q(endpoint__disabled_at__isnull=False)
        bounced = Q(channel="email", recipient__bounced_at__isnull=False)
        return self.standing().exclude(muted).exclude(unreachable).exclude(bounced)


class Subscription(models.Model):
    """That a recipient wants to hear of what its rule asks for: by which channel and how often.

    It stands once confirmed. `channel` is a name of `alerts.channels`; `endpoint` is where the
    messages go for those that have endpoints. Nothing is made for it until `muted_until`.
    """

    class Cadence(models.TextChoices):
        IMMEDIATE = "immediate", _("at once")
        DAILY = "daily", _("once a day")
        WEEKLY = "weekly", _("once a week")

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="subscriptions")
    channel = models.CharField(max_length=20, default="email", db_default="email")
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, null=True, blank=True, related_name="subscriptions"
    )
    cadence = models.CharField(
        max_length=10, choices=Cadence, default=Cadence.IMMEDIATE, db_default="immediate"
    )
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    muted_until = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def standing(self) -> bool:
        """Whether it is confirmed and not ended."""
        return self.confirmed_at is not None and self.ended_at is None


class SubscribeRequest(models.Model):
    """One use of a form of the room, counted to limit it; `client` is a keyed hash, no address."""

    client = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["client", "at"], name="subscribe_request_recent")]

    def __str__(self) -> str:
        return f"{self.pk}"
