"""The words and the table of the frontier chart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from baskets.charts import palette, words
from baskets.charts.chart import Column, Key
from baskets.charts.focus import Focus, Maker, Picker
from baskets.charts.focus_words import focused
from baskets.charts.state import Look
from baskets.selectors.catalog import SystemName
from baskets.selectors.frontier import FrontierFacts, Mark

COLUMNS = (
    ("system", "text"),
    ("developer", "text"),
    ("generation", "text"),
    ("released_on", "date"),
    ("value", "points"),
    ("low", "points"),
    ("high", "points"),
    ("coverage", "share"),
    ("official", "status"),
    ("frontier", "flag"),
)
MOST_MAKERS = 20
"""Developers that are named to choose from; the form finds the others."""


def _amount(value: float, look: Look, decimals: int = 1) -> str:
    """A value as it stands, or as per cent above the base."""
    if look.view == "since-base":
        return f"{words.signed(value, decimals)}%"
    return words.points(value, decimals)


def hover(mark: Mark, look: Look) -> str:
    """What a mark says when it is pointed at: the same as its row in the table."""
    bounds = words.interval(mark.low, mark.high)
    lines = [
        mark.system.name,
        f"{mark.system.developer}, {words.day(mark.system.released_on)}",
        _amount(mark.value, look) + (f" (95%: {bounds})" if bounds else ""),
        _("coverage %(share)s") % {"share": words.percent(mark.coverage)},
    ]
    if not mark.official:
        lines.append(_("provisional: not enough evidence to count"))
    return "<br>".join(lines)


def title(facts: FrontierFacts, look: Look | None = None) -> str:
    """The finding: where the frontier stands and who set it."""
    if not facts.steps:
        return _("%(series)s: no system has enough evidence yet") % {
            "series": words.series_name(facts.series)
        }
    last = facts.steps[-1]
    if look and (found := _best_of_focus(facts, look)):
        return _about(found, facts, look)
    if look and look.view == "since-base":
        return _("%(series)s has changed by %(change)s since %(base)s, set by %(system)s") % {
            "series": words.series_name(facts.series),
            "change": _amount(last.value, look, 0),
            "base": facts.base,
            "system": last.system.name,
        }
    return _("%(series)s stands at %(value)s, set by %(system)s") % {
        "series": words.series_name(facts.series),
        "value": words.points(last.value, 0),
        "system": last.system.name,
    }


def _best_of_focus(facts: FrontierFacts, look: Look) -> Mark | None:
    """The highest official system of the one developer, or the one system, that was chosen."""
    if len(look.focus.names) != 1 or look.view != "level":
        return None
    near = [mark for mark in facts.marks if mark.official and look.focus.has(mark.system)]
    return max(near, key=lambda mark: mark.value, default=None)


def _about(best: Mark, facts: FrontierFacts, look: Look) -> str:
    """The finding about the one that was chosen: how far it stands from the frontier."""
    last = facts.steps[-1]
    said = {
        "series": words.series_name(facts.series),
        "developer": best.system.developer,
        "system": best.system.name,
        "value": words.points(best.value, 0),
        "behind": words.points(last.value - best.value, 0),
        "leader": last.system.name,
    }
    if best.system.slug == last.system.slug:
        held = _("%(series)s: %(developer)s holds the frontier at %(value)s, with %(system)s")
        return held % said
    if look.focus.developers:
        return _(
            "%(series)s: the best of %(developer)s is %(system)s at %(value)s, "
            "%(behind)s below %(leader)s"
        ) % said  # fmt: skip
    return _("%(series)s: %(system)s has %(value)s, %(behind)s below %(leader)s") % said


def description(facts: FrontierFacts, look: Look | None = None) -> str:
    """The chart in words, for those who do not see it."""
    look = look or Look()
    shown = drawn(facts, look)
    official = sum(mark.official for mark in shown)
    counts = _("%(official)s official and %(provisional)s provisional systems.") % {
        "official": official,
        "provisional": len(shown) - official,
    }
    return f"{counts} {course(facts, look)}".rstrip()


def course(facts: FrontierFacts, look: Look) -> str:
    """Where the frontier begins and ends; one step alone rises nowhere. Empty without a step."""
    if not facts.steps:
        return ""
    first, last = facts.steps[0], facts.steps[-1]
    alike = _amount(first.value, look, 0) == _amount(last.value, look, 0)
    # A small rise shows in the decimal.
    places = 1 if alike and len(facts.steps) > 1 else 0
    said = {
        "low": _amount(first.value, look, places),
        "first": first.system.name,
        "from": words.day(first.system.released_on),
        "high": _amount(last.value, look, places),
        "last": last.system.name,
        "to": words.day(last.system.released_on),
    }
    if len(facts.steps) == 1:
        return _("The frontier stands at %(high)s (%(last)s, %(to)s).") % said
    return _(
        "The frontier rises from %(low)s (%(first)s, %(from)s) to %(high)s (%(last)s, %(to)s)."
    ) % said  # fmt: skip


def drawn(facts: FrontierFacts, look: Look) -> tuple[Mark, ...]:
    """The marks of the chart: all, or those that were chosen where the others are left out."""
    focus = look.focus
    return tuple(mark for mark in facts.marks if not focus.alone or focus.has(mark.system))


def _labels() -> dict[str, str]:
    return {
        "system": _("System"),
        "developer": _("Developer"),
        "generation": _("Generation"),
        "released_on": _("Released"),
        "value": _("Index"),
        "low": _("95% from"),
        "high": _("to"),
        "coverage": _("Coverage"),
        "official": _("Status"),
        "frontier": _("On the frontier"),
    }


def rows(facts: FrontierFacts, look: Look | None = None) -> tuple[tuple[Any, ...], ...]:
    """One row per system that is drawn, newest first."""
    on_frontier = {step.system.slug for step in facts.steps}
    return tuple(
        (
            mark.system.name,
            mark.system.developer,
            mark.system.generation,
            mark.system.released_on,
            mark.value,
            mark.low,
            mark.high,
            mark.coverage,
            mark.official,
            mark.system.slug in on_frontier,
        )
        for mark in reversed(drawn(facts, look or Look()))
    )


def developer_keys(systems: Iterable[SystemName]) -> tuple[Key, ...]:
    """The key of developers, those with a mark of their own first."""
    names = {system.developer_slug: system.developer for system in systems}
    own = [
        Key(palette.developer_mark(slug), palette.developer_colour(slug), names[slug])
        for slug in palette.MARKS
        if slug in names
    ]
    others = sorted(name for slug, name in names.items() if slug not in palette.MARKS)
    if others:
        own.append(Key(palette.OTHER_MARK, palette.token("dev-other"), ", ".join(others)))
    return tuple(own)


def keys(marks: tuple[Mark, ...], look: Look) -> tuple[Key, ...]:
    """The key of everything that is drawn."""
    near = [mark.system for mark in marks if look.focus.has(mark.system)]
    return (*developer_keys(near), *other_keys(look))


def other_keys(look: Look) -> tuple[Key, ...]:
    """The key of what is grey or hollow."""
    hollow = Key("circle-open", "var(--ink-soft)", _("provisional (hollow)"))
    return (*grey_keys(look.focus), *(() if look.view == "since-previous" else (hollow,)))


def grey_keys(focus: Focus) -> tuple[Key, ...]:
    """The key of what was not chosen, where it is drawn."""
    grey = Key("circle", "var(--rule-strong)", _("all others"))
    return (grey,) if focus and not focus.alone else ()


def picker(systems: Iterable[SystemName], focus: Focus, keys: tuple[Key, ...]) -> Picker:
    """The developers of the systems, to be brought out: the first of a long list, and the chosen.

    keys: those of the chart that stand for no developer.
    """
    chosen = dict(focus.developers)
    names = chosen | {system.developer_slug: system.developer for system in systems}
    own = [slug for slug in palette.MARKS if slug in names]
    others = sorted((slug for slug in names if slug not in palette.MARKS), key=names.__getitem__)
    return Picker(
        focus=focus,
        makers=tuple(
            Maker(slug, names[slug], palette.developer_mark(slug), palette.developer_colour(slug))
            for place, slug in enumerate((*own, *others))
            if place < MOST_MAKERS or slug in chosen
        ),
        keys=keys,
    )


def columns(look: Look | None = None) -> tuple[Column, ...]:
    """The columns of the chart's table."""
    labels = _labels()
    if look and look.view == "since-base":
        labels["value"] = _("Above the base, %")
    return tuple(Column(key, labels[key], kind) for key, kind in COLUMNS)


def unit(facts: FrontierFacts, look: Look) -> str:
    """What the numbers count."""
    if look.view == "since-base":
        return _("per cent above %(base)s") % {"base": facts.base}
    return _("index points, %(base)s = 100") % {"base": facts.base}


def interval() -> str:
    """What the intervals cover."""
    return _("95% interval from the errors of the scores, their imputation and the links")


def axis(facts: FrontierFacts, look: Look) -> str:
    """The title of the value axis."""
    if look.view == "since-base":
        return _("change since %(base)s") % {"base": facts.base}
    return _("index, %(base)s = 100") % {"base": facts.base}


def subtitle(facts: FrontierFacts, seen: FrontierFacts, look: Look) -> str:
    """How to read the chart. `seen` is the part of the facts in the time that it shows."""
    if look.view == "since-base":
        said = _(
            "Per cent above %(base)s by release date. The line is the frontier: the highest "
            "official value so far. Thin bars are 95%% intervals. Hollow marks are provisional and "
            "never count."
        )
    else:
        said = _(
            "Index by release date, %(base)s = 100. The line is the frontier: the highest official "
            "value so far. Thin bars are 95%% intervals. Hollow marks are provisional and never "
            "count."
        )
    return said % {"base": facts.base} + focused(
        look.focus,
        [mark.system for mark in seen.marks],
        [mark.system for mark in facts.marks],
        absent=_("No value in this series: %(names)s."),
    )
