"""Events of evals and of the record: baselines, lifecycles, basket versions, revised values."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.rules.causes import LEAST_REVISED, drivers_of, shares, terms_of, was_revised
from alerts.rules.facts import Best, Pair, Term
from alerts.rules.finding import Finding, Move, about_value
from alerts.rules.kinds import MAIN, Cause, Kind

TOLD = ("saturating", "retired")


def baselines(pair: Pair) -> Iterator[Finding]:
    """Evals on which the best score reached what people score, or was taken back below it."""
    known = pair.before.best if pair.before else {}
    for name, best in pair.after.best.items():
        old = known.get(name)
        if old is None or old.baseline != best.baseline:
            continue
        crossed = reached(best)
        if crossed is None or crossed == _was_reached(pair, name, old):
            continue
        yield Finding(
            kind=Kind.BASELINE,
            # Only what is taken back lowers a best score.
            cause=_cause_of_crossing(pair, old, best) if crossed else Cause.REVISION,
            series=best.domain,
            system=best.system,
            previous=old.system,
            eval=name,
            before=old.value,
            after=best.value,
            move=best.over,
            move_low=best.low,
            move_high=best.high,
            probability=best.probability,
            official=best.official,
            recovered=not crossed,
            facts={"baseline": best.baseline},
        )


def reached(best: Best) -> bool | None:
    """Whether people are reached; None where the best score does not say, and it stays what it was.

    That is within the noise below them, and where a provisional system stands above: nobody is told
    of it, so it reaches nothing, and what stands below it is not known.
    """
    if best.over >= 0:
        return True if best.official else None
    clearly = best.high is None or best.high < 0
    return False if clearly or not best.official else None


def _was_reached(pair: Pair, name: str, old: Best) -> bool:
    """The state in the release before; where that does not say, in those before it."""
    state = reached(old)
    if state is not None:
        return state
    # Of 1 and -1: reached and not.
    return next((reading > 0 for reading in pair.earlier(Kind.BASELINE, name)), False)


def _cause_of_crossing(pair: Pair, old: Best, best: Best) -> Cause:
    assert pair.before is not None
    if best.system not in pair.before.known:
        return Cause.NEW_SYSTEM
    if best.system == old.system and best.value != old.value:
        # Another score stands where one stood: as new as any, or a correction of it.
        return Cause.NEW_SCORE if pair.renewed(best.system, best.domain) else Cause.REVISION
    # What comes to the top because another score was taken away is no news of its own.
    return Cause.NEW_SCORE if pair.fresh(best.system, best.domain) else Cause.REVISION


def lifecycles(pair: Pair) -> Iterator[Finding]:
    """Evals that became saturating or were retired, or are no longer."""
    known = pair.before.lifecycles if pair.before else {}
    for name, state in pair.after.lifecycles.items():
        old = known.get(name)
        if old in (None, state) or not {old, state} & set(TOLD):
            continue
        yield Finding(
            kind=Kind.LIFECYCLE,
            cause=_cause_of_state(pair, name, {state, str(old)}),
            series=pair.after.domains.get(name, ""),
            eval=name,
            recovered=state not in TOLD,
            facts={"state": state, "before": old},
        )


def _cause_of_state(pair: Pair, name: str, states: set[str]) -> Cause:
    assert pair.before is not None
    if "retired" in states:
        return Cause.WEIGHTS
    came = pair.came(name)
    if not came:
        return Cause.TIME if came is None else Cause.REVISION
    return Cause.NEW_SYSTEM if pair.after.known - pair.before.known else Cause.NEW_SCORE


def publications(pair: Pair) -> Iterator[Finding]:
    """Basket versions that a release is the first to use."""
    known = pair.before.versions if pair.before else ()
    for version in pair.after.versions:
        if version not in known:
            yield Finding(kind=Kind.PUBLISHED, cause=Cause.WEIGHTS, version=version)


def revisions(pair: Pair) -> Iterator[Finding]:
    """For each series the official value that revised or withdrawn scores moved most.

    `facts` counts how many values they moved by `LEAST_REVISED` or more. A better score that was
    measured since is new and revises nothing, though the other still holds.
    """
    if pair.before is None:
        return
    for series in MAIN:
        stood, new = pair.before.official.get(series, {}), pair.after.official.get(series, {})
        moved: dict[str, Term] = {}
        for system in stood.keys() & new.keys():
            if term := _revised(pair, system, series):
                moved[system] = term
        if not moved:
            continue
        system = min(moved, key=lambda name: (-abs(moved[name].points), name))
        term = moved[system]
        drivers = drivers_of(pair, system, series, term)
        move = Move(stood[system].value, term.points, drivers=drivers)
        yield about_value(
            Kind.REVISED,
            Cause.REVISION,
            series=series,
            system=system,
            new=new[system],
            move=move,
            facts={"count": len(moved), **shares(term)},
        )


def _revised(pair: Pair, system: str, series: str) -> Term | None:
    """The term of revised or withdrawn scores, with the fill that follows; None without."""
    if not was_revised(pair, system, series) or pair.renewed(system, series):
        return None
    terms = (term for term in terms_of(pair, system, series) if term.kind == "revised_scores")
    return next((term for term in terms if abs(term.points) >= LEAST_REVISED), None)
