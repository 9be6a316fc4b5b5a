"""Which system or eval a source means: slug, name or alias, in any case; never a guess."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, Self, TypeVar

from evals.models import Alias, Eval, NameDecision, System
from evals.models.names import NameKind
from evals.records import ScoreRecord
from evals.services.suffixes import splits

Target = TypeVar("Target", System, Eval)


def folded(name: str) -> str:
    """The form in which names are compared: spaces collapsed, case folded."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True)
class Match(Generic[Target]):
    """What a name means, and what of it was not the name but how the system was run."""

    target: Target
    elicitation: str = ""


@dataclass(frozen=True)
class NameBook:
    """All known names; a name that means two things is not in it, so that it holds the row.

    `ignored` gives the reason for each name, by kind, that a person said is not wanted.
    """

    systems: dict[str, System]
    evals: dict[str, Eval]
    ignored: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Self:
        """The names as the database has them now, in four queries."""
        systems = list(System.objects.select_related("developer"))
        evals = list(Eval.objects.select_related("domain"))
        aliases = list(Alias.objects.all())
        by_system = {system.pk: system for system in systems}
        by_eval = {item.pk: item for item in evals}
        return cls(
            systems=_book(
                [(s.slug, s) for s in systems],
                [(s.name, s) for s in systems]
                + [(a.name, by_system[a.system_id]) for a in aliases if a.system_id in by_system],
            ),
            evals=_book(
                [(e.slug, e) for e in evals],
                [(e.name, e) for e in evals]
                + [(a.name, by_eval[a.eval_id]) for a in aliases if a.eval_id in by_eval],
            ),
            ignored=_ignored(),
        )

    def system(self, name: str) -> Match[System] | None:
        """The system that a name means, as it stands or without what says how it was run.

        The whole name is tried first, then with its developer's name before a slash taken off, then
        with ever more suffixes taken off, as long as what is left is not known.
        """
        if found := self._system(name):
            return Match(found)
        for rest, taken in splits(name):
            if found := self._system(rest):
                return Match(found, taken)
        return None

    def _system(self, name: str) -> System | None:
        if found := self.systems.get(folded(name)):
            return found
        developer, slash, rest = name.partition("/")
        found = self.systems.get(folded(rest)) if slash else None
        if found is None:
            return None
        its_own = (folded(found.developer.slug), folded(found.developer.name))
        return found if folded(developer) in its_own else None

    def eval(self, name: str) -> Match[Eval] | None:
        """The eval that a name means; the parts of an eval's name are never taken off."""
        found = self.evals.get(folded(name))
        return Match(found) if found else None

    def ignoring(self, record: ScoreRecord) -> str:
        """Why a record of these names is not wanted, in words; empty where nobody said so."""
        for kind, name in ((NameKind.SYSTEM, record.system), (NameKind.EVAL, record.eval)):
            if (reason := self.ignored.get((kind, folded(name)))) is not None:
                return f"the {kind.value} {name!r} is to be ignored: {reason}"
        return ""

    def unknown(self, record: ScoreRecord) -> str:
        """What of a record's names nobody knows, in words."""
        names = (
            ("system", record.system, self.system(record.system)),
            ("eval", record.eval, self.eval(record.eval)),
        )
        return " and ".join(f"{kind} {name!r}" for kind, name, found in names if found is None)


def _ignored() -> dict[tuple[str, str], str]:
    """The newest verdict about each name decides."""
    newest = {(d.kind, folded(d.name)): d for d in NameDecision.objects.order_by("id")}
    verdict = NameDecision.Verdict.IGNORED
    return {key: d.reason for key, d in newest.items() if d.verdict == verdict}


def _book(
    slugs: Iterable[tuple[str, Target]], others: Iterable[tuple[str, Target]]
) -> dict[str, Target]:
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
