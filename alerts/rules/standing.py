"""States that last, and are told when they begin and when they end.

Each has a dead band, so that a reading at its threshold does not tell of itself with every release:
a gap or a regression begins when a reading falls below minus `margin` and ends when it rises above
`margin`; a human baseline is reached at the score itself and left where the 95% interval lies below
it; a lead or rank that was held before counts as held until the difference leaves its noise. In the
band a state stays what it was, which is read from the earlier releases.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from alerts.rules.facts import Difference, Pair, Rate, Rung
from alerts.rules.finding import Finding
from alerts.rules.kinds import Cause, Kind

GAP_MARGIN = 1.0
"""Goalpost points per year."""

RUNG_MARGIN = 0.5
"""Goalpost points."""

REGRESSED_IN = ("safety", "alignment")
ENDS = 1.959964


def below(readings: Iterable[float], *, margin: float) -> bool | None:
    """The state after some readings, newest first; None where all lie between the margins."""
    for reading in readings:
        if abs(reading) > margin:
            return reading < 0
    return None


def gaps(pair: Pair) -> Iterator[Finding]:
    """Safety gaps that turned negative, or positive again."""
    for domain, rate in pair.after.gaps.items():
        old = pair.before.gaps.get(domain) if pair.before else None
        if old is None:
            continue
        now = below([rate.value], margin=GAP_MARGIN)
        was = _was(pair, old.value, Kind.GAP, domain, GAP_MARGIN)
        if now is None or was is None or now == was:
            continue
        cause = _cause(pair, _along(pair, domain), ("capability", domain))
        yield _turned(Kind.GAP, domain, cause, (old, rate), recovered=not now)


def regressions(pair: Pair) -> Iterator[Finding]:
    """Generations that fall behind their developer's last one in safety or alignment, and back.

    They are compared like for like, on the evals that both were measured on: no fill, no link and
    no base enters (methodology.md, section 12).
    """
    for (series, _generation), rung in pair.after.rungs.items():
        if series in REGRESSED_IN and (found := _regression(pair, series, rung)):
            yield found


def _regression(pair: Pair, series: str, rung: Rung) -> Finding | None:
    key = (series, rung.newer)
    known = pair.before.rungs if pair.before else {}
    old = next((r for (s, _g), r in known.items() if (s, r.newer) == key), None)
    now = below([rung.difference.value], margin=RUNG_MARGIN)
    was = _was(pair, old.difference.value, Kind.REGRESSION, f"{series}/{rung.newer}", RUNG_MARGIN) \
        if old else None  # fmt: skip
    # A new system may begin below its predecessor; it cannot begin recovered.
    if now is None or now == was or (not now and was is None) or pair.before is None:
        return None
    found = _turned(
        Kind.REGRESSION,
        series,
        _cause(pair, (rung.newer, rung.older), (series,)),
        (old.difference if old else None, rung.difference),
        recovered=not now,
        system=rung.newer,
    )
    return replace(found, previous=rung.older, drivers=rung.evals, official=not rung.provisional)


def _was(pair: Pair, last: float, kind: Kind, key: str, margin: float) -> bool | None:
    state = below([last], margin=margin)
    return below(pair.earlier(kind, key), margin=margin) if state is None else state


def _turned(
    kind: Kind,
    series: str,
    cause: Cause,
    rates: tuple[Rate | None, Rate],
    *,
    recovered: bool,
    system: str | None = None,
) -> Finding:
    old, rate = rates
    return Finding(
        kind=kind,
        cause=cause,
        series=series,
        system=system,
        before=old.value if old else None,
        after=rate.value,
        low=rate.low,
        high=rate.high,
        # The reading is a difference itself: it is what may be noise.
        move=rate.value,
        move_low=rate.low,
        move_high=rate.high,
        probability=sign_probability(rate),
        recovered=recovered,
    )


def _cause(pair: Pair, systems: tuple[str, ...], series: tuple[str, ...]) -> Cause:
    """Why a reading of systems in some series is another: the yardstick, or scores of theirs.

    A score that was withdrawn or superseded is a revision; so is a system that dropped out.
    """
    assert pair.before is not None
    if any(system not in pair.before.known for system in systems):
        return Cause.NEW_SYSTEM
    if pair.after.versions != pair.before.versions:
        return Cause.WEIGHTS
    if pair.after.engine != pair.before.engine:
        return Cause.METHOD
    fresh = any(pair.fresh(system, name) for system in systems for name in series)
    return Cause.NEW_SCORE if fresh else Cause.REVISION


def _along(pair: Pair, domain: str) -> tuple[str, ...]:
    """The systems that a gap is measured along, in either release, as far as they are there now."""
    found: dict[str, None] = {}
    for facts in filter(None, (pair.after, pair.before)):
        able, safe = facts.official.get("capability", {}), facts.official.get(domain, {})
        highest = -math.inf
        for name in sorted(
            able.keys() & facts.released.keys(),
            key=lambda name: (facts.released[name], -able[name].value, name),
        ):
            if able[name].value > highest:
                highest = able[name].value
                if name in safe and name in pair.after.known:
                    found[name] = None
    return tuple(found)


def returned(
    pair: Pair, series: str, systems: tuple[str, str], noise: Difference | None
) -> dict[str, object]:
    """What is to be noted of a lead of one system over another that is back within the noise."""
    within = noise is not None and noise.low <= 0 <= noise.high
    return {"returned": True} if within and pair.led(*systems, series) else {}


def sign_probability(rate: Rate) -> float | None:
    """The probability that a rate has its sign, from its 95% interval taken as a normal one."""
    if rate.low is None or rate.high is None or rate.high <= rate.low:
        return None
    return normal(abs(rate.value) / ((rate.high - rate.low) / (2 * ENDS)))


def normal(deviations: float) -> float:
    """The normal distribution function."""
    return 0.5 * math.erfc(-deviations / math.sqrt(2))
