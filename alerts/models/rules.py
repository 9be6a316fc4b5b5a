"""What a subscription asks for."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from alerts.models.subscriptions import Subscription
from baskets.models import Basket


class Rule(models.Model):
    """Which events of a basket a subscription wants to hear of.

    `terms` is the canonical JSON of `alerts.rules.terms.Terms`. `told_on` and `told_level` say when
    it last had something to tell, and how grave that was: the cool-down counts from there.
    """

    subscription = models.OneToOneField(Subscription, models.CASCADE, related_name="rule")
    basket = models.ForeignKey(Basket, models.PROTECT, related_name="+")
    terms = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    told_on = models.DateField(null=True, editable=False)
    told_level = models.CharField(max_length=10, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.subscription_id}"
