"""Where a system stands, in one or two sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _

from baskets.charts import words
from baskets.prose.listing import listed
from baskets.selectors.profile import DOMAINS, ProfileFacts, ProfileRow


def system_sentences(facts: ProfileFacts) -> str:
    """The domain values with their intervals, and which of them are provisional."""
    rows = [row for row in facts.rows if row.series in DOMAINS]
    if not rows:
        return ""
    values = {"base": facts.base, "values": listed([_value(row) for row in rows])}
    said = _("With %(base)s at 100 it stands at %(values)s.") % values
    provisional = [words.series_name(row.series).lower() for row in rows if not row.official]
    if provisional:
        said += " " + _(
            "Provisional in %(domains)s: fewer of its scores are known than the basket asks for."
        ) % {"domains": listed(provisional)}
    return said


def _value(row: ProfileRow) -> str:
    facts = {
        "series": words.series_name(row.series).lower(),
        "value": words.points(row.value, 0),
        "interval": words.interval(row.low, row.high, 0),
    }
    if not facts["interval"]:
        return _("%(value)s in %(series)s") % facts
    return _("%(value)s in %(series)s (95%% interval %(interval)s)") % facts
