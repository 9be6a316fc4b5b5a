"""Which system or eval a source means: slug, name or alias, in any case; never a guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypeVar

from evals.models import Alias, Eval, System

Target = TypeVar("Target", System, Eval)


def folded(name: str) -> str:
    """The form in which names are compared: spaces collapsed, case folded."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True)
class NameBook:
    """All known names; a name that means two things is not in it, so that it holds the row."""

    systems: dict[str, System]
    evals: dict[str, Eval]

    @classmethod
    def load(cls) -> Self:
        """The names as the database has them now, in four queries."""
        systems = list(System.objects.all())
        evals = list(Eval.objects.select_related("domain"))
        aliases = list(Alias.objects.all())
        by_system = {system.pk: system for system in systems}
        by_eval = {item.pk: item for item in evals}
        return cls(
            systems=_book(
                [(s.slug, s) for s in systems],
                [(s.name, s) for s in systems]
                + [(a.name, by_system[a.system_id]) for a in aliases if a.system_id],
            ),
            evals=_book(
                [(e.slug, e) for e in evals],
                [(e.name, e) for e in evals]
                + [(a.name, by_eval[a.eval_id]) for a in aliases if a.eval_id],
            ),
        )


def _book(slugs: list[tuple[str, Target]], others: list[tuple[str, Target]]) -> dict[str, Target]:
    """Names to objects: a slug always wins, another name only where it means one thing."""
    found: dict[str, Target] = {}
    unclear: set[str] = set()
    for name, target in others:
        key = folded(name)
        if key in found and found[key] is not target:
            unclear.add(key)
        found[key] = target
    for key in unclear:
        del found[key]
    found.update((folded(slug), target) for slug, target in slugs)
    return found
