"""Which systems and developers a chart brings out, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baskets.charts.chart import Key
    from baskets.selectors.catalog import SystemName

MOST = 8
"""Developers, and as many systems, that can be brought out at the same time."""

Named = tuple[str, str]
"""A slug and the name that stands for it."""


@dataclass(frozen=True)
class Offer:
    """A thing that a typed name may mean, and the parameter of an address that names it."""

    parameter: str
    slug: str
    name: str


@dataclass(frozen=True)
class Focus:
    """The chosen developers and systems; `alone`: the others are left out instead of grey.

    Without a choice nothing is brought out and nothing is grey. `typed` is a name that was entered
    and is that of no single thing; `offers` are what it may mean. `later` are slugs of what came
    after the past date: they are not among the chosen, and no name is told for them.
    """

    developers: tuple[Named, ...] = ()
    systems: tuple[Named, ...] = ()
    alone: bool = False
    typed: str = ""
    offers: tuple[Offer, ...] = ()
    later: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.developers or self.systems)

    def has(self, system: SystemName) -> bool:
        """Whether the system is among the chosen; every system is where nothing was chosen."""
        return (
            not self
            or any(slug == system.developer_slug for slug, _name in self.developers)
            or any(slug == system.slug for slug, _name in self.systems)
        )

    def among(self, systems: Iterable[SystemName]) -> Focus:
        """The part of the choice that brings out any of these systems."""
        systems = list(systems)
        makers, slugs = {each.developer_slug for each in systems}, {each.slug for each in systems}
        return replace(
            self,
            developers=tuple(named for named in self.developers if named[0] in makers),
            systems=tuple(named for named in self.systems if named[0] in slugs),
        )

    def less(self, other: Focus) -> Focus:
        """The choice without what the other one has."""
        return replace(
            self,
            developers=tuple(named for named in self.developers if named not in other.developers),
            systems=tuple(named for named in self.systems if named not in other.systems),
        )

    @property
    def names(self) -> list[str]:
        """What was chosen, developers first."""
        return [name for _slug, name in (*self.developers, *self.systems)]

    @property
    def state(self) -> dict[str, str]:
        """The parameters of an address that ask for it."""
        chosen = {
            "developers": ",".join(slug for slug, _name in self.developers),
            "systems": ",".join(slug for slug, _name in self.systems),
        }
        return {name: value for name, value in chosen.items() if value}


@dataclass(frozen=True)
class Maker:
    """A developer to choose, with the mark that its systems have in the chart."""

    slug: str
    name: str
    symbol: str
    colour: str


@dataclass(frozen=True)
class Picker:
    """What a reader can bring out in a chart: its developers, and what was chosen.

    `keys` are those of the chart that stand for no developer.
    """

    focus: Focus
    makers: tuple[Maker, ...]
    keys: tuple[Key, ...] = ()
