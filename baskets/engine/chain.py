"""A chain of basket versions as arrays: how every node's level becomes index points on each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import compress
from typing import Generic, TypeVar

import numpy as np

from baskets.engine.aggregate import Array, Mask, Version

Key = tuple[str, int]
Overlaps = Mapping[Key, tuple[int, ...]]
V = TypeVar("V")

# A domain that ought to stand at 0 index points may miss it by rounding, and no root of that is a
# number that anyone meant.
NOTHING = 1e-9


@dataclass(frozen=True)
class Level:
    """How a node's weighted level becomes index points on one version, (B,) each."""

    at: Array
    slope: Array
    anchor: Array

    def index(self, levels: Array) -> Array:
        """Index points (S, B) of weighted levels (S, B)."""
        return np.asarray(self.at + self.slope * (levels - self.anchor))


@dataclass(frozen=True)
class Chain:
    """Levels and index values (S, B) by series and version position; overlaps as system rows.

    With a geometric domain mean the headline's index is the balanced one; its level remains the
    arithmetic headline's, which the links are shown for.
    """

    scale: str
    headline_is_balanced: bool
    levels: Mapping[Key, Level]
    index: Mapping[Key, Array]
    overlaps: Overlaps


class Stretch:
    """One version's part of a chain; arrays have a row per node of the version.

    at, slope, anchor: (N, B), NaN where the node has no series. index: (N, S, B).
    product: what computes the balanced headline (S, B), which few readers of a chain ask for.
    """

    def __init__(self, version: Version, systems: int, size: int) -> None:
        nodes = len(version.nodes)
        self.version = version
        self.used: Mask = np.zeros(nodes, dtype=bool)
        self.at, self.slope, self.anchor = np.full((3, nodes, size), np.nan)
        self.index: Array = np.empty((0, systems, size))
        self.product: Callable[[], Array] = partial(np.empty, (systems, size))

    @cached_property
    def balanced(self) -> Array:
        """The balanced headline (S, B)."""
        return self.product()

    def balanced_values(self) -> Array:
        """The same, for a mapping to call."""
        return self.balanced

    @property
    def series(self) -> list[str]:
        """The series that the version has."""
        return list(compress(self.version.names, self.used.tolist()))

    def begin(self, rows: Mask, base: Array) -> None:
        """Start some nodes (N,) at 100 for the base, whose levels (N, B) these are."""
        chosen = rows[:, None]
        self.used |= rows
        self.at[:] = np.where(chosen, 100.0, np.nan)
        self.anchor[:] = np.where(chosen, base, np.nan)
        np.divide(100, self.anchor, out=self.slope)

    def level(self, row: int) -> Level:
        """The level of a node."""
        return Level(self.at[row], self.slope[row], self.anchor[row])

    def values(self, row: int) -> Array:
        """The index (S, B) of a node."""
        return np.asarray(self.index[row])


class BySeries(Mapping[Key, V], Generic[V]):
    """What `read` finds of a stretch's node, by series and version position.

    `whole` reads series that are no node: the balanced one.
    """

    def __init__(
        self,
        stretches: Sequence[Stretch],
        read: Callable[[Stretch, int], V],
        whole: Mapping[str, Callable[[Stretch], V]],
    ) -> None:
        self.stretches, self.read, self.whole = stretches, read, whole

    def __getitem__(self, key: Key) -> V:
        series, position = key
        if 0 <= position < len(self.stretches):
            stretch = self.stretches[position]
            if series in self.whole:
                return self.whole[series](stretch)
            row = stretch.version.row_of.get(series)
            if row is not None and stretch.used[row]:
                return self.read(stretch, row)
        raise KeyError(key)

    def __iter__(self) -> Iterator[Key]:
        for position, stretch in enumerate(self.stretches):
            for name in stretch.series:
                yield (name, position)
            for name in self.whole:
                if name not in stretch.version.row_of:
                    yield (name, position)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def balanced(shares: Sequence[float | Array], domains: Array) -> Array:
    """100 prod (I_d / 100)^{W_d} of domains (D, S, B); NaN where an I_d is not positive.

    shares: the weight W_d of each domain, a number or (B,). Not positive is all up to 1e-9.
    """
    with np.errstate(all="ignore"):
        logs = np.log(np.where(domains > NOTHING, domains, np.nan) / 100)
        total = shares[0] * logs[0]
        for share, values in zip(shares[1:], logs[1:], strict=True):
            total = total + share * values
        return np.asarray(100 * np.exp(total))
