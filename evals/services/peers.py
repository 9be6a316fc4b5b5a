"""What the counted scores of an eval say of a value: those of the systems nearest in time.

Percentages are compared as log-odds and positive quantities as logarithms, by median and median
absolute deviation: one wrong score among them moves neither, and an eval on which many systems of
that time score next to nothing expects small values.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median

from evals.models import Eval

Dated = tuple[dt.date, float]
"""The release date of a system and its score."""

# Fewer scores say nothing of an eval; more are further away in time and say less.
FEWEST, MOST = 3, 12
# Of normal values the median absolute deviation is so much smaller than the standard deviation.
NORMAL = 1.4826
# However close together a few scores lie, the next one may differ by so much (logarithms, base e).
LEAST_SPREAD = 0.7
# Scores of 0 and of 100 percent have no log-odds; printed values are seldom finer than this share.
EDGE = 0.0005
LEAST_QUANTITY = 1e-12


@dataclass(frozen=True)
class Peers:
    """The scores nearest in time, and where they lie."""

    item: Eval
    values: tuple[float, ...]
    middle: float
    spread: float

    @staticmethod
    def of(item: Eval, counted: Sequence[Dated], released_on: dt.date | None) -> Peers | None:
        """Those of an eval around a date; None for too few, or where values are not comparable."""
        if not comparable(item) or len(counted) < FEWEST:
            return None
        if released_on is not None:
            day = released_on.toordinal()
            counted = sorted(counted, key=lambda one: (abs(one[0].toordinal() - day), one[1]))
        values = tuple(sorted(value for _day, value in counted[:MOST]))
        places = [_place(value, item) for value in values]
        middle = median(places)
        spread = NORMAL * median(abs(place - middle) for place in places)
        return Peers(item, values, middle, max(spread, LEAST_SPREAD))

    def z(self, value: float) -> float:
        """How many standard deviations a value lies from the middle."""
        return (_place(value, self.item) - self.middle) / self.spread


def comparable(item: Eval) -> bool:
    """Whether an eval's values are percentages or positive quantities."""
    return item.scale == Eval.Scale.LOG or (item.lower == 0 and item.upper == 100)


def _place(value: float, item: Eval) -> float:
    if item.scale == Eval.Scale.LOG:
        # The eval may have been no quantity of this kind when an old score came.
        return log(max(value, LEAST_QUANTITY))
    share = min(max(value / 100, EDGE), 1 - EDGE)
    return log(share / (1 - share))
