"""The list of systems with their values in one release: filtered, sorted and paged by SQL."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import (
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models import Value as Constant
from django.db.models.expressions import Expression
from django.db.models.functions import Cast, Coalesce, Lower

from baskets.models import IndexPoint, Release
from baskets.selectors.catalog import SystemName, system_name
from baskets.selectors.known import EVERYTHING, Known
from baskets.selectors.state import state_now
from baskets.selectors.values import Value
from evals.models import Alias, Developer, Generation, Score, System

SERIES = ("headline", "capability", "safety", "alignment")
SORTS = ("released", "name", "developer", *SERIES, "scores")
STATUSES = ("official", "provisional", "unmeasured")
AT_A_TIME = 500


@dataclass(frozen=True)
class Wanted:
    """Which systems are wanted; an empty text or None leaves a field open.

    With a `domain`, `status` is that of the value there, and systems without one are left out. The
    words of `text` each stand in a name, a slug or an alias.
    """

    developer: str = ""
    generation: str = ""
    domain: str = ""
    status: str = ""
    text: str = ""
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True)
class SystemRow:
    """A system, its values by series, and how many scores are recorded for it."""

    system: SystemName
    values: dict[str, Value]
    scores: int

    @property
    def columns(self) -> list[tuple[str, Value | None]]:
        """The values in the order of the table."""
        return [(series, self.values.get(series)) for series in SERIES]


def developers(known: Known = EVERYTHING) -> list[Developer]:
    """Developers that have a known system, by name."""
    found = Developer.objects.filter(Exists(_systems_of("developer", known)))
    return list(found.order_by("name"))


def makes(developer: str) -> bool:
    """Whether the developer of this slug has a system."""
    return System.objects.filter(developer__slug=developer).exists()


def generations(developer: str, known: Known = EVERYTHING) -> list[str]:
    """The names of a developer's generations that have a known system; none without a developer."""
    if not developer:
        return []
    with_system = Exists(_systems_of("generation", known))
    found = Generation.objects.filter(with_system, developer__slug=developer)
    return list(found.order_by("name").values_list("name", flat=True))


def _systems_of(field: str, known: Known) -> QuerySet[System]:
    return System.objects.filter(known.named("system"), **{field: OuterRef("pk")})


def systems_wanted(
    release: Release | None, wanted: Wanted, *, sort: str, known: Known = EVERYTHING
) -> QuerySet[System]:
    """The known systems that are wanted, by one of SORTS, descending with a leading minus.

    Systems without a value in the series that they are sorted by come last.
    """
    found = System.objects.filter(known.named("system"), _asked(wanted), *_texts(wanted.text))
    if wanted.domain or wanted.status:
        found = found.filter(_of_status(release, wanted))
    name = sort.removeprefix("-")
    key = _key(name, release, known)
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return found.select_related("developer", "generation").order_by(order, Lower("name"), "slug")


def _asked(wanted: Wanted) -> Q:
    fields = {
        "developer__slug": wanted.developer,
        "generation__name": wanted.generation,
        "released_on__gte": wanted.since,
        "released_on__lte": wanted.until,
    }
    return Q(**{name: value for name, value in fields.items() if value})


def _texts(text: str) -> Iterator[Q]:
    for word in text.split():
        aliases = Alias.objects.filter(system=OuterRef("pk"), name__icontains=word)
        yield Q(name__icontains=word) | Q(slug__icontains=word) | Q(Exists(aliases))


def _of_status(release: Release | None, wanted: Wanted) -> Q:
    if release is None:
        return Q() if wanted.status == "unmeasured" and not wanted.domain else Q(pk__in=[])
    points = _points(release).filter(system=OuterRef("pk"))
    points = points.filter(series__in=[wanted.domain] if wanted.domain else SERIES)
    has, official = Q(Exists(points)), Q(Exists(points.filter(official=True)))
    match wanted.status:
        case "official":
            return official
        case "provisional":
            return has & ~official
        case "unmeasured":
            return ~has
    return has


def _points(release: Release) -> QuerySet[IndexPoint]:
    return IndexPoint.objects.filter(release=release, on_official_version=True)


def _key(name: str, release: Release | None, known: Known) -> Expression | F | Subquery:
    if name in SERIES and release is not None:
        points = _points(release).filter(system=OuterRef("pk"), series=name)
        return Subquery(points.values("value")[:1])
    if name == "scores":
        counted = Func(
            Constant(_score_counts(state_now(), known), output_field=TextField()),
            Cast("pk", TextField()),
            template="(%(expressions)s)::int",
            arg_joiner="::jsonb ->> ",
            output_field=IntegerField(),
        )
        return Coalesce(counted, 0)
    if name == "developer":
        return Lower("developer__name")
    return Lower("name") if name == "name" else F("released_on")


@lru_cache(maxsize=8)
def _score_counts(state: tuple[object, ...], known: Known) -> str:
    """How many scores each system has, as JSON by key: counted once in each state of the site.

    To count a million scores takes as long as all the rest of the page.
    """
    scores = Score.objects.filter(known.scores()).order_by()
    counts = scores.values_list("system").annotate(n=Count("*"))
    return json.dumps({str(system): n for system, n in counts})


def rows_of(
    systems: Sequence[System], release: Release | None, known: Known = EVERYTHING
) -> list[SystemRow]:
    """The rows of some systems, in their order, in two queries."""
    keys = [system.pk for system in systems]
    values: dict[int, dict[str, Value]] = defaultdict(dict)
    if release is not None:
        points = _points(release).filter(series__in=SERIES, system__in=keys)
        fields = ("system_id", "series", "value", "low", "high", "coverage", "official")
        for system, series, *value in points.values_list(*fields):
            values[system][series] = Value(*value)
    scores = Score.objects.filter(known.scores(), system__in=keys).order_by()
    counts = dict(scores.values_list("system").annotate(n=Count("*")))
    return [
        SystemRow(system_name(system), values[system.pk], counts.get(system.pk, 0))
        for system in systems
    ]


def every_row(
    systems: QuerySet[System], release: Release | None, known: Known = EVERYTHING
) -> Iterator[SystemRow]:
    """The rows of all systems of a query, some at a time."""
    found = list(systems)
    for start in range(0, len(found), AT_A_TIME):
        yield from rows_of(found[start : start + AT_A_TIME], release, known)
