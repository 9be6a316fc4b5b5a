"""Two systems against each other, in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baskets.charts.words import points, probability, rise, series_name
from baskets.engine.uncertainty import Comparison
from baskets.selectors.catalog import SystemName
from baskets.selectors.comparing import Comparing, LeadRow
from baskets.selectors.comparing_examples import (
    DEVELOPERS,
    FRONTIER,
    GENERATIONS,
    LEADERS,
    Example,
)

SURE = 0.95


def verdict(series: str, one: SystemName, other: SystemName, found: Comparison) -> str:
    """Who is ahead in a series, by how much, and how likely."""
    if found.difference < 0:
        one, other = other, one
        found = Comparison(-found.difference, -found.high, -found.low, 1 - found.ahead)
    facts = {
        "series": series_name(series),
        "one": one.name,
        "other": other.name,
        "points": points(found.difference),
        "interval": rise(found.low, found.high),
        "probability": probability(found.ahead),
    }
    if found.ahead >= SURE:
        said = _(
            "%(series)s: %(one)s is ahead of %(other)s by %(points)s points (95%% interval "
            "%(interval)s), with a probability of %(probability)s."
        )
    else:
        said = _(
            "%(series)s: %(one)s stands %(points)s points above %(other)s, within noise (95%% "
            "interval %(interval)s; probability of being ahead %(probability)s)."
        )
    return said % facts


def summary(found: Comparing) -> str:
    """The answer of the page: the first two systems, or who leads among more."""
    names = [one.name for one in found.systems]
    if len(names) == 2:
        pair = found.ahead[0][1]
        return verdict(found.series, names[0], names[1], pair) if pair else ""
    row = next((row for row in found.leads if row.series == found.series), None)
    return leads(row) if row else ""


def leads(row: LeadRow) -> str:
    """Who leads in a series."""
    facts = {"series": series_name(row.series), "system": row.leader.name if row.leader else ""}
    if row.leader is None:
        return _("%(series)s: no system is ahead.") % facts
    if row.apart:
        return _("%(series)s: %(system)s leads, outside the others' intervals.") % facts
    return _("%(series)s: %(system)s leads, but another system's interval reaches it.") % facts


def counted(found: Comparing) -> str:
    """How many shared evals each system leads, most first; empty where none is shared."""
    if not found.shared:
        return ""
    wins: dict[str, int] = {}
    for row in found.shared:
        if row.leader is not None:
            wins[row.leader.name] = wins.get(row.leader.name, 0) + 1
    parts = [
        _("%(system)s on %(n)s") % {"system": name, "n": n}
        for name, n in sorted(wins.items(), key=lambda item: (-item[1], item[0]))
    ]
    total = len(found.shared)
    if not parts:
        return ngettext("They share %(n)s eval.", "They share %(n)s evals.", total) % {"n": total}
    if len(found.systems) == 2:
        said = ngettext(
            "They share %(n)s eval. Higher: %(parts)s.",
            "They share %(n)s evals. Higher: %(parts)s.",
            total,
        )
    else:
        said = ngettext(
            "%(n)s eval is shared by at least two. Highest: %(parts)s.",
            "%(n)s evals are shared by at least two. Highest: %(parts)s.",
            total,
        )
    return said % {"n": total, "parts": ", ".join(parts)}


def heading(found: Comparing) -> str:
    """The title of the page."""
    names = [one.name.name for one in found.systems]
    if len(names) == 2:
        return _("%(one)s and %(other)s, side by side") % {"one": names[0], "other": names[1]}
    return _("%(count)s systems side by side") % {"count": len(names)}


def example_title(example: Example) -> str:
    """Why an example is offered."""
    names = [system.name for system in example.systems]
    facts = {
        "series": series_name(example.series),
        "one": names[0],
        "other": names[1],
        "developer": example.systems[0].developer,
    }
    titles = {
        FRONTIER: _("%(series)s frontier: %(one)s and %(other)s, which it passed"),
        DEVELOPERS: _("%(series)s: the best system of each leading developer"),
        GENERATIONS: _("%(developer)s, generation by generation"),
        LEADERS: _("The leaders of capability, safety and alignment"),
    }
    return titles[example.kind] % facts


def names_of(systems: Sequence[SystemName]) -> str:
    """The systems in one line."""
    return ", ".join(system.name for system in systems)
