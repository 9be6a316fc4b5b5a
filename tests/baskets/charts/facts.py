"""Small facts for figures, made by hand."""

from __future__ import annotations

import datetime as dt

from baskets.selectors.catalog import EvalName, SystemName
from baskets.selectors.frontier import FrontierFacts, Mark, Step


def system(
    slug: str, day: str, *, developer: str = "openai", generation: str = "One"
) -> SystemName:
    return SystemName(
        slug=slug,
        name=slug.upper(),
        developer=developer.title(),
        developer_slug=developer,
        generation=generation,
        released_on=dt.date.fromisoformat(day),
    )


def eval_name(slug: str, domain: str = "capability") -> EvalName:
    return EvalName(slug, slug.title(), domain, "coding", "percent")


def mark(
    slug: str, day: str, value: float, *, official: bool = True, developer: str = "openai"
) -> Mark:
    made = system(slug, day, developer=developer, generation=f"gen {slug}")
    return Mark(made, value, value - 10, value + 12, 0.5, official, 1)


def steps_of(marks: tuple[Mark, ...]) -> tuple[Step, ...]:
    """The official marks that pass every official one before them."""
    steps: list[Step] = []
    for item in marks:
        before = steps[-1] if steps else None
        if item.official and (before is None or item.value > before.value):
            passed = (before.value, before.system) if before else (None, None)
            change = item.value - before.value if before else 0.0
            rise = (change - 12, change + 12) if before else ()
            steps.append(Step(item.system, item.value, item.low, item.high, *passed, *rise))
    return tuple(steps)


def frontier(marks: tuple[Mark, ...] | None = None) -> FrontierFacts:
    """Three systems: a first, a provisional one above it, and one that passes the first."""
    marks = marks or (
        mark("a", "2024-05-13", 100.0),
        mark("b", "2025-01-01", 180.0, official=False, developer="mistral-ai"),
        mark("c", "2025-06-01", 150.0, developer="anthropic"),
    )
    return FrontierFacts(
        series="capability",
        base="A",
        vintage_on=dt.date(2025, 12, 31),
        steps=steps_of(marks),
        marks=marks,
        changes=((1, dt.date(2024, 5, 13)), (2, dt.date(2025, 3, 1))),
    )
