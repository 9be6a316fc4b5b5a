"""Numbers on the pages of imports."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def whole(value: int) -> str:
    """A whole number with its thousands apart."""
    return number_format(value, 0, use_l10n=True, force_grouping=True)


@register.filter
def plain(value: float) -> str:
    """A value as exactly as it was stored, without needless digits."""
    return f"{value:.10g}"


@register.filter
def every(minutes: int) -> str:
    """How often something is done, in the largest unit that divides its minutes."""
    if minutes % 1440 == 0:
        n, text = minutes // 1440, ngettext("every day", "every %(n)s days", minutes // 1440)
    elif minutes % 60 == 0:
        n, text = minutes // 60, ngettext("every hour", "every %(n)s hours", minutes // 60)
    else:
        n, text = minutes, ngettext("every minute", "every %(n)s minutes", minutes)
    return text % {"n": n}
