"""How versions come to be published: each step on record, and the work that publishing is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baskets.models.reasons import worded
from baskets.models.versions import BasketVersion


class Transition(models.Model):
    """One step of a version from a state to another: who, when and why.

    `by` is None where the site itself acted, at the effective date or after a refused publication.
    `reason` holds a person's words; `code` and `facts` the site's, worded when they are shown.
    `content_sha256` is that of what was proposed, approved or published; `alone` marks an approval
    without a second person, which only a site with a single steward allows. `lost_status` lists
    the systems that the version took the official status from when it was proposed.
    """

    append_only = True

    version = models.ForeignKey(BasketVersion, models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=10, choices=BasketVersion.State)
    to_state = models.CharField(max_length=10, choices=BasketVersion.State)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True)
    code = models.CharField(max_length=30, blank=True, default="", db_default="")
    facts = models.JSONField(default=dict)
    content_sha256 = models.CharField(max_length=64)
    alone = models.BooleanField(default=False)
    lost_status = models.JSONField(default=list)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.from_state} to {self.to_state}"

    @property
    def why(self) -> str:
        """The reason: a person's own words, or the site's in the reader's language."""
        return worded(self.code, self.facts) if self.code else self.reason


class Publication(models.Model):
    """The publishing of a scheduled version when its effective date comes: a row of work.

    All of it happens in one transaction, so a worker that dies leaves the row as it was. `code` and
    `facts` say why it was refused, `error` what broke off.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")

    version = models.ForeignKey(BasketVersion, models.PROTECT, related_name="publications")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    code = models.CharField(max_length=30, blank=True, default="", db_default="")
    facts = models.JSONField(default=dict)
    requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(state="pending"), name="publication_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="publication_work", condition=Q(state="pending"))
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.state}"

    @property
    def why(self) -> str:
        """Why it was refused, in the reader's language, or the error that broke it off."""
        return worded(self.code, self.facts) if self.code else self.error
