"""Weighted levels of the basket's tree: headline, domains and subdomains of one version.

Arrays of points are shaped (E, S, B): evals of the version, systems, replicates (B = 1 for the
central values). Sums run up the tree in a fixed order (`sums`), so that the last bit depends
neither on a linear algebra library nor on what else is computed beside a system.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

    def __init__(self, names: Sequence[str], array: Array) -> None:
        self.names, self.array = names, array

    def __getitem__(self, name: str) -> Array:
        # Names are few, and most are never asked for.
        return np.asarray(self.array[self.names.index(name)])

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


class Standing(NamedTuple):
    """What a system shows at a node, each (S,): weight share observed, evals observed, value."""

    coverage: Array
    seen: NDArray[np.intp]
    has_value: Mask


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


def mean_over(values: Array, rows: Sequence[int]) -> Array:
    """Mean over some systems of (S, B) values, added in the order given: (B,)."""
    total = np.zeros(values.shape[1])
    for row in rows:
        total = total + values[row]
    return total / len(rows)


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


def levels_of(table: Table, scale: str) -> ByNode:
    """The weighted level (S, B) of every node of a table: headline, domains, subdomains.

    As `level`, but summed up the tree, which takes a third of the work.
    """
    version = table.version
    levels = version.tree.sums(transformed(table, scale))
    return ByNode(version.names, levels if scale == "points" else np.exp(levels, out=levels))


def standing(version: Version, table: Table, imputation: str) -> Mapping[str, Standing]:
    """Coverage and existence of a value per node (methodology section 3).

    A node has a value where at least one of its evals is observed and every cell is observed or
    filled; under `strict`, where every cell is observed; the headline, where every domain has one.
    """
    observed, systems = table.observed, table.observed.shape[1]
    if observed.all():
        whole, everyone = np.ones(systems), np.ones(systems, dtype=bool)
        everything = [np.full(systems, len(node.evals)) for node in version.nodes]
        shown = [Standing(whole, count, everyone) for count in everything]
    else:
        present = observed if imputation == "strict" else table.present
        coverage = version.tree.sums(observed.astype(np.float64))
        shown = [
            _standing(node, row, observed, present)
            for node, row in zip(version.nodes, coverage, strict=True)
        ]
    result = dict(zip(version.names, shown, strict=True))
    everywhere = np.all([result[d.series].has_value for d in version.domains], axis=0)
    top = result["headline"]
    result["headline"] = top._replace(has_value=top.has_value & everywhere)
    result["balanced"] = result["headline"]
    return result


def _standing(node: Node, coverage: Array, observed: Mask, present: Mask) -> Standing:
    rows = as_rows(node.evals)
    count = np.count_nonzero(observed[rows], axis=0)
    has_value = (count > 0) & present[rows].all(axis=0)
    # A complete row is complete, whatever the rounding of the weights.
    return Standing(np.where(count == len(node.evals), 1.0, coverage), count, has_value)
