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
from dataclasses import replace

import numpy as np

from baskets.engine.aggregate import Array, Table, Version, levels_of, stacked
from baskets.engine.chain import Chain, Key, Level, Overlaps, balanced
from baskets.engine.growing import Growing, Shares, Standings
from baskets.engine.problem import Problem

__all__ = ["Chain", "Key", "Level", "Overlaps", "balanced", "chain_levels", "chain_versions"]

Levels = Mapping[str, Array]


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
        overwrite=True,
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
    overwrite: bool = False,
    as_pattern: bool = False,
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
    overwrite: write the index over the levels, which spares memory. as_pattern: there is a
    balanced value exactly where the pattern has one, 0 where a domain is not positive, as an
    interval around that value needs; else every column is judged by its own domains.
    """
    if pattern is None and base_points is None and scale != "points":
        raise ValueError("the base is judged in points, which a chain of odds must be told")
    chain = Growing(
        problem,
        standings,
        scale=scale,
        link=link,
        pattern=pattern,
        pinned=pinned or {},
        as_pattern=as_pattern,
    )
    for position, version in enumerate(versions):
        extend(
            chain,
            version,
            levels[position],
            base_points=base_points[position] if base_points else None,
            shares=shares[position] if shares else {},
            overwrite=overwrite,
        )
    return chain.finished(geometric=geometric)


def extend(
    chain: Growing,
    version: Version,
    levels: Levels,
    *,
    base_points: Levels | None = None,
    shares: Shares | None = None,
    overwrite: bool = False,
) -> None:
    """Add one version to a chain; the arguments are those of `chain_levels` for it."""
    found = stacked(version, levels)
    judged = found[:, chain.base, 0]
    if base_points is not None:
        judged = stacked(version, base_points)[:, 0, 0]
    # What has no number becomes infinite or NaN here, and is refused or shown as null later.
    with np.errstate(all="ignore"):
        chain.extend(version, found, judged, found if overwrite else None)
        chain.balance(shares or {})


def extend_with(chain: Growing, table: Table) -> None:
    """Add a version's table to a chain that follows no pattern."""
    base_points = None if chain.scale == "points" else _base_points(chain.problem, table)
    with np.errstate(all="ignore"):
        levels = levels_of(table, chain.scale)
    extend(chain, table.version, levels, base_points=base_points, overwrite=True)


def _base_points(problem: Problem, table: Table) -> Levels:
    """Weighted points (1, 1) of the base at every node."""
    row = problem.row_of[problem.method.base]
    return levels_of(replace(table, points=table.points[:, row : row + 1, :1]), "points")
