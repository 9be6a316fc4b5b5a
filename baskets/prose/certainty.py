"""How far the numbers can be trusted, in words: evidence, core measures, other weights."""

from __future__ import annotations

from django.utils.translation import gettext as _

from baskets.charts.words import percent, points, series_name
from baskets.selectors.analyses import Row
from baskets.selectors.frontier import Step
from baskets.selectors.news import News


def evidence(found: News) -> str:
    """Coverage, imputed share and assumed errors of the official domain values."""
    rests = found.certainty
    if rests is None:
        return _("No system has enough evidence for an official value yet.")
    said = _(
        "Half of the %(values)s official domain values rest on at least %(coverage)s of "
        "their weight observed; on average %(imputed)s of the weight is filled by a model."
    )
    text = said % {
        "values": rests.values,
        "coverage": percent(rests.coverage),
        "imputed": percent(rests.imputed),
    }
    if rests.assumed is None:
        return text
    assumed = _(
        "For %(assumed)s of the %(scores)s scores that the basket counts, neither an error nor a "
        "number of items is published, and the eval's usual error is assumed."
    )
    facts = {"assumed": percent(rests.assumed), "scores": rests.scores}
    return f"{text} {assumed % facts}"


def leaders(found: News) -> list[tuple[str, Step]]:
    """The newest step of the capability frontier and of the headline's."""
    rows = {row.series: row.after for row in found.page.series}
    return [(name, step) for name in ("capability", "headline") if (step := rows.get(name))]


def core(found: News) -> str:
    """Whether the core measures tell another story than the index; empty where not recorded."""
    for series, step in leaders(found):
        row = found.analyses.core(series, step.system.slug)
        if row is not None:
            return _core(series, step, row)
    return ""


def _core(series: str, step: Step, row: Row) -> str:
    facts = {
        "series": series_name(series).lower(),
        "system": step.system.name,
        "value": points(row["value"]),
        "core": points(row["core"]),
        "median": points(row["median"]),
        "trimmed": points(row["trimmed"]),
        "excluded": percent(row["excluded_weight"]),
    }
    if row["median"] is None:
        return ""
    if row["core"] is None:
        text = _(
            "In %(series)s %(system)s stands at %(value)s; by the weighted median of the evals' "
            "changes it would stand at %(median)s, by their trimmed mean at %(trimmed)s. There "
            "is no core index: without the flagged evals (%(excluded)s of the weight) too little "
            "is left."
        )
    else:
        text = _(
            "In %(series)s %(system)s stands at %(value)s; without flagged evals (%(excluded)s of "
            "the weight) it would stand at %(core)s, by the weighted median of the evals' changes "
            "at %(median)s, by their trimmed mean at %(trimmed)s."
        )
    return f"{text % facts} {_story(step, row)}"


def _story(step: Step, row: Row) -> str:
    """Whether all measures lie within the sampling interval of the index."""
    if step.low is None or step.high is None:
        return _("The release has no interval to compare these with.")
    measures = [row[name] for name in ("core", "median", "trimmed") if row[name] is not None]
    if all(step.low <= measure <= step.high for measure in measures):
        return _("All of them lie within the interval of the index: no single eval carries it.")
    return _("Not all of them lie within the interval of the index: a few evals carry much of it.")


def sensitivity(found: News) -> str:
    """Band and rank of the leader under other defensible weights; empty where not recorded."""
    for series, step in leaders(found):
        band = found.analyses.band(series, step.system.slug)
        ranks = found.analyses.ranks(series, step.system.slug)
        if band is not None and band["low_on_scale"] is not None:
            return _band(series, step, band, ranks)
    return ""


def _band(series: str, step: Step, band: Row, ranks: Row | None) -> str:
    facts = {
        "series": series_name(series).lower(),
        "system": step.system.name,
        "low": points(band["low_on_scale"]),
        "high": points(band["high_on_scale"]),
        "first": percent(ranks["shares"][0]) if ranks else "",
    }
    if ranks is None:
        return (
            _(
                "Under other defensible weights and methods the %(series)s index of %(system)s "
                "lies between %(low)s and %(high)s in nine draws of ten."
            )
            % facts
        )
    return (
        _(
            "Under other defensible weights and methods the %(series)s index of %(system)s lies "
            "between %(low)s and %(high)s in nine draws of ten, and it is first in %(first)s of "
            "all draws."
        )
        % facts
    )
