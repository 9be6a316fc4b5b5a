"""The release in one sentence: who moved what by how much, and what stayed."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from baskets.charts import words
from baskets.prose.listing import listed
from baskets.selectors.front import Standing
from baskets.selectors.frontier import Step
from baskets.selectors.release_pages import SeriesMove


def _lead(series: str, step: Step) -> str:
    facts = {
        "system": step.system.name,
        "series": words.series_name(series).lower(),
        "value": words.points(step.value, 0),
        "change": words.points(step.change, 0),
        "interval": words.interval(step.low, step.high, 0),
        "rise": words.rise(step.rise_low, step.rise_high, 0),
        "previous": step.previous_system.name if step.previous_system else "",
    }
    if step.change is None:
        return _("%(system)s set the first %(series)s frontier at %(value)s") % facts
    if not facts["interval"] or not facts["rise"] or not facts["previous"]:
        reached = _("With %(system)s the %(series)s index reached %(value)s, up %(change)s")
    elif _within_error(step):
        reached = _(
            "With %(system)s the %(series)s index reached %(value)s (95%% interval %(interval)s), "
            "up %(change)s (%(rise)s) on %(previous)s, within noise"
        )
    else:
        reached = _(
            "With %(system)s the %(series)s index reached %(value)s (95%% interval %(interval)s), "
            "up %(change)s (%(rise)s) on %(previous)s"
        )
    return reached % facts


def _within_error(step: Step) -> bool:
    """Whether the 95% interval of the rise, both systems redrawn together, includes zero."""
    return step.rise_low is not None and step.rise_low <= 0


def _aside(series: str, step: Step | None, leader: Step) -> str:
    facts = {"series": words.series_name(series).lower()}
    if step is None:
        return _("%(series)s has no official value yet") % facts
    facts["value"] = words.points(step.value, 0)
    facts["change"] = words.points(step.change, 0)
    facts["system"] = step.system.name
    if step.system.slug == leader.system.slug and step.change is not None:
        return _("%(series)s rose %(change)s to %(value)s with it") % facts
    return _("%(series)s has stood at %(value)s since %(system)s") % facts


def front_sentence(domains: Sequence[Standing]) -> str:
    """The newest step alone, short enough to stand above everything else."""
    led = _leading(domains)
    if led is None:
        return _("No system has enough evidence for an official value yet.")
    return _step_sentence(led[0].series, led[1])


def release_title(domains: Sequence[Standing], moves: Sequence[SeriesMove]) -> str:
    """What a release changed most: the domain frontier that a new system moved farthest.

    Where no system took a frontier, it says that, and where the frontiers stand.
    """
    steps = {standing.series: standing.last for standing in domains if standing.last is not None}
    taken = [move for move in moves if move.series in steps and move.taken]
    if taken:
        series = max(taken, key=lambda move: abs(move.move or 0)).series
        return _step_sentence(series, steps[series])
    if not steps:
        return _("No system has enough evidence for an official value yet.")
    values = [
        _("%(series)s at %(value)s")
        % {"series": words.series_name(series).lower(), "value": words.points(step.value, 0)}
        for series, step in steps.items()
    ]
    return _("No system took a frontier: %(values)s.") % {"values": listed(values)}


def _step_sentence(series: str, step: Step) -> str:
    facts = {
        "system": step.system.name,
        "series": words.series_name(series).lower(),
        "value": words.points(step.value, 0),
        "change": words.points(step.change, 0),
        "previous": step.previous_system.name if step.previous_system else "",
    }
    if step.change is None or step.previous_system is None:
        said = _("%(system)s set the first %(series)s frontier at %(value)s.")
    elif _within_error(step):
        said = _(
            "With %(system)s the %(series)s index reached %(value)s, up %(change)s on "
            "%(previous)s: within noise."
        )
    else:
        said = _(
            "With %(system)s the %(series)s index reached %(value)s, up %(change)s on %(previous)s."
        )
    return said % facts


def _leading(domains: Sequence[Standing]) -> tuple[Standing, Step] | None:
    """The domain with the newest step, capability first among equals."""
    moved = [(standing, standing.last) for standing in domains if standing.last is not None]
    return max(
        moved,
        key=lambda pair: (pair[1].system.released_on, pair[0].series == "capability"),
        default=None,
    )


def release_sentence(domains: Sequence[Standing]) -> str:
    """One sentence on the domains' frontiers, led by the newest step; plain where there is none."""
    led = _leading(domains)
    if led is None:
        return _("No system has enough evidence for an official value yet.")
    lead, step = led
    others = [
        _aside(standing.series, standing.last, step)
        for standing in domains
        if standing.series != lead.series
    ]
    return "; ".join([_lead(lead.series, step), *others]) + "."
