"""What a reader's weights make of the index, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from baskets.charts.words import points, series_name
from baskets.engine import EngineError
from baskets.selectors.catalog import SystemName
from baskets.selectors.whatif_parts import Preview


def said(preview: Preview, names: Mapping[str, SystemName]) -> str:
    """The newest frontier of the shown series beside the published one."""
    row = next((row for row in preview.series if row.series == preview.shown), None)
    if row is None or not row.after:
        return _("With these weights no system has an official value in this series.")
    newest = row.after[-1]
    facts = {
        "series": series_name(row.series),
        "value": points(newest.value, 0),
        "system": names[newest.system].name,
    }
    if not row.before or row.change is None:
        return _("%(series)s: with these weights %(system)s leads with %(value)s.") % facts
    facts["published"] = points(row.before[-1].value, 0)
    if abs(row.change) < 0.05:
        return (
            _("%(series)s: %(system)s leads with %(value)s, as with the published weights.") % facts
        )
    return (
        _(
            "%(series)s: with these weights %(system)s leads with %(value)s; "
            "with the published weights the frontier stands at %(published)s."
        )
        % facts
    )


def refused(error: EngineError) -> str:
    """Why there is no index with some weights."""
    return refused_as(error.name, error.detail)


def refused_as(name: str, detail: str) -> str:
    """The same of a refusal that was kept by its name and its detail."""
    reasons = {
        "EmptyBasket": _("Nothing is left in the basket. Give at least one eval a weight above 0."),
        "BaseTooLow": _(
            "The base system has too few points under these weights to stand for 100. Give the "
            "evals on which it was measured more weight."
        ),
        "BaseMissing": _("The base system was measured on none of the evals that are left."),
        "OverlapTooSmall": _(
            "With these weights too few systems were measured on both of two versions to link "
            "them. Keep more of the published evals."
        ),
    }
    return reasons.get(name) or _("There is no index with these weights: %(detail)s") % {
        "detail": detail
    }
