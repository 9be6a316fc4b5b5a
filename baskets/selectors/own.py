"""Readers' own baskets as pages, the API, feeds and alerts read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from baskets.models import OwnBasket, OwnRelease, OwnWork, Release, Weight
from baskets.selectors.catalog import EvalName, SystemName
from baskets.selectors.frontier import marks_of
from baskets.selectors.own_content import read
from baskets.selectors.whatif_parts import FrontierStep

SERIES = ("headline", "balanced", "capability", "safety", "alignment")
Json = dict[str, Any]


@dataclass(frozen=True)
class Waiting:
    """How many releases an own basket lacks, and how many of them were given up."""

    lacking: int
    failed: int

    @property
    def coming(self) -> int:
        """Those that are being made."""
        return self.lacking - self.failed


@dataclass(frozen=True)
class Ranked:
    """A system's rank and value under the own weights beside the official ones."""

    system: SystemName
    rank: int | None
    official_rank: int | None
    value: float | None
    low: float | None
    high: float | None
    official_value: float | None

    @property
    def rise(self) -> int | None:
        """How many places higher it stands; None where it has no rank on one side."""
        if self.rank is None or self.official_rank is None:
            return None
        return self.official_rank - self.rank


@dataclass(frozen=True)
class Share:
    """What an eval weighs in an own basket, and in the parent's version."""

    eval: EvalName
    own: float
    official: float


@dataclass(frozen=True)
class Standing:
    """The newest frontier of a series under the own weights and the official ones."""

    series: str
    own: FrontierStep | None
    official: FrontierStep | None

    @property
    def difference(self) -> float | None:
        """Own less official; None where either is missing."""
        return self.own.value - self.official.value if self.own and self.official else None


def visible() -> QuerySet[OwnBasket]:
    """The own baskets that everybody with their address may see."""
    found = OwnBasket.objects.filter(hidden_at=None)
    return found.select_related("basket__base", "forked_from")


def own_basket(public_id: str) -> OwnBasket | None:
    """An own basket that is not hidden."""
    return visible().filter(public_id=public_id).first()


def of_owner(owner_id: int) -> QuerySet[OwnBasket]:
    """A person's own baskets, hidden ones too, the newest first, with what they still lack."""
    return (
        OwnBasket.objects.filter(owner=owner_id)
        .select_related("basket", "forked_from")
        .annotate(lacking=Count("work"))
        .order_by("-pk")
    )


def releases_of(own: OwnBasket, *, until: Release | None = None) -> QuerySet[OwnRelease]:
    """The releases of an own basket, or those up to one of its parent's, the newest first, without
    their content."""
    found = OwnRelease.objects.filter(own=own).select_related("release__basket", "version")
    if until is not None:
        found = found.filter(release__number__lte=until.number)
    return found.defer("content", "release__bundle").order_by("-release__number")


def newest_of(own: OwnBasket, *, until: Release | None = None) -> OwnRelease | None:
    """The newest release of an own basket, or the newest up to one of its parent's."""
    return releases_of(own, until=until).first()


def numbered_of(own: OwnBasket, number: int) -> OwnRelease | None:
    """What an own basket makes of its parent's release of this number."""
    return releases_of(own).filter(release__number=number).first()


def release_before(stored: OwnRelease) -> OwnRelease | None:
    """The release of the same own basket before this one."""
    earlier = releases_of(stored.own).filter(release__number__lt=stored.release.number)
    return earlier.first()


def waiting_of(own: OwnBasket) -> Waiting:
    """What an own basket still lacks."""
    found = own.work.aggregate(
        lacking=Count("pk"), failed=Count("pk", filter=Q(state=OwnWork.State.FAILED))
    )
    return Waiting(found["lacking"], found["failed"])


def steps_of(content: Json, series: str) -> tuple[FrontierStep, ...]:
    """The frontier of a series in a release's content, the oldest step first."""
    return tuple(map(_step, content["frontier"].get(series, ())))


def _step(row: Mapping[str, Any]) -> FrontierStep:
    day = dt.date.fromisoformat(row["released_on"])
    return FrontierStep(row["system"], day, row["value"], row.get("low"), row.get("high"))


def official_steps(release: Release, series: str) -> tuple[FrontierStep, ...]:
    """The same as published."""
    found = release.summary.get("series", {}).get(series, {}).get("frontier", [])
    return tuple(_step(row) for row in found if row.get("released_on"))


def standings_of(summary: Json, release: Release) -> tuple[Standing, ...]:
    """The newest frontier of every series on both sides."""
    found = []
    for series in SERIES:
        own = _step(summary[series]) if series in summary else None
        official = official_steps(release, series)
        found.append(Standing(series, own, official[-1] if official else None))
    return tuple(found)


def ranking(
    content: Json, release: Release, series: str, names: Mapping[str, SystemName]
) -> tuple[Ranked, ...]:
    """The systems that are official in a series on either side, the highest own rank first."""
    own = {r["system"]: r for r in content["systems"] if r["series"] == series and r["official"]}
    official = {
        mark.system.slug: mark.value for mark in marks_of(release, series, names) if mark.official
    }
    ranks = _ranks({name: row["value"] for name, row in own.items()})
    before = _ranks(official)
    found = [
        Ranked(
            system=names[name],
            rank=ranks.get(name),
            official_rank=before.get(name),
            value=row.get("value"),
            low=row.get("low"),
            high=row.get("high"),
            official_value=official.get(name),
        )
        for name in {**own, **official}
        if (row := own.get(name, {})) is not None
    ]
    last = len(found) + 1
    return tuple(
        sorted(found, key=lambda r: (r.rank or last, r.official_rank or last, r.system.name))
    )


def _ranks(values: Mapping[str, float]) -> dict[str, int]:
    """Ranks from the highest value; equals share the better one."""
    ordered = sorted(values.values(), reverse=True)
    first: dict[float, int] = {}
    for place, value in enumerate(ordered, 1):
        first.setdefault(value, place)
    return {name: first[value] for name, value in values.items()}


def shares(
    content: Json, release: Release, names: Mapping[str, EvalName]
) -> tuple[tuple[Share, ...], int]:
    """(what every eval weighs in the newest version on both sides, the parent's version)."""
    newest = content["baskets"][-1]
    number = int(newest["of"].rsplit("-", 1)[1])
    rows = Weight.objects.filter(version__basket=release.basket_id, version__number=number)
    weights = dict(rows.values_list("eval__slug", "weight"))
    total = sum(weights.values())
    official = {name: weight / total for name, weight in weights.items()}
    own: Mapping[str, float] = newest["weights"]
    every = sorted({*own, *official}, key=lambda name: (-own.get(name, 0.0), name))
    return tuple(
        Share(names[name], own.get(name, 0.0), official.get(name, 0.0)) for name in every
    ), number


def together(owns: Sequence[OwnBasket], *, until: Release | None = None) -> Release | None:
    """The newest release of their parent of which every one of some own baskets has its own."""
    found = Release.objects.filter(basket=owns[0].basket_id).defer("bundle")
    if until is not None:
        found = found.filter(number__lte=until.number)
    for own in owns:
        found = found.filter(pk__in=OwnRelease.objects.filter(own=own).values("release"))
    return found.select_related("basket__base").order_by("-number").first()


def contents(owns: Iterable[OwnBasket], release: Release) -> dict[int, Json]:
    """What some own baskets make of a release, by their key."""
    rows = OwnRelease.objects.filter(own__in=list(owns), release=release)
    return {row.own_id: read(row) for row in rows}
