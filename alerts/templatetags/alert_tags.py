"""What the templates of the alerts room ask for."""

from __future__ import annotations

from django import template

from alerts import hindsight
from alerts.backtests import BackTest

register = template.Library()


@register.simple_tag
def said_over(backtest: BackTest) -> hindsight.Said:
    """A back-test in words."""
    return hindsight.said(backtest)
