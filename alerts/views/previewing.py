"""What a rule would do, shown before anybody asks for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import now

from accounts.clients import client_of
from alerts import rule_words, selectors, services
from alerts.backtests import BackTest, back_test
from alerts.own_past import back_test_own
from alerts.rule_form import RuleForm
from alerts.rules import Terms
from baskets.models import OwnBasket

PREVIEWS = 120
"""By one client in an hour: each tries a rule on every release."""


def may_preview(request: HttpRequest) -> bool:
    """Count a preview; whether its client had fewer than `PREVIEWS` within the hour."""
    try:
        services.count_request(f"preview {client_of(request)}", most=PREVIEWS, now=now())
    except services.TooManyRequests:
        return False
    return True


def preview(form: RuleForm, own: OwnBasket | None = None) -> dict[str, Any]:
    """The rule in words, what it would have sent, and its feed; nothing where it is not valid.

    own: the reader's own basket that the rule is about, if it is about one.
    """
    if not form.is_valid():
        return {}
    terms = form.terms
    return {
        "rule_words": rule_words.terms_in_words(terms),
        "rule_query": urlencode(terms.to_query()),
        "backtest": _tried(terms, own),
        "feeds": [
            (label, reverse(f"alerts:{'own-' if own else ''}{name}", args=_named(own)))
            for label, name in (("Atom", "feed-atom"), ("JSON", "feed-json"))
        ],
    }


def _tried(terms: Terms, own: OwnBasket | None) -> BackTest | None:
    if own is not None:
        return back_test_own(terms, own)
    basket = selectors.official_basket()
    return back_test(terms, basket) if basket else None


def _named(own: OwnBasket | None) -> list[str]:
    return [own.public_id] if own else []
