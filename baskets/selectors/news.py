"""The facts that a release's paragraphs are written from."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from baskets.models import Analysis, BasketVersion, IndexPoint, Link, Release
from baskets.selectors import releases
from baskets.selectors.analyses import Analyses, analyses_about, analyses_of
from baskets.selectors.catalog import SystemName
from baskets.selectors.front import DOMAINS
from baskets.selectors.release_pages import PointMove, ReleasePage
from baskets.selectors.revised import RevisionFacts


@dataclass(frozen=True)
class Entry:
    """A system that had no value before: its values in the domains, as they now stand."""

    system: SystemName
    points: tuple[IndexPoint, ...]


@dataclass(frozen=True)
class Certainty:
    """What the official domain values rest on, as shares of 1.

    coverage: the median share of weight that was observed. imputed: the mean share that a model
    filled. assumed: the share of counted scores whose error is the eval's usual one, because
    none is published and no number of items is known; None without replicates.
    """

    values: int
    coverage: float
    imputed: float
    assumed: float | None
    scores: int


@dataclass(frozen=True)
class NewVersion:
    """A basket version that took effect with this release, and its headline link."""

    number: int
    effective_on: dt.date
    came: int
    left: int
    link: Link | None
    newest: SystemName | None


@dataclass(frozen=True)
class News:
    """Everything that the paragraphs of a release say.

    became: how many domain values of systems known before are official for the first time.
    official: how many systems have an official domain value.
    """

    page: ReleasePage
    entries: tuple[Entry, ...]
    became: int
    official: int
    certainty: Certainty | None
    analyses: Analyses
    versions: tuple[NewVersion, ...]

    @property
    def first(self) -> bool:
        """Whether nothing was published before."""
        return self.page.previous is None

    @property
    def largest(self) -> tuple[PointMove, RevisionFacts | None] | None:
        """The official value that moved most, and why."""
        moves = [move for move in self.page.moves if move.official]
        if not moves:
            return None
        move = moves[0]
        return move, self.page.revised.get((move.system.slug, move.series))


def news(page: ReleasePage) -> News:
    """The facts of a release's paragraphs."""
    systems = page.systems
    points = list(
        IndexPoint.objects.filter(
            release=page.release, on_official_version=True, series__in=DOMAINS
        ).select_related("system")
    )
    official = [point for point in points if point.official]
    entries = _entries(page, points, systems)
    return News(
        page=page,
        entries=entries,
        became=_became(page, official, {entry.system.slug for entry in entries}),
        official=len({point.system_id for point in official}),
        certainty=_certainty(page.release, official),
        analyses=_analyses(page),
        versions=_versions(page, systems),
    )


def _analyses(page: ReleasePage) -> Analyses:
    """What the paragraphs need of the release's analyses: that of its leaders, and the watch."""
    leaders = [(row.series, row.after.system.slug) for row in page.series if row.after]
    about = analyses_about(page.release, leaders)
    watch = analyses_of(page.release, Analysis.Kind.WATCH)
    return Analyses({**about.contents, **watch.contents})


def _entries(
    page: ReleasePage, points: Sequence[IndexPoint], systems: Mapping[str, SystemName]
) -> tuple[Entry, ...]:
    """Systems with official values first, then by release date, newest first."""
    new = {(m.system.slug, m.series) for m in page.entered}
    known = {p.system.slug for p in points if (p.system.slug, p.series) not in new}
    found: dict[str, list[IndexPoint]] = {}
    for point in points:
        slug = point.system.slug
        if page.previous is not None and slug not in known and (slug, point.series) in new:
            found.setdefault(slug, []).append(point)
    rows = [
        Entry(systems[slug], tuple(sorted(own, key=lambda p: DOMAINS.index(p.series))))
        for slug, own in found.items()
    ]
    rows.sort(key=lambda row: (row.system.released_on, row.system.slug), reverse=True)
    rows.sort(key=lambda row: not any(point.official for point in row.points))
    return tuple(rows)


def _became(page: ReleasePage, official: Sequence[IndexPoint], new: set[str]) -> int:
    if page.previous is None:
        return 0
    stated = page.previous.summary["official"]
    before = {(slug, series) for series, slugs in stated.items() for slug in slugs}
    return sum(
        (point.system.slug, point.series) not in before and point.system.slug not in new
        for point in official
    )


def _certainty(release: Release, official: Sequence[IndexPoint]) -> Certainty | None:
    if not official:
        return None
    bases = _bases(release)
    scores = sum(bases.values())
    return Certainty(
        values=len(official),
        coverage=statistics.median(point.coverage for point in official),
        imputed=statistics.fmean(point.imputed_share for point in official),
        assumed=bases.get("default", 0) / scores if scores else None,
        scores=scores,
    )


def _bases(release: Release) -> Mapping[str, int]:
    """How many counted scores have which kind of error; an old summary does not say it."""
    stored: Mapping[str, int] | None = release.summary.get("errors")
    if stored is not None:
        return stored
    errors = releases.short_bundle(release)["answer"].get("errors", [])
    return Counter(row["basis"] for row in errors)


def _versions(page: ReleasePage, systems: Mapping[str, SystemName]) -> tuple[NewVersion, ...]:
    """The versions that this release uses and the one before it did not."""
    if page.previous is None:
        return ()
    before, now = (
        [row["version"] for row in release.summary.get("basket_changes", [])]
        for release in (page.previous, page.release)
    )
    added = [number for number in now if number not in before]
    if not added:
        return ()
    evals: dict[int, set[int]] = {}
    rows = BasketVersion.objects.filter(basket=page.release.basket_id, number__in=now)
    for number, item in rows.values_list("number", "weights__eval"):
        evals.setdefault(number, set()).add(item)
    effective = dict(rows.values_list("number", "effective_on"))
    links = Link.objects.filter(release=page.release, series="headline")
    link_of = {link.to_version.number: link for link in links.select_related("to_version")}
    found = []
    for number in added:
        previous = evals.get(now[now.index(number) - 1], set()) if number != now[0] else set()
        link = link_of.get(number)
        overlap = [systems[slug] for slug in link.overlap] if link else []
        found.append(
            NewVersion(
                number=number,
                effective_on=effective[number],
                came=len(evals[number] - previous),
                left=len(previous - evals[number]),
                link=link,
                newest=max(overlap, key=lambda s: (s.released_on, s.slug), default=None),
            )
        )
    return tuple(found)
