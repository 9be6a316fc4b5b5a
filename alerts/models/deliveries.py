"""Messages as rows of work."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.models.subscriptions import Subscription
from baskets.models import Release


class Delivery(models.Model):
    """One message to one subscription: a row of work with a state and a lease.

    An alert is about one `release`; a confirmation asks whether the subscription should stand with
    `threshold`, so that nobody changes another person's subscription by filling in a form.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("no longer wanted")

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("confirmation")
        ALERT = "alert", _("alert")

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=10, choices=Kind)
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    threshold = models.FloatField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "release"],
                name="delivery_once",
                condition=models.Q(kind="alert"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "due_at"],
                name="delivery_work",
                condition=models.Q(state__in=["pending", "sending"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.kind}"
