"""Which known systems or evals an unknown name may mean, best first, each with why."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from evals.models import Alias, Eval, SourceName, System
from evals.models.names import NameKind
from evals.services.names import folded
from evals.services.suffixes import splits

MOST_SUGGESTIONS = 5
LEAST_SCORE = 45.0
# Points for what speaks for a target beside its name, on the scale of 0 to 100.
SAME_DEVELOPER = 8.0
OTHER_DEVELOPER = -12.0
TOO_EARLY = -15.0
OTHER_NUMBERS = -20.0
# A result may be older than the release that it is of: previews are measured.
EARLY = dt.timedelta(days=60)
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True)
class Suggestion:
    """A target, how well it fits (0 to 100), and in words why."""

    target: System | Eval
    score: float
    why: str


@dataclass(frozen=True)
class _Known:
    """A target under each of its names."""

    target: System | Eval
    names: tuple[str, ...]


def suggest(
    name: str, kind: str, developer: str = "", observed_on: dt.date | None = None
) -> list[Suggestion]:
    """The targets that a name may mean, best first.

    Names and aliases are compared by their words; a system's developer, if the source names one,
    its release date against the date of the result, and the numbers in the names, which tell one
    version from the next, move it up or down.
    """
    return Suggester(kind).suggest(name, developer, observed_on)


class Suggester:
    """Suggestions of one kind for many names, with the known names read once."""

    def __init__(self, kind: str) -> None:
        self._kind = NameKind(kind)
        self._known = list(_systems() if self._kind == NameKind.SYSTEM else _evals())

    def suggest(
        self, name: str, developer: str = "", observed_on: dt.date | None = None
    ) -> list[Suggestion]:
        """As the function of this name."""
        writings = _writings(name, self._kind)
        told = _told(name, self._kind)
        writings += [other for one in told for other in _aliases(one)]
        said = developer or _before_slash(name) or next((t.developer for t in told), "")
        found = [_compared(known, writings, said, observed_on) for known in self._known]
        found = [one for one in found if one.score >= LEAST_SCORE]
        return sorted(found, key=lambda one: (-one.score, one.target.slug))[:MOST_SUGGESTIONS]


def _systems() -> Iterator[_Known]:
    aliases: dict[int, list[str]] = {}
    for alias in Alias.objects.filter(system__isnull=False):
        aliases.setdefault(alias.system_id or 0, []).append(alias.name)
    for system in System.objects.select_related("developer"):
        yield _Known(system, (system.slug, system.name, *aliases.get(system.pk, ())))


def _evals() -> Iterator[_Known]:
    aliases: dict[int, list[str]] = {}
    for alias in Alias.objects.filter(eval__isnull=False):
        aliases.setdefault(alias.eval_id or 0, []).append(alias.name)
    for item in Eval.objects.select_related("domain"):
        yield _Known(item, (item.slug, item.name, *aliases.get(item.pk, ())))


def _writings(name: str, kind: NameKind) -> list[str]:
    """The name, and without what a source may have put before and after it."""
    found = [name]
    if kind == NameKind.SYSTEM:
        found += [rest for rest, _taken in splits(name)]
        found += [one.rpartition("/")[2] for one in found if "/" in one]
    return found


def _before_slash(name: str) -> str:
    return name.rpartition("/")[0].rpartition("/")[2]


def _told(name: str, kind: NameKind) -> list[SourceName]:
    """What sources tell of a name of a system."""
    return list(SourceName.objects.filter(name=name)) if kind == NameKind.SYSTEM else []


def _aliases(told: SourceName) -> list[str]:
    return [*told.aliases, *([told.family] if told.family else [])]


def _compared(
    known: _Known, writings: Iterable[str], developer: str, observed_on: dt.date | None
) -> Suggestion:
    pairs = [(_likeness(one, other), one, other) for one in writings for other in known.names]
    score, writing, other = max(pairs)
    why = [_("like %(name)s (%(score).0f of 100)") % {"name": other, "score": score}]
    if set(_NUMBERS.findall(writing)) != set(_NUMBERS.findall(other)):
        score += OTHER_NUMBERS
        why.append(_("other numbers in the name"))
    if isinstance(known.target, System):
        for points, reason in _facts(known.target, developer, observed_on):
            score += points
            why.append(reason)
    return Suggestion(known.target, round(min(max(score, 0.0), 100.0), 1), "; ".join(why))


def _likeness(one: str, other: str) -> float:
    """Of two names, 0 to 100: by their words in any order, or as they are written."""
    first, second = (" ".join(re.split(r"[\s_:/@()-]+", folded(name))) for name in (one, other))
    return max(fuzz.ratio(first, second), 0.95 * fuzz.token_sort_ratio(first, second))


def _facts(
    system: System, developer: str, observed_on: dt.date | None
) -> Iterator[tuple[float, str]]:
    if developer:
        names = (system.developer.name, system.developer.slug)
        if any(folded(developer) == folded(name) for name in names):
            yield SAME_DEVELOPER, _("the same developer")
        elif max(fuzz.partial_ratio(folded(developer), folded(name)) for name in names) < 80:
            yield OTHER_DEVELOPER, _("another developer, %(name)s") % {"name": names[0]}
    if observed_on is not None and observed_on < system.released_on - EARLY:
        yield TOO_EARLY, _("released later, on %(date)s") % {"date": system.released_on}
