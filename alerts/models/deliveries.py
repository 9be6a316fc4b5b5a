"""Messages as rows of work."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.models.recipients import Endpoint, Recipient
from alerts.models.subscriptions import Subscription
from baskets.models import Release


class Delivery(models.Model):
    """One message to one recipient: a row of work with a state, a lease and a holder.

    An alert tells a subscription of the events in `event_ids`, once for each `occasion`: a release,
    or an event that no release made. Alerts that are gathered wait for the `digest` that tells of
    them all. `period` is the day on which a digest is due. `holder_pid` and `holder_since` name the
    session of the database that sends, so that its death is noticed at once.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        GATHERED = "gathered", _("gathered for a digest")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("no longer wanted")

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("confirmation")
        MANAGE = "manage", _("link to manage")
        ALERT = "alert", _("alert")
        DAILY = "daily", _("daily digest")
        WEEKLY = "weekly", _("weekly digest")
        TEST = "test", _("test")
        ENDED = "ended", _("rule that ended")

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="deliveries")
    subscription = models.ForeignKey(
        Subscription, models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    channel = models.CharField(max_length=20, default="email", db_default="email")
    kind = models.CharField(max_length=10, choices=Kind)
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    occasion = models.CharField(max_length=40, blank=True, db_default="")
    event_ids = models.JSONField(default=list, db_default=[])
    digest = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="gathered"
    )
    period = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    holder_pid = models.IntegerField(null=True, blank=True)
    holder_since = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "occasion"],
                name="delivery_once",
                condition=models.Q(kind="alert"),
            ),
            models.UniqueConstraint(
                fields=["recipient", "kind", "period"],
                name="digest_once",
                condition=models.Q(kind__in=["daily", "weekly"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "due_at"],
                name="delivery_work",
                condition=models.Q(state__in=["pending", "sending"]),
            ),
            models.Index(fields=["recipient", "channel", "sent_at"], name="delivery_rate"),
            models.Index(
                fields=["created_at"],
                name="delivery_ended",
                condition=models.Q(state__in=["sent", "failed", "dropped"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.kind}"

    @property
    def for_events(self) -> bool:
        """Whether it tells of something that happened, and not of the subscription itself."""
        return self.kind in {self.Kind.ALERT, self.Kind.DAILY, self.Kind.WEEKLY}
