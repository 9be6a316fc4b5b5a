"""What the frontier chart names: steps of the frontier, generations, whatever was chosen."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any

from baskets.charts.focus import Focus
from baskets.charts.state import Look
from baskets.selectors.frontier import FrontierFacts, Mark, Step

LABELLED_GENERATIONS = 14
WIDE_LABELS, NARROW_LABELS = 40, 7
LARGE, SMALL = 12, 11
"""Sizes of labels: a small one stays close to its mark, so that it seems no other mark's."""

Place = tuple[str, dt.date, float, int, bool]
"""A text, where it stands, its size, and whether it is soft."""


def labels(facts: FrontierFacts, look: Look, *, narrow: bool) -> list[dict[str, Any]]:
    """The labels beside the marks, the most important first: those that find no room are left out.

    With a focus these are the chosen systems and whoever holds the frontier.
    """
    most = NARROW_LABELS if narrow else WIDE_LABELS
    first = look.start or dt.date.min
    if look.focus:
        places = [*_chosen(facts, look.focus, most)]
    else:
        generations = [] if narrow else _generation_firsts(facts)[:LABELLED_GENERATIONS]
        places = [_step(step) for step in _labelled_steps(facts, most)]
        places += [_first_of_generation(mark) for mark in generations]
    return [
        _label(*place, log=look.log)
        for place in places
        if (place[2] > 0 or not look.log) and place[1] >= first
    ]


def _label(
    text: str, day: dt.date, value: float, size: int, soft: bool, *, log: bool
) -> dict[str, Any]:
    return {
        "name": "mark",
        "text": text,
        "x": day.isoformat(),
        "y": round(math.log10(value), 5) if log else round(value, 3),
        "showarrow": False,
        "font": {
            "size": size,
            "color": "var(--ink-soft)" if soft else "var(--ink)",
        },
    }


def _step(step: Step, *, soft: bool = False) -> Place:
    size = SMALL if soft else LARGE
    return step.system.name, step.system.released_on, step.value, size, soft


def _first_of_generation(mark: Mark) -> Place:
    return mark.system.generation, mark.system.released_on, mark.value, SMALL, True


def _chosen(facts: FrontierFacts, focus: Focus, most: int) -> Iterator[Place]:
    """The systems chosen by name in their order, then those of chosen developers, newest first."""
    named = {slug: place for place, (slug, _name) in enumerate(focus.systems)}
    near = [mark for mark in reversed(facts.marks) if focus.has(mark.system)]
    near.sort(key=lambda mark: (named.get(mark.system.slug, len(named)), not mark.official))
    for mark in near[:most]:
        system, size = mark.system, LARGE if mark.system.slug in named else SMALL
        yield system.name, system.released_on, mark.value, size, not mark.official
    for step in facts.steps[-1:]:
        if not focus.has(step.system):
            yield _step(step, soft=True)


def _generation_firsts(facts: FrontierFacts) -> list[Mark]:
    """The first official system of every generation that is not on the frontier, newest first."""
    seen = {(step.system.developer, step.system.generation) for step in facts.steps}
    firsts = []
    for mark in facts.marks:
        generation = (mark.system.developer, mark.system.generation)
        if mark.official and generation not in seen:
            seen.add(generation)
            firsts.append(mark)
    return firsts[::-1]


def _labelled_steps(facts: FrontierFacts, most: int) -> list[Step]:
    """The steps to name, the newest first, then those that raised the frontier most."""
    newest, *earlier = facts.steps[::-1] or (None,)
    if newest is None:
        return []
    earlier.sort(key=lambda step: -(math.inf if step.change is None else step.change))
    return [newest, *earlier[: most - 1]]
