"""Which system or eval a source means: slug, name or alias, in any case; never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Self, TypeVar

from evals.models import Alias, Eval, NameDecision, System
from evals.models.names import NameKind
from evals.records import ScoreRecord
from evals.services.suffixes import splits

Target = TypeVar("Target", System, Eval)

# What stands between the words of a name; a plus sign only where it stands alone ("command-r+").
_BETWEEN = re.compile(r"(?:[\s_:@()\[\],-]|(?<!\S)\+(?!\S))+")
_EFFORT_WORDS = re.compile(r"\b(?:effort|reasoning|thinking)\b", re.IGNORECASE)


def folded(name: str) -> str:
    """The form in which names are compared: spaces collapsed, case folded."""
    return " ".join(name.split()).casefold()


def respelled(name: str) -> str:
    """The form in which spellings of one name are equal: "o3 (High)" and "o3_high" as "o3 high"."""
    return _BETWEEN.sub(" ", name).strip().casefold()


@dataclass(frozen=True)
class Match(Generic[Target]):
    """What a name means, and what of it was not the name but how the system was run."""

    target: Target
    elicitation: str = ""

    def run_with(self, *more: str) -> Match[Target]:
        """The same target, with more said of how it was run."""
        said = (self.elicitation, *more)
        return Match(self.target, ", ".join(part for part in said if part))


_Named = tuple[str, Match[Target]]


@dataclass(frozen=True)
class Known(Generic[Target]):
    """The names of one kind: as they are written, and as they may be spelled otherwise.

    `written` has a slug for its own target always, another name only where it means one thing.
    `spelled` has all that the names of one spelling mean.
    """

    written: dict[str, Match[Target]]
    spelled: dict[str, tuple[Match[Target], ...]]

    @classmethod
    def of(
        cls, targets: Iterable[Target], aliases: Iterable[tuple[str, Match[Target]]] = ()
    ) -> Known[Target]:
        """The slugs and names of these targets, and their aliases."""
        all_of = [(target, Match(target)) for target in targets]
        slugs: list[_Named[Target]] = [(target.slug, match) for target, match in all_of]
        others: list[_Named[Target]] = [(target.name, match) for target, match in all_of]
        others.extend(aliases)
        found = _by(folded, others)
        written = {name: meant[0] for name, meant in found.items() if len(meant) == 1}
        written.update((folded(slug), match) for slug, match in slugs)
        return Known(written, _by(respelled, slugs + others))

    def meanings(self, name: str) -> tuple[Match[Target], ...]:
        """What a whole name may mean: as it is written, or else by its spelling."""
        if found := self.written.get(folded(name)):
            return (found,)
        return self.spelled.get(respelled(name), ())


@dataclass(frozen=True)
class NameBook:
    """All known names; a name that means two things is held, whatever part of it means.

    `ignored` gives the reason for each name, by kind, that a person said is not wanted.
    """

    systems: Known[System]
    evals: Known[Eval]
    ignored: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Self:
        """The names as the database has them now, in four queries."""
        systems = {s.pk: s for s in System.objects.select_related("developer")}
        evals = {e.pk: e for e in Eval.objects.select_related("domain")}
        aliases = list(Alias.objects.all())
        return cls(
            systems=Known.of(
                systems.values(),
                [
                    (a.name, Match(systems[a.system_id], a.elicitation))
                    for a in aliases
                    if a.system_id in systems
                ],
            ),
            evals=Known.of(
                evals.values(),
                [(a.name, Match(evals[a.eval_id])) for a in aliases if a.eval_id in evals],
            ),
            ignored=_ignored(),
        )

    def system(self, name: str) -> Match[System] | None:
        """The system that a name means, as it stands or without what says how it was run.

        The whole name is tried first, in any spelling, then with its developer's name before a
        slash taken off, then with ever more suffixes taken off, as long as what is left is not
        known. Of two readings the one that leaves more of the name to the system holds: "o3_high"
        is the system o3-high where there is one, and else o3 at high effort. None where nobody
        knows the name or where it may mean two systems.
        """
        found = self.readings(name)
        return found[0] if len(found) == 1 else None

    def readings(self, name: str) -> tuple[Match[System], ...]:
        """Everything that a name may mean; more than one is for a person to decide."""
        for rest, taken in ((name, ""), *splits(name)):
            found = self._whole(rest)
            if len(found) > 1:
                return found
            if found:
                whole = found[0].run_with(taken)
                surely = self._special(rest, taken, whole.target)
                perhaps = self._special(rest, taken, whole.target, bare=True)
                return (whole, *surely, *perhaps) if perhaps else surely or (whole,)
        return ()

    def _whole(self, name: str) -> tuple[Match[System], ...]:
        if found := self.systems.meanings(name):
            return found
        developer, slash, rest = name.partition("/")
        meant = self.systems.meanings(rest) if slash else ()
        return tuple(match for match in meant if _is_of(match.target, developer))

    def _special(
        self, rest: str, taken: str, general: System, *, bare: bool = False
    ) -> tuple[Match[System], ...]:
        """Other systems to whose names a part of what was taken off belongs.

        "o3 (no tools, high)" is o3-high where there is one. bare: without words such as "effort";
        "o3 (high effort)" may be that system, but does not say so.
        """
        parts = [part for part in taken.split(", ") if part]
        found: dict[Match[System], None] = {}
        for part in parts:
            said = _EFFORT_WORDS.sub("", part).strip(" _-") if bare else part
            others = [other for other in parts if other != part]
            if not bare or said != part:
                for match in self._whole(f"{rest} {said}"):
                    found[match.run_with(*others)] = None
        return tuple(match for match in found if match.target != general)

    def eval(self, name: str) -> Match[Eval] | None:
        """The eval that a name means; the parts of an eval's name are never taken off."""
        return self.evals.written.get(folded(name))

    def ignoring(self, record: ScoreRecord) -> str:
        """Why a record of these names is not wanted, in words; empty where nobody said so."""
        for kind, name in ((NameKind.SYSTEM, record.system), (NameKind.EVAL, record.eval)):
            if (reason := self.ignored.get((kind, folded(name)))) is not None:
                return f"the {kind.value} {name!r} is to be ignored: {reason}"
        return ""

    def settles(self, system: str, item: str) -> bool:
        """Whether rows of these names wait no longer: both are known, or one is to be ignored."""
        if (NameKind.SYSTEM, folded(system)) in self.ignored:
            return True
        if (NameKind.EVAL, folded(item)) in self.ignored:
            return True
        return self.eval(item) is not None and self.system(system) is not None

    def unknown(self, record: ScoreRecord) -> str:
        """What of a record's names nobody knows, in words."""
        return " and ".join(self._unknown(record))

    def _unknown(self, record: ScoreRecord) -> Iterator[str]:
        meant = self.readings(record.system)
        if len(meant) > 1:
            slugs = " or ".join(match.target.slug for match in meant)
            yield f"system {record.system!r}, which may be {slugs}"
        elif not meant:
            yield f"system {record.system!r}"
        if self.eval(record.eval) is None:
            yield f"eval {record.eval!r}"


def reading(name: str, known: Iterable[str]) -> tuple[str, str]:
    """(what is the system's name, what says how it was run) of a name for a system of known names.

    Where none of them is in the name, everything that can be taken off says how it was run.
    """
    spellings = {respelled(one) for one in known}
    parts = [(name, ""), *splits(name)]
    for rest, taken in parts:
        if {respelled(rest), respelled(rest.rpartition("/")[2])} & spellings:
            return rest, taken
    return parts[-1]


def _is_of(system: System, developer: str) -> bool:
    its_own = (respelled(system.developer.slug), respelled(system.developer.name))
    return respelled(developer) in its_own


def _ignored() -> dict[tuple[str, str], str]:
    """The newest verdict about each name decides."""
    newest = {(d.kind, folded(d.name)): d for d in NameDecision.objects.order_by("id")}
    verdict = NameDecision.Verdict.IGNORED
    return {key: d.reason for key, d in newest.items() if d.verdict == verdict}


def _by(
    form: Callable[[str], str], names: Iterable[tuple[str, Match[Target]]]
) -> dict[str, tuple[Match[Target], ...]]:
    """What the names of each form mean, each meaning once."""
    found: dict[str, dict[Match[Target], None]] = {}
    for name, match in names:
        found.setdefault(form(name), {})[match] = None
    return {key: tuple(meanings) for key, meanings in found.items()}
