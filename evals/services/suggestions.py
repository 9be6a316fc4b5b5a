"""Which known systems or evals an unknown name may mean, best first, each with why."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from evals.models import Alias, Eval, SourceName, System
from evals.models.names import NameKind
from evals.services.names import folded, reading, respelled
from evals.services.suffixes import splits

MOST_SUGGESTIONS = 5
# So like a name must be at the least, and so much must be left when all else is weighed.
LEAST_LIKENESS = 55.0
LEAST_SCORE = 45.0
# Points for what speaks for a target beside its name, on the scale of 0 to 100.
SAME_DEVELOPER = 8.0
OTHER_DEVELOPER = -12.0
TOO_EARLY = -15.0
OTHER_NUMBERS = -20.0
SAME_RELEASE = 6.0
OTHER_RELEASE = -10.0
# A result may be older than the release that it is of: previews are measured.
EARLY = dt.timedelta(days=60)
# What a source says of a release, against the date that is known here.
NEAR, FAR = dt.timedelta(days=7), dt.timedelta(days=90)
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Suggestion:
    """A target, how well it fits (0 to 100), and in words why.

    `said` is what the name then says of how the system was run, as `identity.said_by` has it.
    """

    target: System | Eval
    score: float
    why: str
    said: str = ""


@dataclass(frozen=True)
class _Known:
    """A target under each of its names; `own` are those that say nothing else."""

    target: System | Eval
    names: tuple[str, ...]
    own: tuple[str, ...]


@dataclass(frozen=True)
class _Told:
    """What is known of the name itself: its maker, a result's date, and its release."""

    developer: str
    observed_on: dt.date | None
    released_on: dt.date | None


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
        released_on = next((t.released_on for t in told), None)
        facts = _Told(said, observed_on, released_on)
        pairs = [(_compared(known, writings, facts), known) for known in self._known]
        pairs = [(one, known) for one, known in pairs if one.score >= LEAST_SCORE]
        pairs.sort(key=lambda pair: (-pair[0].score, pair[0].target.slug))
        return [self._with_said(name, *pair) for pair in pairs[:MOST_SUGGESTIONS]]

    def _with_said(self, name: str, found: Suggestion, known: _Known) -> Suggestion:
        if self._kind == NameKind.EVAL:
            return found
        return replace(found, said=reading(name, known.own)[1])


def _systems() -> Iterator[_Known]:
    aliases: dict[int, list[Alias]] = {}
    for alias in Alias.objects.filter(system__isnull=False):
        aliases.setdefault(alias.system_id or 0, []).append(alias)
    for system in System.objects.select_related("developer"):
        also = aliases.get(system.pk, [])
        own = (system.slug, system.name, *(a.name for a in also if not a.elicitation))
        yield _Known(system, (*own, *(a.name for a in also if a.elicitation)), own)


def _evals() -> Iterator[_Known]:
    aliases: dict[int, list[str]] = {}
    for alias in Alias.objects.filter(eval__isnull=False):
        aliases.setdefault(alias.eval_id or 0, []).append(alias.name)
    for item in Eval.objects.select_related("domain"):
        names = (item.slug, item.name, *aliases.get(item.pk, ()))
        yield _Known(item, names, names)


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


def _compared(known: _Known, writings: Iterable[str], told: _Told) -> Suggestion:
    pairs = [(_likeness(one, other), one, other) for one in writings for other in known.names]
    score, writing, other = max(pairs)
    if score < LEAST_LIKENESS:
        return Suggestion(known.target, 0.0, "")
    why = [_("like %(name)s (%(score).0f of 100)") % {"name": other, "score": score}]
    if _NUMBERS.findall(writing) != _NUMBERS.findall(other):
        score += OTHER_NUMBERS
        why.append(_("other numbers in the name"))
    if isinstance(known.target, System):
        for points, reason in _facts(known.target, told):
            score += points
            why.append(reason)
    return Suggestion(known.target, round(min(max(score, 0.0), 100.0), 1), "; ".join(why))


def _likeness(one: str, other: str) -> float:
    """Of two names, 0 to 100: by their words in any order, or as they are written."""
    first, second = (respelled(name).replace("/", " ") for name in (one, other))
    return max(fuzz.ratio(first, second), 0.95 * fuzz.token_sort_ratio(first, second))


def _facts(system: System, told: _Told) -> Iterator[tuple[float, str]]:
    if told.developer:
        names = (system.developer.name, system.developer.slug)
        said = folded(told.developer)
        if any(said == folded(name) for name in names):
            yield SAME_DEVELOPER, _("the same developer")
        elif max(fuzz.partial_ratio(said, folded(name)) for name in names) < 80:
            yield OTHER_DEVELOPER, _("another developer, %(name)s") % {"name": names[0]}
    if told.observed_on is not None and told.observed_on < system.released_on - EARLY:
        yield TOO_EARLY, _("released later, on %(date)s") % {"date": system.released_on}
    if told.released_on is not None:
        apart = abs(told.released_on - system.released_on)
        if apart <= NEAR:
            yield SAME_RELEASE, _("released at the same time")
        elif apart > FAR:
            yield (
                OTHER_RELEASE,
                _("released at another time, %(date)s") % {"date": system.released_on},
            )
