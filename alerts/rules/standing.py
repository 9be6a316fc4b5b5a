"""States that last, and are told when they begin and when they end.

A state begins when a reading falls below minus `margin` and ends when it rises above `margin`;
between the two it stays what it was, so that a reading at zero does not tell of itself with every
release. What it was is read from the earlier releases where the last one lies between.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from alerts.rules.facts import Pair, Rate, Rung
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
        yield _turned(pair, Kind.GAP, domain, (old, rate), recovered=not now)


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
        pair,
        Kind.REGRESSION,
        series,
        (old.difference if old else None, rung.difference),
        recovered=not now,
        system=rung.newer,
    )
    extra = {"previous": rung.older, "drivers": rung.evals, "official": not rung.provisional}
    return Finding(**{**found.__dict__, **extra})


def _was(pair: Pair, last: float, kind: Kind, key: str, margin: float) -> bool | None:
    state = below([last], margin=margin)
    return below(pair.earlier(kind, key), margin=margin) if state is None else state


def _turned(
    pair: Pair,
    kind: Kind,
    series: str,
    rates: tuple[Rate | None, Rate],
    *,
    recovered: bool,
    system: str | None = None,
) -> Finding:
    old, rate = rates
    return Finding(
        kind=kind,
        cause=_cause(pair, series, system),
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


def _cause(pair: Pair, series: str, system: str | None) -> Cause:
    assert pair.before is not None
    if system is not None and system not in pair.before.known:
        return Cause.NEW_SYSTEM
    if pair.after.versions != pair.before.versions:
        return Cause.WEIGHTS
    if pair.after.engine != pair.before.engine:
        return Cause.METHOD
    if system is not None:
        return Cause.NEW_SCORE if pair.fresh(system, series) else Cause.REVISION
    entered = pair.after.known - pair.before.known
    return Cause.NEW_SYSTEM if entered else Cause.NEW_SCORE


def sign_probability(rate: Rate) -> float | None:
    """The probability that a rate has its sign, from its 95% interval taken as a normal one."""
    if rate.low is None or rate.high is None or rate.high <= rate.low:
        return None
    return normal(abs(rate.value) / ((rate.high - rate.low) / (2 * ENDS)))


def normal(deviations: float) -> float:
    """The normal distribution function."""
    return 0.5 * math.erfc(-deviations / math.sqrt(2))
