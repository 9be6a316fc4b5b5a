"""What had become known by a past date or release: the scores, decisions and versions to show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from baskets.models import Release
from evals.models import Score


@dataclass(frozen=True)
class Known:
    """What was known at the end of a date (UTC); everything, where `on` is None.

    Of the time before this site, which is reconstructed, that is what had been observed; of the
    time since, what had been recorded. `versions` are the basket versions of the date's release
    and `newest` is its number. With `made_at`, the time at which a release was made, it ends there
    and not with the day.
    """

    on: dt.date | None = None
    reconstructed: bool = False
    versions: frozenset[int] = frozenset()
    newest: int = 0
    made_at: dt.datetime | None = None

    @property
    def _end(self) -> dt.datetime:
        assert self.on is not None
        if self.made_at is not None:
            return self.made_at
        return dt.datetime.combine(self.on + dt.timedelta(days=1), dt.time(), dt.UTC)

    def scores(self, prefix: str = "") -> Q:
        """Which scores were known; `prefix` is the way to them from another model."""
        if self.on is None:
            return Q()
        if self.reconstructed:
            return Q(**{f"{prefix}observed_on__lte": self.on})
        return Q(**{f"{prefix}recorded_at__lt": self._end})

    def decisions(self) -> Q:
        """Which decisions about scores had been taken."""
        # A reconstruction rests on today's decisions: none had been taken then.
        return Q() if self.on is None or self.reconstructed else Q(at__lt=self._end)

    def had_decided(self, at: dt.datetime) -> bool:
        """Whether a decision about a score, taken at this time, had been taken."""
        return self.on is None or self.reconstructed or at < self._end

    def answers(self) -> Q:
        """Which questions to weights had been answered."""
        return Q() if self.on is None else Q(answered_at__lt=self._end)

    def steps(self) -> Q:
        """Which steps of basket versions had been taken."""
        return Q() if self.on is None else Q(at__lt=self._end)

    def named(self, field: str) -> Q:
        """Which systems or evals were known: those that were out, or had a known score.

        field: the name by which a score refers to them.
        """
        if self.on is None:
            return Q()
        scores = Score.objects.filter(self.scores(), **{field: OuterRef("pk")})
        return Q(released_on__lte=self.on) | Q(Exists(scores))

    def includes(self, day: dt.date | None) -> bool:
        """Whether what came out on a day was out."""
        return self.on is None or (day is not None and day <= self.on)

    def releases(self) -> Q:
        """Which releases were there, of any basket."""
        if self.on is None:
            return Q()
        until = Q(created_at__lte=self.made_at) if self.made_at else Q()
        return Q(vintage_on__lte=self.on) & until

    def has_version(self, number: int) -> bool:
        """Whether the version was in the release of the date."""
        return self.on is None or number in self.versions


EVERYTHING = Known()


def known_on(release: Release, as_of: dt.date | None) -> Known:
    """What was known on `as_of`, whose release this is; everything where no date is asked for."""
    if as_of is None:
        return EVERYTHING
    return Known(as_of, release.reconstructed, versions_of(release), release.number)


def known_with(release: Release) -> Known:
    """What was known when this release was made, and nothing that came later on the same day."""
    made_at = None if release.reconstructed else release.created_at
    day, rebuilt = release.vintage_on, release.reconstructed
    return Known(day, rebuilt, versions_of(release), release.number, made_at)


def versions_of(release: Release) -> frozenset[int]:
    """The numbers of the basket versions that a release computed."""
    return frozenset(row["version"] for row in release.summary.get("basket_changes", ()))
