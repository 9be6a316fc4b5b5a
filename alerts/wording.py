"""Events in words: what a mail, a page, a feed and a webhook say of them alike."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext

from alerts import places, rule_words, sentences, titles
from alerts.models import Event
from alerts.numbers import interval, label, points, probability, signed
from alerts.rules import Cause

__all__ = ["Description", "Driver", "describe", "label", "points", "signed", "title"]

title = titles.title


@dataclass(frozen=True)
class Driver:
    """One eval's share in an event, as it is shown; estimated: a fill stands for a score there."""

    eval: str
    name: str
    points: str
    estimated: bool = False

    @property
    def said(self) -> str:
        """The eval by name, and that its share rests on an estimate."""
        if not self.estimated:
            return self.name
        return gettext("%(eval)s (estimated)") % {"eval": self.name}


@dataclass(frozen=True)
class Description:
    """An event as a reader meets it; every number has one decimal, and its unit in the sentence.

    standing: what holds now. previous: what held before. noise: interval and probability. cause:
    why it happened. Those that have nothing to say are empty.
    """

    event: Event
    series: str
    title: str
    move: str
    after: str
    interval: str
    standing: str
    previous: str
    noise: str
    cause: str
    drivers: tuple[Driver, ...]

    @property
    def cause_name(self) -> str:
        """The cause in a word or two, to begin a cell of a table."""
        return capfirst(str(rule_words.CAUSES[Cause(self.event.cause)]))

    @property
    def estimated(self) -> bool:
        """Whether a share that is shown rests on an estimate."""
        return any(driver.estimated for driver in self.drivers)

    @property
    def path(self) -> str:
        """The event's own page."""
        return places.event_path(self.event)

    @property
    def probability(self) -> str:
        """How probable it is that the move is real; empty where that is no question."""
        known = self.event.probability
        return "" if known is None else probability(known)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that there is to say, in order."""
        return tuple(filter(None, (self.standing, self.previous, self.noise, self.cause)))


def describe(event: Event) -> Description:
    """The event in words."""
    return Description(
        event=event,
        series=label(event.series),
        title=title(event),
        move="" if event.move is None else points(abs(event.move)),
        after="" if event.after is None else points(event.after),
        interval=interval(event.low, event.high),
        standing=sentences.standing(event),
        previous=sentences.previous(event),
        noise=sentences.noise(event),
        cause=sentences.cause(event),
        drivers=tuple(
            Driver(
                str(row["eval"]),
                str(row["name"]),
                signed(float(row["points"])),
                bool(row.get("estimated")),
            )
            for row in event.contributions
        ),
    )
