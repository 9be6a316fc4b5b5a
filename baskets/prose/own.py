"""What a reader's own basket says, in sentences that never call it the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from baskets.charts.words import points, series_name, signed
from baskets.selectors.catalog import SystemName
from baskets.selectors.own import Standing


def said_of(standings: Sequence[Standing], series: str, names: Mapping[str, SystemName]) -> str:
    """The newest frontier of a series under the own weights, beside the official one."""
    row = next(row for row in standings if row.series == series)
    if row.own is None:
        return _("%(series)s: no system has an official value under these weights.") % {
            "series": series_name(series)
        }
    facts = {
        "series": series_name(series),
        "system": names[row.own.system].name,
        "value": points(row.own.value, 0),
    }
    if row.official is None or row.difference is None:
        return _("%(series)s: %(system)s leads with %(value)s under these weights.") % facts
    facts |= {
        "official": points(row.official.value, 0),
        "leader": names[row.official.system].name,
        "difference": signed(row.difference, 0),
    }
    if abs(row.difference) < 0.05:
        return _(
            "%(series)s: %(system)s leads with %(value)s under these weights, as under the "
            "official ones."
        ) % facts  # fmt: skip
    return (
        _(
            "%(series)s: %(system)s leads with %(value)s under these weights; under the official "
            "ones %(leader)s leads with %(official)s (%(difference)s)."
        )
        % facts
    )
