"""When a frontier that goes on as it went will reach its ceiling (methodology section 13).

A straight line through the steps of an eval's running frontier, in the logit of points where the
ceiling is a bound (a logistic curve in points) and in points where it is a milestone:

    y = a + b t,  y = logit(p / 100) or p,  fitted date t* = (y_target - a) / b

The interval is Fieller's (1954): all t that the data do not refuse at 95%,

    (a + b t - y_target)^2 <= q^2 s^2 (1/n + (t - tbar)^2 / Sxx),  q = t_{n-2, 0.975}

It is bounded only where the slope's own 95% interval excludes 0, and open-ended otherwise. A
date in the past says that the frontier has fallen behind its own trend.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAYS_PER_YEAR = 365.25
FEWEST_STEPS = 3
# A trend of a few years says nothing of later times.
FARTHEST_YEARS = 50.0
# Points nearer than this to 0 and 100 have no useful logit.
MARGIN = 0.5


@dataclass(frozen=True)
class Step:
    """A score that raised an eval's frontier."""

    released_on: date
    points: float


@dataclass(frozen=True)
class Saturation:
    """A fitted date with its 95% interval as ISO dates, or the reason why there is none.

    reason: "reached" (`on` is then the release of the system that reached it, no fit),
    "too-few-steps" (fewer than three), "no-growth", "too-far" (beyond 50 years). low or high is
    None where the interval is open at that end.
    """

    on: str | None
    low: str | None
    high: str | None
    steps: int
    reason: str | None


def saturation_date(steps: Sequence[Step], *, target: float, bounded: bool) -> Saturation:
    """The date at which the fitted frontier reaches a target in points.

    steps: in order of release, each above the one before.
    """
    count = len(steps)
    for step in steps:
        if step.points >= target:
            return Saturation(step.released_on.isoformat(), None, None, count, "reached")
    if count < FEWEST_STEPS:
        return Saturation(None, None, None, count, "too-few-steps")
    origin = steps[0].released_on
    years = [(step.released_on - origin).days / DAYS_PER_YEAR for step in steps]
    place = _logit if bounded else _same
    crossing = _crossing(years, [place(step.points) for step in steps], place(target))
    if crossing is None:
        return Saturation(None, None, None, count, "no-growth")
    on, low, high = (_day(origin, years[-1], t) for t in crossing)
    if on is None:
        return Saturation(None, low, None, count, "too-far")
    return Saturation(on, low, high, count, None)


def _crossing(
    years: Sequence[float], values: Sequence[float], target: float
) -> tuple[float, float | None, float | None] | None:
    """(t*, low, high) in years; None for a line that does not rise, or an end that is open."""
    count = len(years)
    middle, mean = math.fsum(years) / count, math.fsum(values) / count
    spread = math.fsum((t - middle) ** 2 for t in years)
    rate = math.fsum((t - middle) * (y - mean) for t, y in zip(years, values, strict=True)) / spread
    if rate <= 0:
        return None
    rise = target - mean
    misses = ((y - mean - rate * (t - middle)) ** 2 for t, y in zip(years, values, strict=True))
    # Imported here because it doubles the start-up time of everything that has no slopes.
    from scipy.special import stdtrit

    noise = float(stdtrit(count - 2, 0.975)) ** 2 * math.fsum(misses) / (count - 2)
    # bend d^2 - 2 push d + rest <= 0,  d = t - middle
    bend, push, rest = rate**2 - noise / spread, rate * rise, rise**2 - noise / count
    root = math.sqrt(max(push**2 - bend * rest, 0.0))
    low: float | None = None
    high: float | None = None
    if bend > 0:
        low, high = middle + (push - root) / bend, middle + (push + root) / bend
    elif rest > 0:
        # All that is later than one root, and all that is earlier than another, long past one.
        low = middle + rest / (push + root)
    return middle + rise / rate, low, high


def _day(origin: date, last: float, years: float | None) -> str | None:
    """The date some years after the origin; None more than 50 years from the newest step."""
    if years is None or abs(years - last) > FARTHEST_YEARS:
        return None
    return (origin + timedelta(days=round(years * DAYS_PER_YEAR))).isoformat()


def _logit(points: float) -> float:
    share = min(max(points, MARGIN), 100 - MARGIN) / 100
    return math.log(share) - math.log1p(-share)


def _same(points: float) -> float:
    return points
