"""Systems on capability and on another domain at once, and those that none beats on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from baskets.models import Release
from baskets.selectors.catalog import SystemName, system_names
from baskets.selectors.frontier import Mark, marks_of

DOMAINS = ("safety", "alignment")


@dataclass(frozen=True)
class Both:
    """A system's value in capability (`across`) and in the other domain (`up`).

    official: in both. front: official, and no other official system is at least as high in both
    and higher in one.
    """

    across: Mark
    up: Mark
    front: bool = False

    @property
    def system(self) -> SystemName:
        """The system."""
        return self.across.system

    @property
    def official(self) -> bool:
        """Whether both values count."""
        return self.across.official and self.up.official


@dataclass(frozen=True)
class ParetoFacts:
    """Every system with a value in both, the most capable first."""

    domain: str
    base: str
    systems: tuple[Both, ...]

    @property
    def front(self) -> tuple[Both, ...]:
        """The front, the least capable first."""
        return tuple(both for both in self.systems[::-1] if both.front)


def pareto_facts(release: Release, domain: str) -> ParetoFacts:
    """Capability and a domain of every system that has both, as the release has them."""
    systems = system_names()
    across = {mark.system.slug: mark for mark in marks_of(release, "capability", systems)}
    pairs = [
        Both(across[mark.system.slug], mark)
        for mark in marks_of(release, domain, systems)
        if mark.system.slug in across
    ]
    return ParetoFacts(domain, release.basket.base.name, with_front(pairs))


def with_front(pairs: Sequence[Both]) -> tuple[Both, ...]:
    """The systems by falling capability, those of the front marked.

    Down the order a system is on the front exactly where it is higher than all before it; of equal
    capability only the higher is, and systems equal in both stand or fall together.
    """
    ordered = sorted(pairs, key=lambda b: (-b.across.value, -b.up.value, b.system.slug))
    found: list[Both] = []
    best: tuple[float, float] | None = None
    for both in ordered:
        place = (both.across.value, both.up.value)
        front = both.official and (best is None or place[1] > best[1] or place == best)
        if front:
            best = place
        found.append(replace(both, front=front))
    return tuple(found)
