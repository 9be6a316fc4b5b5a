"""Is an event signal to a rule? And what would a rule have said over a whole history?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from alerts.rules.finding import Heard
from alerts.rules.kinds import ACHIEVED, IN_POINTS, PROGRESS, UNCERTAIN, Kind
from alerts.rules.terms import Level, Terms

GRAVITY = {level: n for n, level in enumerate(Level)}


def matches(terms: Terms, event: Heard) -> bool:
    """Whether a rule asks for the event.

    Provisional systems never alert; nor does a lead that is back within its noise.
    """
    return (
        event.official
        and not event.returned
        and event.kind in terms.kinds
        and _concerns(terms, event)
        and _caused(terms, event)
        and _large(terms, event)
        and _sure(terms, event)
        and (not terms.levels or level_of(terms, event) in terms.levels)
    )


def _concerns(terms: Terms, event: Heard) -> bool:
    """What an event has none of, as the publication of a basket has no series, is not asked for.

    A rule that names systems or developers asks only for events that name one; those that were
    told that it leads are told when that is taken back.
    """
    if not terms.asks_in(event.kind, event.series):
        return False
    if terms.evals and event.eval and event.eval not in terms.evals:
        return False
    if not terms.systems and not terms.developers:
        return True
    if event.system in terms.systems or event.developer in terms.developers:
        return True
    taken = event.against in terms.systems or event.rival in terms.developers
    return event.takes_back and taken


def _caused(terms: Terms, event: Heard) -> bool:
    if event.cause in terms.causes:
        return True
    # A system carried up by new weights, a link or a fit has achieved nothing; a lead or a crossed
    # baseline that was taken back is told to those who were told of it.
    if event.kind in ACHIEVED and event.recovered:
        return not terms.causes or bool(terms.causes & PROGRESS)
    return not terms.causes and (event.kind not in ACHIEVED or event.cause in PROGRESS)


def _large(terms: Terms, event: Heard) -> bool:
    # What a lead that was taken back fell by is large; the lead that came of it may be small.
    sized = event.kind in IN_POINTS and not event.takes_back
    if sized and (event.move is None or abs(event.move) < terms.minimum):
        return False
    return terms.coverage is None or event.coverage is None or event.coverage >= terms.coverage


def _sure(terms: Terms, event: Heard) -> bool:
    if event.kind not in UNCERTAIN or (event.takes_back and "/" not in event.series):
        # That a lead was taken back is a fact of the record; of a subdomain's no noise was known.
        return True
    if terms.significant and not event.significant:
        return False
    if terms.probability is None:
        return True
    return event.probability is not None and event.probability >= terms.probability


def level_of(terms: Terms, event: Heard) -> Level:
    """A return is a recovery; a move short of `alert_from` is a warning; all else is an alert."""
    if event.recovered:
        return Level.RECOVERED
    if event.kind in IN_POINTS and terms.alert_from is not None:
        assert event.move is not None
        return Level.ALERT if abs(event.move) >= terms.alert_from else Level.WARN
    return Level.ALERT


@dataclass(frozen=True)
class Message:
    """What one rule has to say of one release: all of it at once, the gravest level of any."""

    place: int
    on: dt.date
    reconstructed: bool
    level: Level
    events: tuple[Heard, ...]


@dataclass(frozen=True)
class Told:
    """When a rule last had something to say, and how grave it was."""

    on: dt.date
    level: Level


def message(terms: Terms, events: Iterable[Heard], *, told: Told | None = None) -> Message | None:
    """What a rule says of the events of one release; None where it stays silent.

    Within `cooldown` days of the last message only what is graver than that breaks the silence.
    """
    found = _once([event for event in events if matches(terms, event)])
    if not found:
        return None
    level = max((level_of(terms, event) for event in found), key=GRAVITY.__getitem__)
    first = found[0]
    said = Message(first.place, first.on, first.reconstructed, level, tuple(found))
    return None if told and _quiet(terms, told, said) else said


def _quiet(terms: Terms, told: Told, said: Message) -> bool:
    if not terms.cooldown or said.on >= told.on + dt.timedelta(days=terms.cooldown):
        return False
    return GRAVITY[said.level] <= GRAVITY[told.level]


def _once(events: list[Heard]) -> list[Heard]:
    """A new frontier is a rise in value and rank too, and is not told three times."""
    leading = {(e.system, e.series) for e in events if e.kind == Kind.FRONTIER}
    also = (Kind.MOVED, Kind.RANK)
    return [e for e in events if e.kind not in also or (e.system, e.series) not in leading]


def history(terms: Terms, events: Sequence[Heard]) -> Iterator[Message]:
    """What a rule would have said of each release, oldest first.

    events: in the order of their releases. Reconstructed releases are included, and marked.
    """
    told: Told | None = None
    for _place, together in groupby(events, key=lambda event: event.place):
        said = message(terms, together, told=told)
        if said is not None:
            told = Told(said.on, said.level)
            yield said
