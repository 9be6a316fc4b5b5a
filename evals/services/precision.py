"""Whether a standard error can belong to its score, by the number of items behind it."""

from __future__ import annotations

from math import sqrt
from typing import Protocol

from evals.models import Eval
from evals.records import ScoreRecord

Z95 = 1.959963984540054
# Against the binomial error of n items. Clusters of items make an error larger, graded items and
# averages over many runs smaller: among the catalog's 30 scores that state both, it is 0.018 (20
# papers of some 400 graded steps each) to 1.95 times the binomial one. A proportion beside a
# percentage is 0.01 of it, the deviation of the items instead of their mean's the root of n.
LEAST_OF_BINOMIAL = 1 / 75
MOST_OF_BINOMIAL = 6.0


class Stated(Protocol):
    """What a score says of itself, before it is stored or after."""

    @property
    def value(self) -> float:
        """In the eval's unit."""

    @property
    def stderr(self) -> float | None:
        """Its standard error, in the same unit."""

    @property
    def low(self) -> float | None:
        """The lower end of its 95% interval."""

    @property
    def high(self) -> float | None:
        """The upper end."""

    @property
    def n_items(self) -> int | None:
        """How many items it is the mean of."""


def stated_error(record: Stated) -> float | None:
    """The standard error that a record states, outright or by its 95% interval."""
    if record.stderr is not None:
        return record.stderr
    if record.low is None or record.high is None:
        return None
    return (record.high - record.low) / (2 * Z95)


def binomial_error(value: float, item: Eval, n_items: int) -> float | None:
    """The error of a mean of n items that each pass or fail, in the unit; None without bounds.

    Half a pass and half a failure are added, so that it stays above 0 at the bounds.
    """
    if item.lower is None or item.upper is None:
        return None
    span = item.upper - item.lower
    share = ((value - item.lower) / span * n_items + 0.5) / (n_items + 1)
    return span * sqrt(share * (1 - share) / n_items)


def own_error(record: Stated, item: Eval) -> float | None:
    """A record's standard error: as stated, else by its number of items; None where neither is."""
    if (error := stated_error(record)) is not None or record.n_items is None:
        return error
    return binomial_error(record.value, item, record.n_items)


def impossible_error(record: ScoreRecord, item: Eval) -> str:
    """Why no score between the eval's bounds has such an error; empty where one can have it."""
    error = stated_error(record)
    if error is None or item.lower is None or item.upper is None:
        return ""
    most = (item.upper - item.lower) / 2
    if error <= most:
        return ""
    return (
        f"the standard error {error:g} is more than {most:g}, the most that a mean between "
        f"{item.lower:g} and {item.upper:g} can have"
    )


def doubtful_error(record: ScoreRecord, item: Eval) -> str:
    """Why the error is hardly that of so many items; empty where it may be, or nothing is known."""
    n, error = record.n_items, record.stderr if record.stderr is not None else stated_error(record)
    if error is None or n is None or n < 2:
        return ""
    binomial = binomial_error(record.value, item, n)
    if binomial is None:
        return ""
    inside = record.value not in (item.lower, item.upper)
    if error > MOST_OF_BINOMIAL * binomial:
        limit = f"more than {MOST_OF_BINOMIAL:g} times"
    elif error < LEAST_OF_BINOMIAL * binomial and inside:
        limit = f"less than 1/{1 / LEAST_OF_BINOMIAL:g} of"
    else:
        return ""
    return (
        f"error: the standard error {error:g} beside {record.value:g} is {limit} "
        f"{binomial:.3g}, that of {n} items which each pass or fail"
    )
