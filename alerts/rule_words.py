"""A stored rule in words."""

from __future__ import annotations

from django.utils.translation import gettext

from alerts import wording
from alerts.models import Rule


def in_words(rule: Rule) -> str:
    """One sentence that says what the rule asks for."""
    named = ", ".join(wording.label(series) for series in rule.terms.get("series", []))
    return gettext("A system moves the %(series)s by at least %(threshold)s points.") % {
        "series": named,
        "threshold": wording.points(float(rule.terms.get("minimum", 1.0))),
    }
