"""Chaining basket versions: every version's level of a node is tied to the one before it.

On version j a node's index is I_s = at + slope (L_s - anchor), L the node's weighted level:

    first version    at = 100,               anchor = L_base,       slope = 100 / L_base
    additive link    at = mean_o I^{j-1}_o,  anchor = mean_o L_o,   slope unchanged
    ratio link       at = mean_o I^{j-1}_o,  anchor = mean_o L_o,   slope = at / anchor
    odds             as ratio, with geometric means, L = exp(sum w logit p)

o runs over the usable overlap: the listed systems that have a value at the node on both versions
under the rules of section 3 (so at least one observed eval there, in every domain for the
headline). Each method's chain is its own from the first version on, which is what a reader sees
who asks how the series would stand had that link been used throughout.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from baskets.engine.aggregate import (
    Array,
    Node,
    Standing,
    Table,
    Version,
    levels_of,
    mean_over,
)
from baskets.engine.errors import BaseMissing, BaseTooLow, NotPositive, OverlapTooSmall
from baskets.engine.problem import Problem

BASE_FLOOR_HEADLINE = 20.0
BASE_FLOOR = 10.0
SMALLEST_OVERLAP = 2

Key = tuple[str, int]
Standings = Sequence[Mapping[str, Standing]]
Levels = Mapping[str, Array]
Shares = Mapping[str, float | Array]
Overlaps = Mapping[Key, tuple[int, ...]]


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


def chain_versions(
    problem: Problem,
    tables: Sequence[Table],
    standings: Standings,
    *,
    scale: str,
    link: str,
    geometric: bool,
    pattern: Chain | None = None,
    pinned: Overlaps | None = None,
) -> Chain:
    """Link every node of the tables through all versions; see `chain_levels`."""
    with np.errstate(all="ignore"):
        levels = [levels_of(table, scale) for table in tables]
    base_points = None
    if pattern is None and scale != "points":
        base_points = [_base_points(problem, table) for table in tables]
    return chain_levels(
        problem,
        [table.version for table in tables],
        levels,
        standings,
        scale=scale,
        link=link,
        geometric=geometric,
        pattern=pattern,
        base_points=base_points,
        pinned=pinned,
    )


def chain_levels(
    problem: Problem,
    versions: Sequence[Version],
    levels: Sequence[Levels],
    standings: Standings,
    *,
    scale: str,
    link: str,
    geometric: bool,
    pattern: Chain | None = None,
    shares: Sequence[Shares] | None = None,
    base_points: Sequence[Levels] | None = None,
    pinned: Overlaps | None = None,
) -> Chain:
    """Link every node through all versions; `geometric` makes the headline the balanced one.

    levels: per version, the weighted level (S, B) of every node on the scale of the chain.
    `pattern` is a chain already accepted for the same problem: its series, starts and overlaps
    are followed without judging the base again, which is what replicates and alternatives do.
    shares: per version, the domains' weights in the balanced product where they are not the
    version's own, each a number or (B,). base_points: per version, the base's weighted points
    (1, 1) at every node, by which it is judged; needed only without a pattern and where the
    levels are not points themselves. pinned: overlaps, as system rows, that stand in for the
    basket's own list at some links; of them too only those with a value on both versions count.
    """
    if pattern is None and base_points is None:
        if scale != "points":
            raise ValueError("the base is judged in points, which a chain of odds must be told")
        row = problem.row_of[problem.method.base]
        base_points = [{k: v[row : row + 1, :1] for k, v in found.items()} for found in levels]
    chain = _Growing(problem, standings, scale, link, pattern, base_points or (), pinned)
    # What has no number becomes infinite or NaN here, and is refused or shown as null later.
    with np.errstate(all="ignore"):
        for position, version in enumerate(versions):
            for node in version.nodes:
                chain.extend(node, position, levels[position][node.series])
            chain.balance(version, position, shares[position] if shares else {})
    return chain.finished(len(versions), geometric=geometric)


def _base_points(problem: Problem, table: Table) -> Levels:
    """Weighted points (1, 1) of the base at every node."""
    row = problem.row_of[problem.method.base]
    return levels_of(replace(table, points=table.points[:, row : row + 1, :1]), "points")


class _Growing:
    """A chain while versions are being added to it."""

    def __init__(
        self,
        problem: Problem,
        standings: Standings,
        scale: str,
        link: str,
        pattern: Chain | None,
        base_points: Sequence[Levels],
        pinned: Overlaps | None,
    ) -> None:
        self.problem, self.standings = problem, standings
        self.scale, self.link, self.pattern = scale, link, pattern
        self.base_points, self.pinned = base_points, pinned or {}
        self.levels: dict[Key, Level] = {}
        self.index: dict[Key, Array] = {}
        self.overlaps: dict[Key, tuple[int, ...]] = {}
        self.begun: set[str] = set()

    def extend(self, node: Node, position: int, weighted: Array) -> None:
        """Start or link one node on one version; weighted: its levels (S, B)."""
        key = (node.series, position)
        if self.pattern is not None and key not in self.pattern.levels:
            return
        standing = self.standings[position]
        if node.series in self.begun:
            found = self._linked(node, position, weighted)
        elif self.pattern or self._base_carries(node, position):
            found = _first(self.problem, weighted)
        else:
            return
        if found is None:
            return
        if self.pattern is None and not np.isfinite(found.slope).all():
            if node.is_subdomain:
                return
            raise NotPositive(f"{node.series}: the overlap's mean is not above 0 points")
        self.begun.add(node.series)
        self.levels[key] = found
        has_value = standing[node.series].has_value
        self.index[key] = np.where(has_value[:, None], found.index(weighted), np.nan)

    def _base_carries(self, node: Node, position: int) -> bool:
        """Whether the base can stand for 100 here; refuses for the headline and domains."""
        name, basket = self.problem.method.base, self.problem.baskets[position].id
        where = f"{name} at {node.series} on {basket}"
        if not self.standings[position][node.series].has_value[self.problem.row_of[name]]:
            if node.is_subdomain:
                return False
            raise BaseMissing(f"the base system has no value: {where}")
        points = float(self.base_points[position][node.series][0, 0])
        lowest = BASE_FLOOR_HEADLINE if node.domain is None else BASE_FLOOR
        if points < lowest:
            if node.is_subdomain:
                return False
            raise BaseTooLow(f"{where} has {points:.3g} points, fewer than {lowest:g}")
        return True

    def _linked(self, node: Node, position: int, weighted: Array) -> Level | None:
        """The level on a later version; None ends a subdomain's series."""
        rows = self._usable(node, position)
        self.overlaps[node.series, position] = rows
        if len(rows) < SMALLEST_OVERLAP:
            if node.is_subdomain:
                return None
            raise OverlapTooSmall(
                f"{node.series}: {len(rows)} usable overlap systems before version "
                f"{position + 1}, {SMALLEST_OVERLAP} are needed"
            )
        before = self.index[node.series, position - 1]
        if self.scale == "odds":
            at = np.exp(mean_over(np.log(before), rows))
            anchor = np.exp(mean_over(np.log(weighted), rows))
            return Level(at=at, slope=at / anchor, anchor=anchor)
        at, anchor = mean_over(before, rows), mean_over(weighted, rows)
        if self.link == "additive":
            slope = self.levels[node.series, position - 1].slope
            return Level(at=at, slope=slope, anchor=anchor)
        return Level(at=at, slope=at / np.where(anchor > 0, anchor, np.nan), anchor=anchor)

    def _usable(self, node: Node, position: int) -> tuple[int, ...]:
        """Rows of the overlap systems with a value at the node on this version and the last."""
        key = (node.series, position)
        if (node.series, position - 1) not in self.index:
            return ()
        new, old = (self.standings[n][node.series] for n in (position, position - 1))
        problem = self.problem
        listed = self.pinned.get(key)
        if listed is None:
            listed = tuple(problem.row_of[name] for name in problem.baskets[position].overlap)
        return tuple(row for row in listed if new.has_value[row] and old.has_value[row])

    def balance(self, version: Version, position: int, shares: Shares) -> None:
        """The balanced headline of a version from its linked domains."""
        domains = [
            (shares.get(d.series, d.share), self.index[d.series, position]) for d in version.domains
        ]
        has_value = self.standings[position]["balanced"].has_value[:, None]
        product = balanced(domains)
        if self.pattern is not None:
            # A replicate in which a domain falls to 0 counts as 0, the limit of the product.
            product = np.nan_to_num(product, nan=0.0)
            has_value = ~np.isnan(self.pattern.index["balanced", position])
        self.index["balanced", position] = np.where(has_value, product, np.nan)

    def finished(self, versions: int, *, geometric: bool) -> Chain:
        """The whole chain; `geometric` makes the headline the balanced one."""
        if geometric:
            for position in range(versions):
                self.index["headline", position] = self.index["balanced", position]
        return Chain(self.scale, geometric, self.levels, self.index, self.overlaps)


def _first(problem: Problem, weighted: Array) -> Level:
    anchor = weighted[problem.row_of[problem.method.base]]
    return Level(at=np.full(anchor.shape, 100.0), slope=100 / anchor, anchor=anchor)


def balanced(domains: Sequence[tuple[float | Array, Array]]) -> Array:
    """100 prod (I_d / 100)^{W_d}; NaN where an I_d is not positive. Weights are numbers or (B,)."""
    total = np.zeros(domains[0][1].shape)
    for share, values in domains:
        positive = np.where(values > 0, values, np.nan)
        total = total + share * np.log(positive / 100)
    return np.asarray(100 * np.exp(total))
