"""What the index expects of a score before it comes: asked here, answered by the room above.

The rooms below know no model. The one that has one registers a maker of judges; it is asked once an
import, so that an import is judged by one release throughout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Surprise:
    """A score against its expectation: both in points, with the standard deviation between them."""

    points: float
    expected: float
    sd: float
    said_by: str

    @property
    def z(self) -> float:
        """Standard deviations between the score and what was expected."""
        return (self.points - self.expected) / self.sd


Judge = Callable[[str, str, float], Surprise | None]
"""(system's slug, eval's slug, value in the eval's unit): None where nothing is expected."""

_makers: list[Callable[[], Judge]] = []


def register(maker: Callable[[], Judge]) -> None:
    """Let `maker` make the judges from now on."""
    _makers[:] = [maker]


def judge() -> Judge:
    """A judge by the newest release; one that expects nothing where nobody registered."""
    return _makers[0]() if _makers else lambda system, item, value: None
