"""Contributions as the parts of one bar in a table's row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import ngettext

from baskets.charts import palette, words
from baskets.selectors.moves import Driver

MOST_PARTS = 24
"""Contributions with a part of their own; what is left of two hundred units is too thin to see."""


@dataclass(frozen=True)
class Part:
    """One part: where it starts and how wide it is, of 200 units with the zero line at 100."""

    start: float
    wide: float
    colour: str
    title: str


def bar_parts(drivers: Sequence[Driver], extent: float) -> Iterator[Part]:
    """Gains to the right of the zero line, losses to its left, the drivers in their order.

    extent: the sum of gains or of losses that fills half the width. The drivers after the first
    `MOST_PARTS` share one part on each side.
    """
    scale = 100 / extent if extent else 0.0
    right = left = 100.0
    for points, name, colour in _told(drivers):
        wide = abs(points) * scale
        start = right if points > 0 else left - wide
        yield Part(start, wide, colour, f"{name}: {words.signed(points)}")
        right, left = (right + wide, left) if points > 0 else (right, left - wide)


def _told(drivers: Sequence[Driver]) -> Iterator[tuple[float, str, str]]:
    for driver in drivers[:MOST_PARTS]:
        yield driver.points, driver.eval.name, palette.series_colour(driver.eval.domain)
    others = [driver.points for driver in drivers[MOST_PARTS:]]
    gains, losses = [p for p in others if p > 0], [p for p in others if p < 0]
    for side in (gains, losses):
        if side:
            name = ngettext("%(n)s other eval", "%(n)s other evals", len(side)) % {"n": len(side)}
            yield math.fsum(side), name, palette.token("dev-other")
