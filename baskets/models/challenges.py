"""Questions that readers put to a weight, and what the stewards answer in public."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baskets.models.versions import Basket, BasketVersion
from evals.models import Eval

LONGEST_QUESTION, LONGEST_NAME = 2000, 80


class Challenge(models.Model):
    """A question to an eval's weight; public once it is answered, unless it is hidden.

    version: the one that was in force. name: as the asker gave it, who need not. edition: counts
    what stewards saved, so that no answer is written over unseen.
    """

    basket = models.ForeignKey(Basket, models.PROTECT, related_name="challenges")
    version = models.ForeignKey(BasketVersion, models.PROTECT, related_name="+")
    eval = models.ForeignKey(Eval, models.PROTECT, related_name="challenges")
    name = models.CharField(_("name"), max_length=LONGEST_NAME, blank=True)
    question = models.TextField(_("question"), max_length=LONGEST_QUESTION)
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(
        _("answer"),
        blank=True,
        help_text=_("Shown with the question beside the weight, for everybody."),
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    hidden_reason = models.TextField(
        _("hidden because"),
        blank=True,
        help_text=_("Why the question is not shown. Only stewards and approvers see this."),
    )
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    edition = models.PositiveIntegerField(default=0, editable=False, db_default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("challenge of a weight")
        verbose_name_plural = _("challenges of weights")
        indexes = [models.Index(fields=["basket", "eval"], name="challenge_of_weight")]

    def __str__(self) -> str:
        return f"{self.eval.name}, {self.asked_at:%Y-%m-%d}"

    @property
    def public(self) -> bool:
        """Whether readers see it."""
        return self.answered_at is not None and self.hidden_at is None


class ChallengeRequest(models.Model):
    """A counted use of the form; the client is a keyed hash and is forgotten after an hour."""

    client = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["client", "at"], name="challenge_by_client")]

    def __str__(self) -> str:
        return self.client[:8]
