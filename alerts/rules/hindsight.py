"""What was told and did not last: events that later releases took back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from alerts.rules.finding import Heard
from alerts.rules.kinds import PROGRESS, Cause, Kind

HALF = 0.5
TAKEN_BACK = frozenset(Cause) - PROGRESS - {Cause.TIME}
"""Causes that undo what was measured; what a newer system undoes was true in its time."""

Values = Mapping[str, Mapping[str, float]]
"""Official values of the newest release, by series and system."""


def revised_away(event: Heard, later: Iterable[Heard], values: Values) -> bool:
    """Whether what an event said no longer holds, and not because something new happened.

    A lead or rank is revised away where the newest release has the system no longer ahead of the
    one that it passed, or no longer official; a move where later revisions took back half of it or
    more; a crossed baseline, a gap, a regression or a lifecycle where it was turned back by a
    revision, new weights, a link, a fill or the method. Basket versions and revisions stay.
    """
    if event.kind in (Kind.FRONTIER, Kind.RANK) and event.against not in ("", event.system):
        return not _ahead(event, values.get(event.series, {}))
    same = [one for one in later if _subject(one) == _subject(event) and one.place > event.place]
    if event.kind in (Kind.MOVED, Kind.FRONTIER):
        return _taken_back(event, same)
    if event.kind in (Kind.BASELINE, Kind.GAP, Kind.REGRESSION, Kind.LIFECYCLE):
        following = [one for one in same if one.kind == event.kind]
        return bool(following) and (
            following[0].recovered != event.recovered and following[0].cause in TAKEN_BACK
        )
    return False


def _subject(event: Heard) -> tuple[str, str, str]:
    return event.series, event.system if event.kind != Kind.BASELINE else "", event.eval


def _ahead(event: Heard, values: Mapping[str, float]) -> bool:
    if event.system not in values:
        return False
    other = values.get(event.against)
    return other is None or values[event.system] > other


def _taken_back(event: Heard, later: Sequence[Heard]) -> bool:
    if not event.move:
        return False
    revised = sum(
        one.move
        for one in later
        if one.kind == Kind.MOVED and one.cause == Cause.REVISION and one.move is not None
    )
    return -revised / event.move >= HALF
