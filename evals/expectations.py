"""What the index expects of a score before it comes: asked here, answered by the room above.

The rooms below know no model. The one that has one registers a maker of judges; it is asked once an
import, so that an import is judged by one release throughout, and the judge once a cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Protocol


class Points(Protocol):
    """How values of an eval, in its own unit, become points and back."""

    def of(self, value: float) -> float:
        """The points of a value; NaN where it has none."""

    def value(self, points: float) -> float:
        """The value with these points; infinite from where points are clipped."""

    def error(self, value: float, stderr: float) -> float:
        """A standard error beside a value, in points."""


@dataclass(frozen=True)
class Expectation:
    """What one more score of a system on an eval is expected to be, in points.

    below, above: the standard deviation between that and a score without error of its own that lies
    below it, or above. usual: the error of the eval's scores, for one that states none. counted:
    the points of the score that counts there now, None where none does. `said_by` names who expects
    it. measured: the other evals on which scores of the system count from which that was fitted.
    """

    expected: float
    below: float
    above: float
    usual: float
    counted: float | None
    points: Points
    said_by: str
    measured: int = 0

    def deviation(self, value: float, stderr: float | None) -> float:
        """The standard deviation, in points, between the expectation and a value with its error."""
        sd = self.below if self.points.of(value) < self.expected else self.above
        return hypot(sd, self.error(value, stderr))

    def error(self, value: float, stderr: float | None) -> float:
        """The error of a value in points: its own, or else the usual one."""
        return self.usual if stderr is None else self.points.error(value, stderr)

    def z(self, value: float, stderr: float | None) -> float:
        """Standard deviations between a value and what is expected of it; NaN without points."""
        return (self.points.of(value) - self.expected) / self.deviation(value, stderr)

    def confirmed(self, value: float, stderr: float | None, *, within: float, least: float) -> bool:
        """Whether the score that counts now differs by no more than so many of their errors.

        least: the points that either may be off by at least.
        """
        if self.counted is None:
            return False
        errors = hypot(max(self.error(value, stderr), least), max(self.usual, least))
        return abs(self.points.of(value) - self.counted) <= within * errors

    def within(self, limit: float, error: float = 0.0) -> tuple[float, float]:
        """The least and the largest value within `limit` deviations, for an error in points of its
        own; infinite where points are clipped."""
        low = self.expected - limit * hypot(self.below, error)
        high = self.expected + limit * hypot(self.above, error)
        ends = (self.points.value(low), self.points.value(high))
        return min(ends), max(ends)


class Judge(Protocol):
    """What is expected by slugs: of a system on an eval, and of an eval at all."""

    def evals(self) -> Collection[str]:
        """The evals on which anything is expected of a system."""

    def cell(self, system: str, item: str) -> Expectation | None:
        """What is expected of a system's score on an eval; None where nothing is."""

    def counted(self, item: str) -> Sequence[tuple[dt.date, float]] | None:
        """(release date of its system, value) of every score that counts; None where unknown."""


class NoJudge:
    """Where nobody registered, or nothing is released yet: it expects nothing."""

    def evals(self) -> Collection[str]:
        """None."""
        return ()

    def cell(self, system: str, item: str) -> None:
        """Nothing."""

    def counted(self, item: str) -> None:
        """Nothing."""


_makers: list[Callable[[], Judge]] = []


def register(maker: Callable[[], Judge]) -> None:
    """Let `maker` make the judges from now on."""
    _makers[:] = [maker]


def judge() -> Judge:
    """A judge by the newest release."""
    return _makers[0]() if _makers else NoJudge()
