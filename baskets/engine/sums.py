"""Weighted sums up the basket's tree, in one order on every machine.

A subdomain is the sum of its evals, a domain of its subdomains, the headline of its domains, each
weighted to 1 and added from left to right:

    L_sub = sum_e w_e / W_sub x_e,   L_dom = sum_sub W_sub / W_dom L_sub,   L = sum_dom W_dom L_dom

which is the flat sum over evals at a third of its multiplications. Additions run over the outer
axis, so every element is a plain sequence of products and sums: there is no linear algebra
library, no fused multiply-add and no pairwise order in it, and neither other columns nor their
number can change a bit.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = slice | list[int]

# Evals and columns that are multiplied at a time: the products stay in the processor's cache.
BLOCK, WIDTH = 30, 2048


_kept = threading.local()


class HasEvals(Protocol):
    """What is asked of a node: its place in the tree, the positions of its evals, its weight."""

    @property
    def domain(self) -> str | None: ...
    @property
    def subdomain(self) -> str | None: ...
    @property
    def evals(self) -> tuple[int, ...]: ...
    @property
    def share(self) -> float: ...


@dataclass(frozen=True)
class Sum:
    """One weighted sum into the row `target` of the result: of n rows, weights (n, 1)."""

    target: int
    rows: tuple[int, ...]
    weights: Array


@dataclass(frozen=True)
class Run:
    """Sums of equally many rows that follow each other, in the source and in the result."""

    targets: slice
    rows: slice
    count: int


@dataclass(frozen=True)
class Block:
    """Rows (n) of several sums, their weights (n, 1), and how the products are added."""

    rows: Rows
    weights: Array
    runs: tuple[Run, ...]

    def fill(self, source: Array, result: Array, work: Array) -> None:
        """Multiply and add up the rows of the source (any, M) into rows of the result (any, M)."""
        products = work[: len(self.weights)]
        np.multiply(source[self.rows], self.weights, out=products)
        for run in self.runs:
            split = products[run.rows].reshape(run.count, -1, products.shape[1])
            np.add.reduce(split, axis=1, out=result[run.targets])


@dataclass(frozen=True)
class Tree:
    """All sums of a version: `leaves` over evals first, then `branches` over finished sums.

    nodes: how many rows of the result are nodes; the rest are evals without a subdomain, summed
    for their domain's sake.
    """

    nodes: int
    rows: int
    leaves: tuple[Block, ...]
    branches: tuple[Block, ...]

    def sums(self, cells: Array, out: Array | None = None) -> Array:
        """The sum (N, ...) of every node over cells (E, ...).

        out: (rows, ...), where they may be written, contiguous but for its first axis.
        """
        flat = cells.reshape(len(cells), -1)
        width = flat.shape[1]
        whole = np.empty((self.rows, *cells.shape[1:])) if out is None else out
        result = whole.reshape(self.rows, width)
        if width == 1:
            # A single column would be summed along memory, in NumPy's pairwise order.
            pair = np.empty((self.rows, 2))
            self.sums(np.repeat(flat, 2, axis=1), pair)
            result[:] = pair[:, :1]
            return whole[: self.nodes]
        most = max(len(block.weights) for block in self.leaves + self.branches)
        work = _scratch(most, min(width, 2 * WIDTH))
        with rows_as_they_are():
            for columns in _columns(width):
                part, into = flat[:, columns], result[:, columns]
                for block in self.leaves:
                    block.fill(part, into, work[:, : part.shape[1]])
                for block in self.branches:
                    block.fill(into, into, work[:, : part.shape[1]])
        return whole[: self.nodes]


def tree_of(nodes: Sequence[HasEvals], weights: Sequence[float]) -> Tree:
    """The sums of the nodes of a version (headline, domains, subdomains); weights: one per eval."""
    leaves: list[Sum] = []
    branches: list[Sum] = []
    rest = len(nodes)
    children: list[tuple[int, float]] = []
    for row, node in enumerate(nodes):
        if node.domain is None or node.subdomain is not None:
            continue
        below = [n for n, x in enumerate(nodes) if x.subdomain and x.domain == node.domain]
        parts = [(n, nodes[n].evals) for n in below]
        inside = {e for _, evals in parts for e in evals}
        outside = tuple(e for e in node.evals if e not in inside)
        if outside:
            parts.insert(0, (rest if below else row, outside))
            rest += bool(below)
        totals = [_total(weights, evals) for _, evals in parts]
        leaves += [_sum(n, evals, weights, t) for (n, evals), t in zip(parts, totals, strict=True)]
        if below:
            branches.append(_weighted(row, [n for n, _ in parts], totals, node.share))
        children.append((row, node.share))
    shares = [share for _, share in children]
    top = _weighted(0, [row for row, _ in children], shares, _total(shares, range(len(shares))))
    return Tree(len(nodes), rest, _blocks(leaves), _blocks(branches) + _blocks([top]))


def _sum(target: int, evals: Sequence[int], weights: Sequence[float], total: float) -> Sum:
    return _weighted(target, evals, [weights[e] for e in evals], total)


def _weighted(target: int, rows: Sequence[int], weights: Sequence[float], total: float) -> Sum:
    return Sum(target, tuple(rows), np.array(weights)[:, None] / total)


def _blocks(sums: Sequence[Sum]) -> tuple[Block, ...]:
    """The sums in groups of about BLOCK rows, each multiplied in one go."""
    runs: list[list[Sum]] = []
    for one in sums:
        if runs and _continues(runs[-1], one):
            runs[-1].append(one)
        else:
            runs.append([one])
    groups: list[list[list[Sum]]] = []
    for run in runs:
        if groups and sum(len(one.rows) for x in groups[-1] for one in x) < BLOCK:
            groups[-1].append(run)
        else:
            groups.append([run])
    return tuple(_block(group) for group in groups)


def _continues(run: Sequence[Sum], one: Sum) -> bool:
    """Whether a sum can be added in one call with those before it."""
    last, size = run[-1], len(one.rows)
    follows = one.target == last.target + 1 and size == len(last.rows)
    return follows and size * (len(run) + 1) <= BLOCK


def _block(runs: Sequence[Sequence[Sum]]) -> Block:
    """One block of runs of equally long sums into rows that follow each other."""
    found: list[Run] = []
    rows: list[int] = []
    for run in runs:
        start = len(rows)
        rows += [row for one in run for row in one.rows]
        targets = slice(run[0].target, run[-1].target + 1)
        found.append(Run(targets, slice(start, len(rows)), len(run)))
    weights = np.concatenate([one.weights for run in runs for one in run])
    return Block(as_rows(rows), weights, tuple(found))


def _total(weights: Sequence[float], rows: Sequence[int]) -> float:
    total = 0.0
    for row in rows:
        total += weights[row]
    return total


def as_rows(rows: Sequence[int]) -> Rows:
    """Rows as a slice where they follow each other, which spares a copy of them."""
    first, last = rows[0], rows[-1] + 1
    return slice(first, last) if list(rows) == list(range(first, last)) else list(rows)


def _columns(width: int) -> Iterator[slice]:
    """Slices of about WIDTH columns, none of a single column."""
    parts = max(1, width // WIDTH)
    for n in range(parts):
        yield slice(width * n // parts, width * (n + 1) // parts)


def _scratch(rows: int, columns: int) -> Array:
    """Memory of this thread for products, kept: a fresh page costs more than the sum on it."""
    kept: Array | None = getattr(_kept, "work", None)
    if kept is None or kept.size < rows * columns:
        kept = _kept.work = np.empty(rows * columns)
    return kept[: rows * columns].reshape(rows, columns)


@contextmanager
def rows_as_they_are() -> Iterator[None]:
    """Keep NumPy from copying a broadcast weight along its row first, which doubles the time."""
    before = np.setbufsize(16)
    try:
        yield
    finally:
        np.setbufsize(before)
