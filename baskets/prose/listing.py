"""Lists inside sentences."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; an empty text for nothing."""
    if len(items) < 2:
        return "".join(items)
    return _("%(items)s and %(last)s") % {"items": _(", ").join(items[:-1]), "last": items[-1]}


def listed_long(items: Sequence[str]) -> str:
    """The same for items that have commas in them: `a; b; c`."""
    return _("; ").join(items)
