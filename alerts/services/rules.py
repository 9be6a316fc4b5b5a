"""What a subscription asks for, kept in its canonical form."""

from __future__ import annotations

from alerts.models import Rule, Subscription
from alerts.rules import Terms
from baskets.models import Basket, OwnBasket
from baskets.selectors import releases


def set_rule(
    subscription: Subscription,
    *,
    terms: Terms,
    basket: Basket | None = None,
    own: OwnBasket | None = None,
) -> Rule:
    """Let a subscription ask for these events of a basket, by default the official one.

    own: a reader's own basket with that parent, whose events are asked for instead. A change of
    terms forgets when the rule last spoke, so that its cool-down begins anew.
    """
    basket = basket or Basket.objects.get(slug=releases.OFFICIAL_BASKET)
    rule, _created = Rule.objects.update_or_create(
        subscription=subscription,
        defaults={
            "basket": basket,
            "own": own,
            "terms": terms.to_json(),
            "told_on": None,
            "told_level": "",
        },
    )
    return rule


def change_terms(rule: Rule, terms: Terms) -> None:
    """Let a rule ask for other events of what it is about; its cool-down begins anew."""
    rule.terms, rule.told_on, rule.told_level = terms.to_json(), None, ""
    rule.save(update_fields=["terms", "told_on", "told_level"])
