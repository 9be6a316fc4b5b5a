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
from dataclasses import dataclass

import numpy as np

from baskets.engine.aggregate import (
    Array,
    Node,
    Standing,
    Table,
    level,
    mean_over,
    transformed,
)
from baskets.engine.errors import BaseMissing, BaseTooLow, NotPositive, OverlapTooSmall
from baskets.engine.problem import Problem

BASE_FLOOR_HEADLINE = 20.0
BASE_FLOOR = 10.0
SMALLEST_OVERLAP = 2

Key = tuple[str, int]
Standings = Sequence[Mapping[str, Standing]]


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
    overlaps: Mapping[Key, tuple[int, ...]]


def chain_versions(
    problem: Problem,
    tables: Sequence[Table],
    standings: Standings,
    *,
    scale: str,
    link: str,
    pattern: Chain | None = None,
) -> Chain:
    """Link every node through all versions.

    `pattern` is a chain already accepted for the same problem: its series, starts and overlaps
    are followed without judging the base again, which is what replicates and alternatives do.
    """
    levels: dict[Key, Level] = {}
    index: dict[Key, Array] = {}
    overlaps: dict[Key, tuple[int, ...]] = {}
    begun: set[str] = set()
    geometric = pattern is None and problem.method.domain_mean == "geometric"
    for position, table in enumerate(tables):
        cells = transformed(table, scale)
        for node in table.version.nodes:
            key = (node.series, position)
            if pattern is not None and key not in pattern.levels:
                continue
            weighted = level(node, cells, scale)
            if node.series not in begun:
                if pattern is None and not _base_carries(
                    problem, node, table, standings[position]
                ):
                    continue
                found: Level | None = _first(problem, weighted)
            else:
                rows = _usable(problem, node, position, standings, index)
                overlaps[key] = rows
                found = _linked(
                    node, position, rows, weighted, levels, index, scale, link
                )
                if (
                    pattern is None
                    and found is not None
                    and not np.isfinite(found.slope).all()
                ):
                    raise NotPositive(
                        f"{node.series}: the overlap's mean is not above 0 points"
                    )
            if found is None:
                continue
            begun.add(node.series)
            levels[key] = found
            has_value = standings[position][node.series].has_value
            index[key] = np.where(has_value[:, None], found.index(weighted), np.nan)
        _balance(table, position, standings[position], index)
    if geometric:
        index |= {("headline", n): index["balanced", n] for n in range(len(tables))}
    return Chain(scale, geometric, levels, index, overlaps)


def _base_carries(
    problem: Problem, node: Node, table: Table, standing: Mapping[str, Standing]
) -> bool:
    """Whether the base can stand for 100 here; refuses for the headline and domains."""
    base = problem.row_of[problem.method.base]
    where = f"{problem.method.base} at {node.series} on {table.version.basket.id}"
    if not standing[node.series].has_value[base]:
        if node.is_subdomain:
            return False
        raise BaseMissing(f"the base system has no value: {where}")
    points = float(level(node, table.points[:, base : base + 1], "points")[0, 0])
    lowest = BASE_FLOOR_HEADLINE if node.domain is None else BASE_FLOOR
    if points < lowest:
        if node.is_subdomain:
            return False
        raise BaseTooLow(f"{where} has {points:.3g} points, fewer than {lowest:g}")
    return True


def _first(problem: Problem, weighted: Array) -> Level:
    anchor = weighted[problem.row_of[problem.method.base]]
    return Level(at=np.full(anchor.shape, 100.0), slope=100 / anchor, anchor=anchor)


def _usable(
    problem: Problem,
    node: Node,
    position: int,
    standings: Standings,
    index: Mapping[Key, Array],
) -> tuple[int, ...]:
    """Rows of the overlap systems with a value at the node on this version and the last."""
    if (node.series, position - 1) not in index:
        return ()
    new, old = standings[position][node.series], standings[position - 1][node.series]
    listed = [problem.row_of[name] for name in problem.baskets[position].overlap]
    return tuple(row for row in listed if new.has_value[row] and old.has_value[row])


def _linked(
    node: Node,
    position: int,
    rows: tuple[int, ...],
    weighted: Array,
    levels: Mapping[Key, Level],
    index: Mapping[Key, Array],
    scale: str,
    link: str,
) -> Level | None:
    """The level on a later version; None ends a subdomain's series."""
    if len(rows) < SMALLEST_OVERLAP:
        if node.is_subdomain:
            return None
        raise OverlapTooSmall(
            f"{node.series}: {len(rows)} usable overlap systems before version {position + 1}, "
            f"{SMALLEST_OVERLAP} are needed"
        )
    before = index[node.series, position - 1]
    if scale == "odds":
        at = np.exp(mean_over(np.log(before), rows))
        anchor = np.exp(mean_over(np.log(weighted), rows))
        return Level(at=at, slope=at / anchor, anchor=anchor)
    at, anchor = mean_over(before, rows), mean_over(weighted, rows)
    if link == "additive":
        return Level(
            at=at, slope=levels[node.series, position - 1].slope, anchor=anchor
        )
    return Level(at=at, slope=at / np.where(anchor > 0, anchor, np.nan), anchor=anchor)


def _balance(
    table: Table,
    position: int,
    standing: Mapping[str, Standing],
    index: dict[Key, Array],
) -> None:
    """The balanced headline 100 prod (I_d / 100)^{W_d} from the linked domains."""
    domains = [(d.share, index[d.series, position]) for d in table.version.domains]
    has_value = standing["balanced"].has_value[:, None]
    index["balanced", position] = np.where(has_value, balanced(domains), np.nan)


def balanced(domains: Sequence[tuple[float, Array]]) -> Array:
    """100 prod (I_d / 100)^{W_d}; NaN where an I_d is not positive."""
    total = np.zeros(domains[0][1].shape)
    for share, values in domains:
        positive = np.where(values > 0, values, np.nan)
        total = total + share * np.log(positive / 100)
    return np.asarray(100 * np.exp(total))
