"""The index under drawn weights and methods, all draws at once (methodology section 10).

Draws of one scale, link and fill share their cells, so the weighted levels of all of them are one
matrix product per version and domain; the chain is then the ordinary one with a column per draw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from baskets.engine.aggregate import Array, Mask, Table, Version, transformed
from baskets.engine.compute import State
from baskets.engine.growing import BASE_FLOOR, BASE_FLOOR_HEADLINE
from baskets.engine.link import Chain, chain_levels
from baskets.engine.parts import Basket
from baskets.engine.sensitivity_design import Choices

BASE_TOO_LOW, NOT_POSITIVE = "BaseTooLow", "NotPositive"
# Systems times draws that are chained at a time, so that memory stays small.
BLOCK = 1_000_000

Importance = Mapping[str, Array]


@dataclass(frozen=True)
class DrawnIndex:
    """Index values (S, D) by series, each system on the version in force at its release.

    NaN without a value. refused: by name of the refusal, the draws (D,) that the engine would
    refuse; what stands in their columns means nothing.
    """

    index: Mapping[str, Array]
    refused: Mapping[str, Mask]

    @property
    def accepted(self) -> Mask:
        """(D,): draws that no refusal names."""
        return np.asarray(~np.any(list(self.refused.values()), axis=0))


@dataclass(frozen=True)
class _Part:
    """One version under some draws: level (S, n) and the base's points (n,) per node, shares."""

    version: Version
    levels: dict[str, Array]
    base: dict[str, Array]
    shares: dict[str, Array]


def drawn_index(
    state: State,
    tables: Mapping[str, Sequence[Table]],
    importance: Importance,
    choices: Choices,
    *,
    positions: Sequence[int] | None = None,
) -> DrawnIndex:
    """The index of every draw; tables: per fill, one per version, with the state's own cells.

    positions: per system the version that it is shown on, by default the one in force for it.
    """
    draws = len(choices.scale)
    names = main_series(state)
    index = {name: np.full((len(state.problem.systems), draws), np.nan) for name in names}
    refused = {name: np.zeros(draws, dtype=bool) for name in (BASE_TOO_LOW, NOT_POSITIVE)}
    positions = positions_in_force(state) if positions is None else positions
    for scale, link, fill, columns in _groups(state, choices):
        parts = [_part(state, table, scale, importance, columns) for table in tables[fill]]
        chain = chain_levels(
            state.problem,
            [part.version for part in parts],
            [part.levels for part in parts],
            # Mappings of their own, because these versions have fewer nodes.
            [dict(standing) for standing in state.standings],
            scale=scale,
            link=link,
            geometric=False,
            pattern=state.chain,
            shares=[part.shares for part in parts],
        )
        for name in names:
            index[name][:, columns] = in_force(chain, name, positions)
        refused[BASE_TOO_LOW][columns] = _base_too_low(state, parts)
        refused[NOT_POSITIVE][columns] = _not_positive(chain)
    product = choices.geometric
    index["headline"][:, product] = index["balanced"][:, product]
    return DrawnIndex(index, refused)


def main_series(state: State) -> tuple[str, ...]:
    """The headline, the balanced headline and the domains of any version."""
    domains = {node.series for table in state.tables for node in table.version.domains}
    return ("headline", "balanced", *sorted(domains))


def positions_in_force(state: State) -> list[int]:
    """Per system the position of the version in force at its release."""
    problem = state.problem
    place = {basket.id: n for n, basket in enumerate(problem.baskets)}
    return [place[problem.version_in_force(system).id] for system in problem.systems]


def in_force(chain: Chain, series: str, positions: Sequence[int]) -> Array:
    """A series (S, B) with every system on its own version; NaN where the version has none."""
    rows = np.array(positions)
    found = np.full((len(rows), 1), np.nan)
    for position in sorted(set(positions)):
        if (series, position) in chain.index:
            mine = (rows == position)[:, None]
            found = np.where(mine, chain.index[series, position], found)
    return found


def without_subdomains(version: Version) -> Version:
    """The version with its headline and domains only."""
    return replace(version, subdomains=())


def drawn_weights(basket: Basket, evals: Sequence[str], importance: Importance) -> Array:
    """The weights (E, D) of a version's evals under draws of importance; columns sum to 1."""
    drawn = np.stack([basket.weights[name] * importance[name] for name in evals])
    return np.asarray(drawn / drawn.sum(axis=0))


def _groups(state: State, choices: Choices) -> list[tuple[str, str, str, np.ndarray]]:
    """(scale, link, fill, draws) of every combination that was drawn, in blocks."""
    design, groups = choices.design, []
    size = max(1, BLOCK // max(len(state.problem.systems), 1))
    for s, scale in enumerate(design.scales):
        # Odds know one link only, so that all their draws go together.
        links = list(enumerate(design.links)) if scale == "points" else [(-1, "ratio")]
        for n, link in links:
            for f, fill in enumerate(design.fills):
                wanted = (choices.scale == s) & (choices.fill == f)
                wanted &= (choices.link == n) | (n < 0)
                columns = np.flatnonzero(wanted)
                blocks = range(0, len(columns), size)
                groups += [(scale, link, fill, columns[b : b + size]) for b in blocks]
    return groups


def _part(
    state: State, table: Table, scale: str, importance: Importance, columns: np.ndarray
) -> _Part:
    """Levels, base points and domain shares of one version under some draws."""
    version = without_subdomains(table.version)
    some = {name: importance[name][columns] for name in version.evals}
    weights = drawn_weights(version.basket, version.evals, some)
    # A missing cell belongs to a system without a value, which the chain leaves out.
    cells = np.nan_to_num(transformed(table, scale)[:, :, 0])
    row = state.problem.row_of[state.problem.method.base]
    base = np.nan_to_num(table.points[:, row, 0])
    levels, points, shares = {}, {}, {}
    for node in version.domains:
        rows = list(node.evals)
        share = weights[rows].sum(axis=0)
        shares[node.series] = share
        levels[node.series] = cells[rows].T @ weights[rows] / share
        points[node.series] = base[rows] @ weights[rows] / share
    domains = shares.keys()
    levels["headline"] = np.sum([shares[d] * levels[d] for d in domains], axis=0)
    points["headline"] = np.sum([shares[d] * points[d] for d in domains], axis=0)
    if scale == "odds":
        levels = {name: np.exp(values) for name, values in levels.items()}
    return _Part(version, levels, points, shares)


def _base_too_low(state: State, parts: Sequence[_Part]) -> Mask:
    """(n,): draws in which the base could not start a series, judged in points."""
    begun: set[str] = set()
    low = np.zeros(len(parts[0].base["headline"]), dtype=bool)
    for part in parts:
        for series in part.base.keys() - begun:
            lowest = BASE_FLOOR_HEADLINE if series == "headline" else BASE_FLOOR
            low |= part.base[series] < lowest
            begun.add(series)
    return low


def _not_positive(chain: Chain) -> Mask:
    """(n,): draws in which a link has no finite ratio."""
    slopes = np.stack([level.slope for level in chain.levels.values()])
    return np.asarray(~np.isfinite(slopes).all(axis=0))
