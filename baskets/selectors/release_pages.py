"""The list of releases, and one release beside the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.prepared import rows_of
from baskets.models import IndexPoint, Release
from baskets.selectors import releases
from baskets.selectors.catalog import SystemName, eval_names, system_names
from baskets.selectors.front import DOMAINS, HEADLINES, Standing
from baskets.selectors.frontier import FrontierFacts, Step, basket_changes, steps_of
from baskets.selectors.moves import Mover, extent, movers
from baskets.selectors.revised import Names, RevisionFacts, has_revisions, revised

NOTICEABLE = 0.05
"""Moves that round to zero at one decimal are not listed."""

MOST_MOVES = 30


@dataclass(frozen=True)
class ReleaseRow:
    """A release with the frontier of each series, as its own summary has it."""

    release: Release
    frontier: tuple[tuple[str, float | None], ...]
    scores: int
    systems: int


@dataclass(frozen=True)
class SeriesMove:
    """Where the frontier of a series stood in the release before, and where it stands."""

    series: str
    before: Step | None
    after: Step | None

    @property
    def move(self) -> float | None:
        """Points gained; None where either is missing."""
        if self.before is None or self.after is None:
            return None
        return self.after.value - self.before.value

    @property
    def taken(self) -> bool:
        """Whether another system sets the frontier now than in the release before."""
        if self.after is None:
            return False
        return self.before is None or self.before.system.slug != self.after.system.slug


@dataclass(frozen=True)
class PointMove:
    """A system's value in one series in two releases; None where it had none."""

    system: SystemName
    series: str
    before: float | None
    after: float | None
    official: bool

    @property
    def move(self) -> float | None:
        """Points gained; None where either is missing."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True)
class FillModel:
    """The model that filled a domain's missing cells, and its error on held-out ones (points)."""

    domain: str
    model: str
    error: float | None
    cells: int | None


@dataclass(frozen=True)
class ReleasePage:
    """A release, what moved since the previous one, and the counts behind it.

    revised: why the listed values moved, by (system, series). explained: whether the release
    stored that at all. moved: of the `published` official values of the release before, how many
    are no longer what they were.
    """

    release: Release
    previous: Release | None
    following: int | None
    domains: tuple[Standing, ...]
    series: tuple[SeriesMove, ...]
    moves: tuple[PointMove, ...]
    entered: tuple[PointMove, ...]
    omitted: int
    movers: tuple[Mover, ...]
    counts: dict[str, Any]
    fills: tuple[FillModel, ...]
    revised: dict[tuple[str, str], RevisionFacts]
    explained: bool
    moved: int
    published: int
    systems: Mapping[str, SystemName]

    @property
    def explanations(self) -> list[tuple[PointMove, RevisionFacts | None]]:
        """The listed moves, each beside why it came about."""
        return [(move, self.revised.get((move.system.slug, move.series))) for move in self.moves]

    @property
    def extent(self) -> float:
        """The scale that the movers' bars share."""
        return extent(self.movers)


def _fills(release: Release) -> tuple[FillModel, ...]:
    stored = release.summary.get("imputation") or {}
    return tuple(
        FillModel(
            domain=domain,
            model=row["chosen"],
            error=row.get("cv_rmse", {}).get(row["chosen"]),
            cells=row.get("cells"),
        )
        for domain in DOMAINS
        if (row := stored.get(domain))
    )


# The sum with an empty one unpacks a long summary once, not once for every part taken of it.
ENDS = """
SELECT id, (told ->> 'scores')::int, (told ->> 'systems')::int,
       (told #>> '{series,capability,frontier,-1,value}')::float8,
       (told #>> '{series,safety,frontier,-1,value}')::float8,
       (told #>> '{series,alignment,frontier,-1,value}')::float8,
       (told #>> '{series,headline,frontier,-1,value}')::float8
FROM (SELECT id, summary || '{}' AS told FROM baskets_release
      WHERE id = ANY(%(releases)s) OFFSET 0) AS unpacked
"""


def release_rows(found: Iterable[Release]) -> list[ReleaseRow]:
    """These releases with what each of them says of itself; their summaries may be deferred."""
    releases = list(found)
    told = {pk: rest for pk, *rest in rows_of(ENDS, {"releases": [one.pk for one in releases]})}
    rows = []
    for release in releases:
        scores, systems, *values = told[release.pk]
        rows.append(
            ReleaseRow(
                release=release,
                frontier=tuple(zip((*DOMAINS, "headline"), values, strict=True)),
                scores=scores or 0,
                systems=systems or 0,
            )
        )
    return rows


Values = dict[tuple[str, str], tuple[float, bool]]
"""By system and series the value, and whether it is official."""


def _values(release: Release | None) -> Values:
    if release is None:
        return {}
    points = IndexPoint.objects.filter(
        release=release, on_official_version=True, series__in=[*HEADLINES, *DOMAINS]
    )
    rows = points.values_list("system__slug", "series", "value", "official")
    return {(system, series): (value, official) for system, series, value, official in rows}


def _moves(old: Values, new: Values, systems: Mapping[str, SystemName]) -> list[PointMove]:
    """Every value that is new, gone or changed by more than rounding, largest change first."""
    found = []
    for key in old.keys() | new.keys():
        was, now = old.get(key), new.get(key)
        if was and now and abs(now[0] - was[0]) < NOTICEABLE:
            continue
        system, series = key
        found.append(
            PointMove(
                system=systems[system],
                series=series,
                before=was[0] if was else None,
                after=now[0] if now else None,
                official=(now or old[key])[1],
            )
        )
    found.sort(
        key=lambda move: (
            not move.official,
            -abs(move.move or 0),
            move.system.slug,
            move.series,
        )
    )
    return found


def _moved(old: Values, new: Values) -> int:
    """How many official values are gone or changed by more than rounding."""
    return sum(
        key not in new or abs(new[key][0] - was) >= NOTICEABLE
        for key, (was, official) in old.items()
        if official
    )


def _standings(release: Release, systems: dict[str, SystemName]) -> tuple[Standing, ...]:
    changes = basket_changes(release)
    base = release.basket.base.name
    return tuple(
        Standing(
            series,
            FrontierFacts(
                series,
                base,
                release.vintage_on,
                steps_of(release, series, systems),
                (),
                changes,
            ),
            0,
            0,
        )
        for series in DOMAINS
    )


def _series_moves(
    before: Release | None, release: Release, systems: dict[str, SystemName]
) -> tuple[SeriesMove, ...]:
    found = []
    for series in (*DOMAINS, *HEADLINES):
        old = steps_of(before, series, systems) if before else ()
        new = steps_of(release, series, systems)
        found.append(SeriesMove(series, old[-1] if old else None, new[-1] if new else None))
    return tuple(found)


def release_page(
    number: int,
    basket_slug: str = releases.OFFICIAL_BASKET,
    *,
    until: int | None = None,
) -> ReleasePage | None:
    """The release of this number beside the one before it; None where there is none.

    Of those after release `until` it knows nothing.
    """
    same = releases.known_releases(basket_slug, until=until)
    release = same.select_related("basket__base").filter(number=number).first()
    if release is None:
        return None
    before = releases.previous(release)
    names = Names(system_names(), eval_names())
    systems = dict(names.systems)
    old, new = _values(before), _values(release)
    moves = _moves(old, new, systems) if before else []
    changed = [move for move in moves if move.move is not None]
    shown = changed[:MOST_MOVES]
    later = same.filter(number__gt=number).order_by("number").values_list("number", flat=True)
    known = {(m.system.slug, m.series) for m in moves if m.before is None and m.official}
    return ReleasePage(
        release=release,
        previous=before,
        following=later.first(),
        domains=_standings(release, systems),
        series=_series_moves(before, release, systems),
        moves=tuple(shown),
        entered=tuple(move for move in moves if move.before is None),
        omitted=max(0, len(changed) - MOST_MOVES),
        movers=tuple(
            mover
            for mover in movers(release, systems, names.evals)
            if (mover.system.slug, mover.series) in known
        ),
        counts={name: release.summary.get(name) for name in ("systems", "evals", "scores")},
        fills=_fills(release),
        revised=revised(release, [(m.system.slug, m.series) for m in shown], names),
        explained=has_revisions(release),
        moved=_moved(old, new),
        published=sum(official for _value, official in old.values()),
        systems=systems,
    )
