"""What a rule would do, shown before anybody asks for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from alerts import rule_words, selectors
from alerts.backtests import back_test
from alerts.rule_form import RuleForm


def preview(form: RuleForm) -> dict[str, Any]:
    """The rule in words, what it would have sent, and its feed; nothing where it is not valid."""
    if not form.is_valid():
        return {}
    terms = form.terms
    basket = selectors.official_basket()
    return {
        "rule_words": rule_words.terms_in_words(terms),
        "rule_query": urlencode(terms.to_query()),
        "backtest": back_test(terms, basket) if basket else None,
    }
