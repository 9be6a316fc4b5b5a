"""A chain while versions are being added to it, all nodes of a version at once."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from baskets.engine.aggregate import Array, Mask, Node, Standing, Version, mean_over, values_of
from baskets.engine.chain import BySeries, Chain, Overlaps, Stretch, balanced
from baskets.engine.errors import BaseMissing, BaseTooLow, NotPositive, OverlapTooSmall
from baskets.engine.problem import Problem
from baskets.engine.sums import as_rows, rows_as_they_are

BASE_FLOOR_HEADLINE = 20.0
BASE_FLOOR = 10.0
SMALLEST_OVERLAP = 2

# Numbers that are turned into index points at a time, so that they stay in the processor's cache.
TILE = 65_536

Standings = Sequence[Mapping[str, Standing]]
Shares = Mapping[str, float | Array]


class Growing:
    """Start with the first version, `extend` and `balance` it with each, then take `finished`."""

    def __init__(
        self,
        problem: Problem,
        standings: Standings,
        *,
        scale: str,
        link: str,
        pattern: Chain | None,
        pinned: Overlaps,
        as_pattern: bool = False,
    ) -> None:
        self.problem, self.standings = problem, standings
        self.scale, self.link, self.pattern = scale, link, pattern
        self.pinned, self.as_pattern = pinned, as_pattern
        self.base = problem.row_of[problem.method.base]
        self.stretches: list[Stretch] = []
        self.overlaps: dict[tuple[str, int], tuple[int, ...]] = {}

    def carried_on(self, problem: Problem, standings: Standings) -> "Growing":
        """A chain that goes on from the versions of this one, which stays as it is.

        problem, standings: with the same systems, and the same versions as far as they are here.
        """
        chain = Growing(
            problem,
            standings,
            scale=self.scale,
            link=self.link,
            pattern=self.pattern,
            pinned=self.pinned,
            as_pattern=self.as_pattern,
        )
        chain.stretches, chain.overlaps = list(self.stretches), dict(self.overlaps)
        return chain

    def extend(self, version: Version, levels: Array, judged: Array, out: Array | None) -> None:
        """Start or link every node of the next version.

        levels: weighted levels (N, S, B) of its nodes; judged: the base's weighted points (N,),
        not looked at where there is a pattern. out: where the index may be written.
        """
        stretch = Stretch(version, *levels.shape[1:])
        position = len(self.stretches)
        begun = {name for past in self.stretches for name in past.series}
        self.stretches.append(stretch)
        fresh = np.array([name not in begun for name in version.names])
        if self.pattern is not None:
            wanted = np.array([(name, position) in self.pattern.levels for name in version.names])
        else:
            wanted = ~fresh | self._carried(version, fresh, judged)
        first = wanted & fresh
        stretch.begin(first, levels[:, self.base])
        for row in np.flatnonzero(wanted & ~fresh):
            self._link(stretch, version.nodes[row], int(row), levels[row])
        if self.pattern is None:
            self._refuse_infinite(stretch)
        stretch.index = _index(levels, stretch, out)
        has_value = values_of(version, self.standings[position])
        if not has_value.all():
            stretch.index[~has_value] = np.nan

    def _carried(self, version: Version, fresh: Mask, judged: Array) -> Mask:
        """(N,): whether the base can stand for 100; refuses for the headline and domains."""
        standing = self.standings[len(self.stretches) - 1]
        lowest = np.full(len(version.nodes), BASE_FLOOR)
        lowest[0] = BASE_FLOOR_HEADLINE
        there = values_of(version, standing)[:, self.base]
        carried = there & (judged >= lowest)
        for row in np.flatnonzero(fresh & ~carried):
            node = version.nodes[row]
            where = f"{self.problem.method.base} at {node.series} on {version.basket.id}"
            if node.is_subdomain:
                continue
            if not there[row]:
                raise BaseMissing(f"the base system has no value: {where}")
            raise BaseTooLow(f"{where} has {judged[row]:.3g} points, fewer than {lowest[row]:g}")
        return np.asarray(carried)

    def _link(self, stretch: Stretch, node: Node, row: int, levels: Array) -> None:
        """Tie a node to the version before; too small an overlap ends a subdomain's series."""
        position = len(self.stretches) - 1
        rows = self._usable(node, position)
        self.overlaps[node.series, position] = rows
        if len(rows) < SMALLEST_OVERLAP:
            if node.is_subdomain:
                return
            raise OverlapTooSmall(
                f"{node.series}: {len(rows)} usable overlap systems before version "
                f"{position + 1}, {SMALLEST_OVERLAP} are needed"
            )
        past = self.stretches[position - 1]
        before = past.version.row_of[node.series]
        was, now = past.index[before][list(rows)], levels[list(rows)]
        if self.scale == "odds":
            was, now = np.log(was), np.log(now)
        everyone = range(len(rows))
        at, anchor = mean_over(was, everyone), mean_over(now, everyone)
        if self.scale == "odds":
            at, anchor = np.exp(at), np.exp(anchor)
            slope = at / anchor
        else:
            slope = past.slope[before]
            if self.link == "ratio":
                slope = at / np.where(anchor > 0, anchor, np.nan)
        stretch.at[row], stretch.anchor[row], stretch.slope[row] = at, anchor, slope
        stretch.used[row] = True

    def _usable(self, node: Node, position: int) -> tuple[int, ...]:
        """Rows of the overlap systems with a value at the node on this version and the last."""
        past = self.stretches[position - 1]
        before = past.version.row_of.get(node.series)
        if before is None or not past.used[before]:
            return ()
        new, old = (self.standings[n][node.series] for n in (position, position - 1))
        listed = self.pinned.get((node.series, position))
        if listed is None:
            names = self.problem.baskets[position].overlap
            listed = tuple(self.problem.row_of[name] for name in names)
        return tuple(row for row in listed if new.has_value[row] and old.has_value[row])

    def _refuse_infinite(self, stretch: Stretch) -> None:
        """End subdomains, and refuse the rest, where the overlap has no positive mean."""
        infinite = stretch.used & ~np.isfinite(stretch.slope).all(axis=1)
        for row in np.flatnonzero(infinite):
            node = stretch.version.nodes[row]
            if not node.is_subdomain:
                raise NotPositive(f"{node.series}: the overlap's mean is not above 0 points")
            stretch.used[row] = False

    def balance(self, shares: Shares) -> None:
        """Give the last version its balanced headline, from its linked domains."""
        stretch = self.stretches[-1]
        stretch.product = partial(self._product, stretch, len(self.stretches) - 1, shares)

    def _product(self, stretch: Stretch, position: int, shares: Shares) -> Array:
        version = stretch.version
        rows = [version.row_of[d.series] for d in version.domains]
        weights = [shares.get(d.series, d.share) for d in version.domains]
        product = balanced(weights, stretch.index[as_rows(rows)])
        has_value = self.standings[position]["balanced"].has_value[:, None]
        if self.pattern is not None and self.as_pattern:
            # A replicate in which a domain falls to 0 counts as 0, the limit of the product.
            product = np.nan_to_num(product, nan=0.0)
            has_value = ~np.isnan(self.pattern.index["balanced", position])
        return np.where(has_value, product, np.nan)

    def finished(self, *, geometric: bool) -> Chain:
        """The whole chain; `geometric` makes the headline the balanced one."""
        products = ("headline", "balanced") if geometric else ("balanced",)
        whole = dict.fromkeys(products, Stretch.balanced_values)
        index = BySeries(self.stretches, Stretch.values, whole)
        levels = BySeries(self.stretches, Stretch.level, {})
        return Chain(self.scale, geometric, levels, index, self.overlaps)


def _index(levels: Array, stretch: Stretch, out: Array | None) -> Array:
    """at + slope (L - anchor) for every node: (N, S, B)."""
    result = np.empty_like(levels) if out is None else out
    at, slope, anchor = (x[:, None] for x in (stretch.at, stretch.slope, stretch.anchor))
    systems = levels.shape[1]
    step = max(1, TILE * systems // max(levels.size, 1))
    with rows_as_they_are():
        for start in range(0, systems, step):
            part = result[:, start : start + step]
            np.subtract(levels[:, start : start + step], anchor, out=part)
            np.multiply(part, slope, out=part)
            np.add(part, at, out=part)
    return result
