"""Work on baskets that is asked for, held under a lease and done."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baskets.models.versions import Basket


class Recompute(models.Model):
    """A request for a release: a row of work with a state and a lease.

    Requests that are due together are answered by one release; `seconds` is how long its making
    took, from the first look at the scores until it was stored.
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
    seconds = models.FloatField(null=True, blank=True)

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
