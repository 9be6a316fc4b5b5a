"""What a person wants done with an import that is stored: a row of work."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evals.models.runs import ImportRun


class RunChange(models.Model):
    """One withdrawal of an import, or its reinstatement, from the wish to the end.

    It is carried out in one transaction, in which its row is locked, so until it is done the import
    counts as before. `scores` is how many scores it made count, or count no longer; `lease` names
    the holder's claim and `attempts` counts claims.
    """

    class Kind(models.TextChoices):
        WITHDRAW = "withdraw", _("withdraw")
        REINSTATE = "reinstate", _("reinstate")

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    OPEN = (State.PENDING, State.RUNNING)

    import_run = models.ForeignKey(ImportRun, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=9, choices=Kind)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    lease = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    scores = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["import_run"],
                condition=Q(state__in=["pending", "running"]),
                name="run_change_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.import_run_id}"
