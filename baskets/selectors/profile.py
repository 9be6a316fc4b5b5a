"""A system's values by domain and subdomain beside a comparison, as one release has them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Max, OuterRef, Q, Subquery

from baskets.models import IndexPoint, Release
from baskets.selectors.remembered import remembered
from evals.models import System

DOMAINS = ("capability", "safety", "alignment")
HEADLINES = ("headline", "balanced")


@dataclass(frozen=True)
class ProfileRow:
    """A system's value in one series; `against` and `best` are others' values there, if any.

    `worst_case` and `best_case` bound the value with the missing cells at 0 and at 100 points.
    """

    series: str
    value: float
    low: float | None
    high: float | None
    coverage: float
    imputed_share: float
    worst_case: float | None
    best_case: float | None
    official: bool
    back_cast: bool
    version: int
    against: float | None
    best: float | None


@dataclass(frozen=True)
class ProfileFacts:
    """The rows of one system (domains and subdomains), and apart from them its headlines."""

    system: str
    base: str
    against: str
    rows: tuple[ProfileRow, ...]
    headlines: tuple[ProfileRow, ...]


@remembered(64)
def predecessor(release: Release, system: System) -> System | None:
    """The developer's best earlier system of another generation, by official capability.

    Where none is official there, the newest of them.
    """
    capability = IndexPoint.objects.filter(
        release=release,
        system=OuterRef("pk"),
        series="capability",
        on_official_version=True,
        official=True,
    )
    earlier = System.objects.filter(
        developer=system.developer_id, released_on__lt=system.released_on
    ).exclude(generation=system.generation_id)
    ranked = earlier.annotate(capability=Subquery(capability.values("value")[:1])).order_by(
        F("capability").desc(nulls_last=True), "-released_on", "slug"
    )
    return ranked.select_related("developer", "generation").first()


@remembered(64)
def profile_facts(release: Release, system: System, against: System | None) -> ProfileFacts:
    """Every value that the release has for `system` on its official version."""
    wanted = Q(system=system) | (Q(system=against) if against else Q())
    points = IndexPoint.objects.filter(wanted, release=release, on_official_version=True)
    own: dict[str, IndexPoint] = {}
    other: dict[str, float] = {}
    for point in points.select_related("version"):
        if point.system_id == system.pk:
            own[point.series] = point
        else:
            other[point.series] = point.value
    best = _best_by_series(release)
    rows = [_row(point, other.get(series), best.get(series)) for series, point in own.items()]
    rows.sort(key=lambda row: _place(row.series))
    return ProfileFacts(
        system=system.name,
        base=release.basket.base.name,
        against=against.name if against and other else "",
        rows=tuple(row for row in rows if row.series not in HEADLINES),
        headlines=tuple(row for row in rows if row.series in HEADLINES),
    )


@remembered(12)
def _best_by_series(release: Release) -> dict[str, float]:
    points = IndexPoint.objects.filter(release=release, on_official_version=True, official=True)
    return dict(points.values_list("series").annotate(highest=Max("value")))


def _place(series: str) -> tuple[int, str]:
    order = [*HEADLINES, *DOMAINS]
    top = series.split("/")[0]
    return (order.index(top) if top in order else len(order), series)


def _row(point: IndexPoint, against: float | None, best: float | None) -> ProfileRow:
    return ProfileRow(
        series=point.series,
        value=point.value,
        low=point.low,
        high=point.high,
        coverage=point.coverage,
        imputed_share=point.imputed_share,
        worst_case=point.worst,
        best_case=point.best,
        official=point.official,
        back_cast=point.back_cast,
        version=point.version.number,
        against=against,
        best=best,
    )
