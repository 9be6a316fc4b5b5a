"""Weighted levels of the basket's tree: headline, domains and subdomains of one version.

Arrays of points are shaped (E, S, B): evals of the version, systems, replicates (B = 1 for the
central values). Sums run up the tree in a fixed order (`sums`), so that the last bit depends
neither on a linear algebra library nor on what else is computed beside a system.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baskets.engine.parts import Basket, Eval, domains_of
from baskets.engine.problem import Problem
from baskets.engine.sums import Tree, as_rows, tree_of

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Smallest distance from 0 and 100 points that odds may see, unless half an item is known.
ODDS_MARGIN = 0.5


@dataclass(frozen=True)
class Node:
    """A series of one version: positions of its evals and their weights, which sum to 1."""

    series: str
    domain: str | None
    subdomain: str | None
    evals: tuple[int, ...]
    weights: tuple[float, ...]
    share: float

    @property
    def is_subdomain(self) -> bool:
        """Whether the series may be missing without refusing the whole index."""
        return self.subdomain is not None


@dataclass(frozen=True)
class Version:
    """A basket version as a tree; `evals`, by domain, subdomain and id, fixes every sum's order."""

    basket: Basket
    evals: tuple[str, ...]
    headline: Node
    domains: tuple[Node, ...]
    subdomains: tuple[Node, ...]

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Headline, domains, subdomains."""
        return (self.headline, *self.domains, *self.subdomains)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The series of the nodes."""
        return tuple(node.series for node in self.nodes)

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Positions of the nodes by series."""
        return {name: row for row, name in enumerate(self.names)}

    @cached_property
    def tree(self) -> Tree:
        """How the nodes are summed: their rows are those of `nodes`."""
        return tree_of(self.nodes, [self.basket.weights[name] for name in self.evals])

    @property
    def series(self) -> tuple[str, ...]:
        """Names of its series: headline, balanced, domains, subdomains."""
        return ("headline", "balanced", *(node.series for node in self.nodes[1:]))


@dataclass(frozen=True)
class Table:
    """Points of every system on every eval of a version; NaN where there is none.

    points: (E, S, B). observed: (E, S). margin: (E, S), the clip for odds in points.
    """

    version: Version
    points: Array
    observed: Mask
    margin: Array

    @property
    def present(self) -> Mask:
        """(E, S): observed or filled."""
        return ~np.isnan(self.points[:, :, 0])

    def with_missing_at(self, points: float) -> "Table":
        """The same table with every filled cell set to a fixed number of points."""
        kept = np.where(self.observed[:, :, None], self.points, points)
        margin = np.where(self.observed, self.margin, ODDS_MARGIN)
        return Table(self.version, kept, self.observed, margin)


class ByNode(Mapping[str, Array]):
    """One array (S, B) for every node of a version, held as a single one (N, S, B)."""

    def __init__(self, version: Version, array: Array) -> None:
        self.version, self.array = version, array

    def __getitem__(self, name: str) -> Array:
        return np.asarray(self.array[self.version.row_of[name]])

    def __iter__(self) -> Iterator[str]:
        return iter(self.version.names)

    def __len__(self) -> int:
        return len(self.version.names)


def stacked(version: Version, arrays: Mapping[str, Array]) -> Array:
    """The arrays of a version's nodes as one, in the order of the nodes."""
    if isinstance(arrays, ByNode):
        return arrays.array
    return np.stack([arrays[name] for name in version.names])


class Standing(NamedTuple):
    """What a system shows at a node, each (S,): weight share observed, evals observed, value."""

    coverage: Array
    seen: NDArray[np.intp]
    has_value: Mask


class Standings(dict[str, Standing]):
    """Standings by series, "balanced" included; has_value: (N, S), a row for every node."""

    def __init__(self, shown: Mapping[str, Standing], has_value: Mask) -> None:
        super().__init__(shown)
        self.has_value = has_value


def values_of(version: Version, standing: Mapping[str, Standing]) -> Mask:
    """(N, S): which systems have a value at which node."""
    if isinstance(standing, Standings):
        return standing.has_value
    return np.stack([standing[name].has_value for name in version.names])


def version_of(problem: Problem, basket: Basket) -> Version:
    """The tree of one basket version."""
    evals = tuple(sorted(basket.weights, key=lambda name: _branch(problem.eval_by_id[name])))
    kinds = [problem.eval_by_id[name] for name in evals]
    weights = [basket.weights[name] for name in evals]

    def node(series: str, domain: str | None, subdomain: str | None) -> Node:
        chosen = [
            n
            for n, item in enumerate(kinds)
            if domain in (None, item.domain) and subdomain in (None, item.subdomain)
        ]
        total = ordered_sum(weights[n] for n in chosen)
        shares = tuple(weights[n] / total for n in chosen)
        return Node(series, domain, subdomain, tuple(chosen), shares, total)

    pairs = sorted({(item.domain, item.subdomain) for item in kinds if item.subdomain})
    return Version(
        basket=basket,
        evals=evals,
        headline=node("headline", None, None),
        domains=tuple(node(d, d, None) for d in domains_of(kinds)),
        subdomains=tuple(node(f"{d}/{s}", d, s) for d, s in pairs if s is not None),
    )


def _branch(item: Eval) -> tuple[str, str, str]:
    return (item.domain, item.subdomain or "", item.id)


def ordered_sum(values: Iterable[float]) -> float:
    """A sum from left to right."""
    total = 0.0
    for value in values:
        total += value
    return total


def mean_over(values: Array, rows: Iterable[int]) -> Array:
    """Mean over some systems of (S, B) values, added in the order given: (B,)."""
    total, count = np.zeros(values.shape[1:]), 0
    for row in rows:
        total, count = total + values[row], count + 1
    return total / count


def transformed(table: Table, scale: str) -> Array:
    """The quantity that is averaged: points, or the logit of points for `odds`."""
    if scale == "points":
        return table.points
    margin = table.margin[:, :, None]
    share = np.clip(table.points, margin, 100 - margin) / 100
    return np.asarray(np.log(share) - np.log1p(-share))


def level(node: Node, cells: Array, scale: str) -> Array:
    """L_s = sum w_e p_se for points, exp(sum w_e logit p_se) for odds: (S, B)."""
    total = np.zeros(cells.shape[1:])
    for position, weight in zip(node.evals, node.weights, strict=True):
        total = total + weight * cells[position]
    return total if scale == "points" else np.exp(total)


def levels_of(table: Table, scale: str, out: Array | None = None) -> ByNode:
    """The weighted level (S, B) of every node of a table: headline, domains, subdomains.

    As `level`, but summed up the tree, which takes a third of the work. out: as in `Tree.sums`.
    """
    version = table.version
    levels = version.tree.sums(transformed(table, scale), out)
    return ByNode(version, levels if scale == "points" else np.exp(levels, out=levels))


def standing(version: Version, table: Table, imputation: str) -> Mapping[str, Standing]:
    """Coverage and existence of a value per node (methodology section 3).

    A node has a value where at least one of its evals is observed and every cell is observed or
    filled; under `strict`, where every cell is observed; the headline, where every domain has one.
    """
    observed, nodes = table.observed, version.nodes
    systems = observed.shape[1]
    has_value = np.ones((len(nodes), systems), dtype=bool)
    whole = np.ones(systems)
    if observed.all():
        shown = [
            Standing(whole, np.full(systems, len(node.evals)), has_value[row])
            for row, node in enumerate(nodes)
        ]
    else:
        present = observed if imputation == "strict" else table.present
        coverage = version.tree.sums(observed.astype(np.float64))
        shown = []
        for row, node in enumerate(nodes):
            rows = as_rows(node.evals)
            count = np.count_nonzero(observed[rows], axis=0)
            has_value[row] = (count > 0) & present[rows].all(axis=0)
            # A complete row is complete, whatever the rounding of the weights.
            share = np.where(count == len(node.evals), whole, coverage[row])
            shown.append(Standing(share, count, has_value[row]))
    has_value[0] &= has_value[[version.row_of[d.series] for d in version.domains]].all(axis=0)
    result = dict(zip(version.names, shown, strict=True))
    return Standings(result | {"balanced": result["headline"]}, has_value)
