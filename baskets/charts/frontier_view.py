"""The frontier seen from a later day on, or as a change since the base."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from baskets.selectors.frontier import FrontierFacts, Mark, Step

BASE = 100.0


def windowed(facts: FrontierFacts, start: dt.date | None) -> FrontierFacts:
    """What is seen from `start` on.

    The step that was in force on the day comes with it, with its own date, so that the line has a
    height where it enters; so does the basket in force.
    """
    if start is None:
        return facts
    entering = [step for step in facts.steps if step.system.released_on < start][-1:]
    later = [step for step in facts.steps if step.system.released_on >= start]
    after = [change for change in facts.changes if change[1] >= start]
    on_the_day = any(day == start for _number, day in after)
    before = [] if on_the_day else [c for c in facts.changes if c[1] < start][-1:]
    return replace(
        facts,
        steps=(*entering, *later),
        marks=tuple(mark for mark in facts.marks if mark.system.released_on >= start),
        changes=(*before, *after),
    )


def since_base(facts: FrontierFacts) -> FrontierFacts:
    """Every value as per cent above the base, which is 100 by definition and has no error."""
    return replace(
        facts,
        steps=tuple(_step(step) for step in facts.steps),
        marks=tuple(_mark(mark) for mark in facts.marks),
    )


def _less(value: float | None) -> float | None:
    return None if value is None else value - BASE


def _mark(mark: Mark) -> Mark:
    return replace(mark, value=mark.value - BASE, low=_less(mark.low), high=_less(mark.high))


def _step(step: Step) -> Step:
    return replace(
        step,
        value=step.value - BASE,
        low=_less(step.low),
        high=_less(step.high),
        previous=_less(step.previous),
    )
