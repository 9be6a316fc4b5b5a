"""The best system of every generation, per series, as one release has it."""

from __future__ import annotations

from dataclasses import dataclass

from baskets.models import Release
from baskets.selectors.catalog import SystemName, system_names
from baskets.selectors.frontier import Step, steps_of
from baskets.selectors.ladder import Ladder, Rung
from baskets.selectors.remembered import remembered


@dataclass(frozen=True)
class GenerationPoint:
    """A generation's value: its best official system, or its best provisional one, so marked."""

    system: SystemName
    value: float
    low: float | None
    high: float | None
    official: bool


@dataclass(frozen=True)
class GenerationFacts:
    """One series: the generations of each developer, oldest first, and the frontier."""

    series: str
    base: str
    developers: tuple[tuple[SystemName, tuple[GenerationPoint, ...]], ...]
    steps: tuple[Step, ...]

    @property
    def ladder(
        self,
    ) -> list[tuple[SystemName, list[tuple[GenerationPoint, float | None]]]]:
        """Each generation with its step from the one before, where both are official."""
        return [(developer, _steps(points)) for developer, points in self.developers]


def _steps(
    points: tuple[GenerationPoint, ...],
) -> list[tuple[GenerationPoint, float | None]]:
    found: list[tuple[GenerationPoint, float | None]] = []
    before: GenerationPoint | None = None
    for point in points:
        counted = point.official and before is not None
        found.append((point, point.value - before.value if counted and before else None))
        before = point if point.official else before
    return found


@remembered(8)
def generation_facts(release: Release, series: str) -> GenerationFacts:
    """Generations by developer; developers with the most official generations come first."""
    systems = system_names()
    stored = release.summary.get("series", {}).get(series, {}).get("generations", [])
    found: dict[str, list[GenerationPoint]] = {}
    for row in stored:
        point = GenerationPoint(
            system=systems[row["system"]],
            value=row["value"],
            low=row.get("low"),
            high=row.get("high"),
            official=row["official"],
        )
        found.setdefault(point.system.developer_slug, []).append(point)
    groups = []
    for points in found.values():
        points.sort(key=lambda point: (point.system.released_on, point.system.slug))
        groups.append((points[-1].system, tuple(points)))
    groups.sort(key=lambda group: (-_officials(group[1]), -len(group[1]), group[0].developer))
    return GenerationFacts(
        series=series,
        base=release.basket.base.name,
        developers=tuple(groups),
        steps=steps_of(release, series, systems),
    )


def _officials(points: tuple[GenerationPoint, ...]) -> int:
    return sum(point.official for point in points)


@dataclass(frozen=True)
class Group:
    """A developer's generations with their steps, and its like-for-like rungs, oldest first."""

    developer: SystemName
    generations: tuple[tuple[GenerationPoint, float | None], ...]
    rungs: tuple[Rung, ...]

    @property
    def newest(self) -> GenerationPoint:
        """The generation that came out last."""
        return self.generations[-1][0]


def groups_of(facts: GenerationFacts, ladder: Ladder, developer: str = "") -> list[Group]:
    """The generations of every developer, or of the one of this slug, beside their rungs."""
    rungs = {maker.developer_slug: found for maker, found in ladder.developers}
    return [
        Group(maker, tuple(points), rungs.get(maker.developer_slug, ()))
        for maker, points in facts.ladder
        if developer in ("", maker.developer_slug)
    ]
