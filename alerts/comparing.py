"""Differences on replicates, as the rules take them; no Django, so that a bench can use them."""

from __future__ import annotations

import numpy as np

from alerts.rules import Difference
from baskets.engine.aggregate import Array
from baskets.engine.uncertainty import Comparison, paired


def of_pair(found: Comparison | None) -> Difference | None:
    """A comparison of two systems on paired replicates."""
    return Difference(found.low, found.high, found.ahead) if found else None


def of_releases(new: Array, old: Array, *, move: float, part: float) -> Difference | None:
    """The part of a value's move between two releases that one cause made.

    new, old: the value's replicates (B,) in each; None where they are not as many. Each release
    draws them afresh, so their differences spread as if all scores had been measured anew in
    between: too wide where some were not, never too narrow.
    """
    if len(new) != len(old):
        return None
    return of_pair(paired(part, np.subtract(new, old) + (part - move)))
