"""Which evals could take the place of another one in a basket, and how well they would be linked.

A successor stands in the same domain, is counted by nothing yet, has goalposts and was measured.
Those of the same subdomain come first; then those that share most systems with the eval that is
replaced, because the link between two versions rests on systems that both observe.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from baskets.models import Release
from baskets.selectors import releases
from baskets.selectors.analyses import watch_of
from baskets.selectors.catalog import EvalName, eval_names
from evals.models import Eval

Measured = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Successor:
    """An eval that could enter; systems: measured on it; overlap: measured on both."""

    eval: EvalName
    same_subdomain: bool
    systems: int
    overlap: int
    headroom: float | None


@dataclass(frozen=True)
class Field:
    """What a release knows of every eval: who was measured on it, and what room is left."""

    names: Mapping[str, EvalName]
    measured: Measured
    headroom: Mapping[str, float | None]
    usable: frozenset[str]

    @classmethod
    def of(cls, release: Release) -> Field:
        """All of it, in four queries."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in releases.short_bundle(release)["problem"]["scores"]:
            found[row["eval"]].add(row["system"])
        watch = watch_of(release).rows
        ends = Eval.objects.filter(floor__isnull=False, ceiling__isnull=False)
        return cls(
            names=eval_names(),
            measured={name: frozenset(systems) for name, systems in found.items()},
            headroom={name: row["headroom"] for name, row in watch.items()},
            usable=frozenset(ends.values_list("slug", flat=True)),
        )

    def overlap(self, one: str, other: str) -> int:
        """How many systems were measured on both."""
        return len(self.measured.get(one, frozenset()) & self.measured.get(other, frozenset()))

    def successors(self, slug: str, counted: Collection[str], most: int = 3) -> list[Successor]:
        """The best candidates, those without a common system left out."""
        old = self.names[slug]
        found = [
            Successor(
                item,
                item.subdomain == old.subdomain,
                len(self.measured[name]),
                self.overlap(slug, name),
                self.headroom.get(name),
            )
            for name, item in self.names.items()
            if name in self.usable and name in self.measured and name not in counted
            and item.domain == old.domain and name != slug
        ]  # fmt: skip
        found = [row for row in found if row.overlap]
        found.sort(key=lambda row: (not row.same_subdomain, -row.overlap, row.eval.name))
        return found[:most]
