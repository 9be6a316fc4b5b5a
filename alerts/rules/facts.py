"""What the rules are given: one release as facts, and two of them with the ways to compare.

Nothing here knows where the facts come from. The callables of a `Pair` are asked only where an
event needs them, so that a release of a thousand systems is not compared system by system.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Key = tuple[str, str]
"""(system, series)."""

Drivers = tuple[tuple[str, float], ...]
"""What each eval adds, in points."""


@dataclass(frozen=True)
class Value:
    """A system's value in a series with its 95% interval, in index points."""

    value: float
    low: float | None = None
    high: float | None = None
    coverage: float | None = None


@dataclass(frozen=True)
class Difference:
    """A 95% interval, and the probability that the difference is above 0."""

    low: float
    high: float
    above: float


@dataclass(frozen=True)
class Term:
    """One of the six terms of why a value moved.

    fill: what of its points is the fill that followed from the system's own scores.
    """

    kind: str
    points: float
    fill: float = 0.0


@dataclass(frozen=True)
class Best:
    """The best score on an eval, in its unit, beside the human baseline.

    over: how far it lies beyond the baseline, below 0 where it falls short; low and high are the
    95% interval of that, probability that of lying beyond it; None where the error is not known.
    """

    system: str
    domain: str
    value: float
    baseline: float
    over: float
    low: float | None = None
    high: float | None = None
    probability: float | None = None
    official: bool = True


@dataclass(frozen=True)
class Rate:
    """A difference with its 95% interval: a safety gap per year, or a rung of the ladder."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Rung:
    """A developer's generation against the one before it, on the evals that both have."""

    developer: str
    newer: str
    older: str
    difference: Rate
    evals: Drivers = ()
    provisional: bool = False


@dataclass(frozen=True)
class Facts:
    """What is to be known about one release.

    `official` holds the official values by series and system; `known` is every system that has any
    score; `released` the dates of the systems; `rungs` is keyed by (series, newer generation).
    """

    number: int
    on: dt.date
    engine: str = ""
    reconstructed: bool = False
    versions: tuple[int, ...] = ()
    official: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    released: Mapping[str, dt.date] = field(default_factory=dict)
    lifecycles: Mapping[str, str] = field(default_factory=dict)
    domains: Mapping[str, str] = field(default_factory=dict)
    best: Mapping[str, Best] = field(default_factory=dict)
    rungs: Mapping[tuple[str, str], Rung] = field(default_factory=dict)
    gaps: Mapping[str, Rate] = field(default_factory=dict)

    def leader(self, series: str) -> str | None:
        """The system at the frontier: the highest official value, of equals the earliest."""
        values = self.official.get(series, {})
        dated = [name for name in values if name in self.released]
        return min(
            dated, key=lambda name: (-values[name].value, self.released[name], name), default=None
        )

    def ranked(self, series: str) -> list[str]:
        """The official systems of a series, the highest first."""
        values = self.official.get(series, {})
        return sorted(values, key=lambda name: (-values[name].value, name))


def _none_between(_system: str, _against: str, _series: str) -> None:
    return None


def _no_drift(_system: str, _series: str, _part: float) -> None:
    return None


def _no_drivers(_system: str, _other: str, _third: str) -> Drivers:
    return ()


def _fresh(_system: str, _series: str) -> bool:
    return True


def _not_renewed(_system: str, _series: str) -> bool:
    return False


def _scored(_system: str, _eval: str) -> bool:
    return True


def _came(_eval: str) -> bool | None:
    return True


def _not_ahead(_system: str, _against: str, _series: str) -> bool:
    return False


def _never(_kind: str, _key: str) -> Iterable[float]:
    return ()


@dataclass(frozen=True)
class Pair:
    """A release and the one of the same basket before it, None for the first.

    `terms` says why values moved; a value that did not move has none. `compare` gives one system
    less another in the new release on paired replicates, `drivers` what each eval adds to that.
    `parts` gives what each eval adds to one term of a system in a series, `scored` says whether a
    system has a score on an eval, or a fill stands there. `drift` is a part of a
    system's move between the releases, with the noise of both.
    `fresh` says whether a system brought scores under a series that the release before did not
    have, `renewed` whether a score of its own that stands for another was measured since, while
    the other still holds; `came` whether any score on an eval was learnt of since, False where some
    were only taken away, None where neither; `led` whether one system lay ahead of another in a
    series in a release before the earlier one. `earlier` gives a standing reading (a kind, and a
    domain, rung or eval) of those releases, newest first; of a baseline 1 or -1, reached or not.
    """

    before: Facts | None
    after: Facts
    terms: Mapping[Key, tuple[Term, ...]] = field(default_factory=dict)
    compare: Callable[[str, str, str], Difference | None] = _none_between
    drift: Callable[[str, str, float], Difference | None] = _no_drift
    drivers: Callable[[str, str, str], Drivers] = _no_drivers
    parts: Callable[[str, str, str], Drivers] = _no_drivers
    scored: Callable[[str, str], bool] = _scored
    fresh: Callable[[str, str], bool] = _fresh
    renewed: Callable[[str, str], bool] = _not_renewed
    came: Callable[[str], bool | None] = _came
    led: Callable[[str, str, str], bool] = _not_ahead
    earlier: Callable[[str, str], Iterable[float]] = _never
