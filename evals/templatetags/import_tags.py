"""Numbers on the pages of imports."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def whole(value: int) -> str:
    """A whole number with its thousands apart."""
    return number_format(value, 0, use_l10n=True, force_grouping=True)


@register.filter
def plain(value: float) -> str:
    """A value as exactly as it was stored, without needless digits."""
    return f"{value:.10g}"
