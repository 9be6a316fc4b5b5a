"""What a subscription asks for."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from alerts.models.subscriptions import Subscription
from baskets.models import Basket, OwnBasket


class Rule(models.Model):
    """Which events of a basket a subscription wants to hear of.

    `terms` is the canonical JSON of `alerts.rules.terms.Terms`. `told_on` and `told_level` say when
    it last had something to tell, and how grave that was: the cool-down counts from there. `own` is
    the public id of a reader's own basket with that parent, if the rule is about one; the basket
    may be gone since.
    """

    subscription = models.OneToOneField(Subscription, models.CASCADE, related_name="rule")
    basket = models.ForeignKey(Basket, models.PROTECT, related_name="+")
    own = models.ForeignKey(
        OwnBasket,
        models.DO_NOTHING,
        to_field="public_id",
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    terms = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    told_on = models.DateField(null=True, editable=False)
    told_level = models.CharField(max_length=10, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.subscription_id}"

    @property
    def own_basket(self) -> OwnBasket | None:
        """The reader's own basket that it is about; None without one, or where it is not shown."""
        if self.own_id is None:
            return None
        try:
            found = self.own
        except OwnBasket.DoesNotExist:
            return None
        return found if found is not None and found.hidden_at is None else None
