"""What a reader can search for: systems, evals, developers, releases and the methodology."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import get_language

from baskets.matching import Entry, Table
from baskets.models import Release
from baskets.sections import SECTIONS
from baskets.selectors.known import Known
from baskets.selectors.releases import OFFICIAL_BASKET
from baskets.selectors.state import state_now
from evals.models import Alias, Developer, Eval, System

KINDS = ("system", "eval", "developer", "release", "section")
# Finds on a past date are sought among so many, for some of them were not known then.
SOUGHT = 200


@dataclass(frozen=True)
class Facts:
    """What is told of a find beside its name."""

    developer: str = ""
    released_on: dt.date | None = None
    domain: str = ""
    subdomain: str = ""
    systems: int = 0


@dataclass(frozen=True)
class Find:
    """A thing that was found."""

    kind: str
    slug: str
    name: str
    facts: Facts


@dataclass
class Names:
    """Every name that can be searched for, and what is told of each thing."""

    entries: list[Entry] = field(default_factory=list)
    facts: dict[tuple[str, str], Facts] = field(default_factory=dict)

    def add(self, entry: Entry, facts: Facts) -> None:
        """Add a thing."""
        self.entries.append(entry)
        self.facts[entry.kind, entry.key] = facts


def search(query: str, known: Known, *, most: int, kinds: Sequence[str] = KINDS) -> list[Find]:
    """What fits the query best and was known, at most `most`; see `baskets.matching`."""
    table, facts = _table(state_now(), get_language() or "")
    found = table.find(query, most=most if known.on is None else SOUGHT, kinds=kinds)
    if known.on is not None:
        found = _known(found, known)
    finds = [
        Find(entry.kind, entry.key, entry.names[0], facts[entry.kind, entry.key])
        for entry in found[:most]
    ]
    return finds if known.on is None else _as_told(finds, known)


def _as_told(finds: Sequence[Find], known: Known) -> list[Find]:
    """The finds without what was not known of them: later systems, and dates still to come."""
    counts = _systems_of((find.slug for find in finds if find.kind == "developer"), known)
    told = []
    for find in finds:
        day = find.facts.released_on
        facts = replace(find.facts, released_on=day if known.includes(day) else None)
        if find.kind == "developer":
            facts = replace(facts, systems=counts.get(find.slug, 0))
        told.append(replace(find, facts=facts))
    return told


def _systems_of(developers: Iterable[str], known: Known) -> dict[str, int]:
    """How many systems of each developer were known."""
    systems = System.objects.filter(known.named("system"), developer__slug__in=list(developers))
    rows = systems.values_list("developer__slug").annotate(n=Count("pk")).order_by()
    return dict(rows)


@lru_cache(maxsize=4)
def _table(state: tuple[object, ...], language: str) -> tuple[Table, dict[tuple[str, str], Facts]]:
    """The table of a state of the site; the methodology's titles are in the reader's language."""
    names = _names(state)
    sections = [Entry("section", key, (str(title),), rank=4) for key, title in SECTIONS]
    facts = names.facts | {("section", entry.key): Facts() for entry in sections}
    return Table([*names.entries, *sections]), facts


@lru_cache(maxsize=1)
def _names(state: tuple[object, ...]) -> Names:
    names = Names()
    _add_systems(names)
    _add_evals(names)
    _add_releases(names)
    return names


def _add_systems(names: Names) -> None:
    aliases = _aliases("system")
    counts: dict[tuple[str, str], int] = defaultdict(int)
    columns = ("pk", "slug", "name", "developer__slug", "developer__name", "generation__name",
               "released_on")  # fmt: skip
    for pk, slug, name, developer, maker, generation, day in System.objects.values_list(*columns):
        counts[developer, maker] += 1
        # The newest first, among those that fit equally well.
        entry = Entry(
            "system", slug, (name, slug, *aliases[pk]), (maker, generation), -day.toordinal() / 1e7
        )
        names.add(entry, Facts(developer=maker, released_on=day))
    for (slug, name), count in counts.items():
        names.add(Entry("developer", slug, (name, slug), rank=-1), Facts(systems=count))


def _add_evals(names: Names) -> None:
    aliases = _aliases("eval")
    columns = ("pk", "slug", "name", "domain__slug", "subdomain")
    for pk, slug, name, domain, subdomain in Eval.objects.values_list(*columns):
        entry = Entry("eval", slug, (name, slug, *aliases[pk]), (domain, subdomain), 1)
        names.add(entry, Facts(domain=domain, subdomain=subdomain))


def _add_releases(names: Names) -> None:
    releases = Release.objects.filter(basket__slug=OFFICIAL_BASKET)
    for number, day in releases.values_list("number", "vintage_on"):
        said = (f"release {number}", day.isoformat())
        entry = Entry("release", str(number), said, (f"{day:%B %Y}",), 3 - number / 1e6)
        names.add(entry, Facts(released_on=day))


def _aliases(field_name: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = Alias.objects.filter(**{f"{field_name}__isnull": False})
    for pk, name in rows.values_list(field_name, "name"):
        found[pk].append(name)
    return found


def _known(found: Iterable[Entry], known: Known) -> list[Entry]:
    """Those that were known on the date, in their order."""
    keys: dict[str, list[str]] = defaultdict(list)
    found = list(found)
    for entry in found:
        keys[entry.kind].append(entry.key)
    systems = System.objects.filter(known.named("system"))
    items = Eval.objects.filter(known.named("eval"), slug__in=keys["eval"])
    makers = Developer.objects.filter(Exists(systems.filter(developer=OuterRef("pk"))))
    releases = Release.objects.filter(basket__slug=OFFICIAL_BASKET, number__lte=known.newest)
    numbers = releases.filter(number__in=map(int, keys["release"]))
    then: dict[str, set[str]] = {
        "system": set(systems.filter(slug__in=keys["system"]).values_list("slug", flat=True)),
        "eval": set(items.values_list("slug", flat=True)),
        "developer": set(makers.filter(slug__in=keys["developer"]).values_list("slug", flat=True)),
        "release": {str(number) for number in numbers.values_list("number", flat=True)},
        "section": set(keys["section"]),
    }
    return [entry for entry in found if entry.key in then[entry.kind]]
