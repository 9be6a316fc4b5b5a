"""A back-test in words: how often a rule would have spoken, what it would have said, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from alerts import archive, places, wording
from alerts.backtests import BackTest, Tested
from alerts.models import Event
from alerts.rules import Level

SHOWN = 12
"""Messages that are listed, the newest; a rule that has more of them is too wide to be read."""


@dataclass(frozen=True)
class Line:
    """One thing that a message would have said, and whether it was revised away later.

    path: its page; empty where it is not stored.
    """

    path: str
    title: str
    revised_away: bool


@dataclass(frozen=True)
class Row:
    """One message that would have been sent."""

    on: dt.date
    level: str
    reconstructed: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Said:
    """The back-test: how much in a sentence, what was revised away, and the newest messages.

    more: how many older messages are not listed.
    """

    sentence: str
    revised: str
    reconstructed: str
    rows: tuple[Row, ...]
    more: int


def said(test: BackTest) -> Said:
    """The back-test in words, in two queries at the most."""
    newest = test.newest_first[:SHOWN]
    ids = [pk for tested in newest for pk in tested.ids]
    events = archive.by_id(ids) if test.events is None else test.events
    return Said(
        sentence=sentence(test),
        revised=_revised(test),
        reconstructed=_reconstructed(test),
        rows=tuple(_row(tested, events) for tested in newest),
        more=len(test.messages) - len(newest),
    )


def sentence(test: BackTest) -> str:
    """How many messages there would have been: "7 messages since May 2024"."""
    if test.since is None:
        return gettext("There is no release yet on which the rule could be tried.")
    count = len(test.messages)
    text = ngettext(
        "This rule would have sent %(count)s message since %(month)s.",
        "This rule would have sent %(count)s messages since %(month)s.",
        count,
    )
    return text % {"count": count, "month": date_format(test.since, "YEAR_MONTH_FORMAT")}


def _revised(test: BackTest) -> str:
    if not test.messages:
        return ""
    if not test.gone:
        return gettext("Nothing of what they said has been revised away since.")
    text = ngettext(
        "%(count)s of them said something that later releases revised away.",
        "%(count)s of them said something that later releases revised away.",
        test.gone,
    )
    return text % {"count": test.gone}


def _reconstructed(test: BackTest) -> str:
    if not test.reconstructed:
        return ""
    text = ngettext(
        "%(count)s of them comes from a reconstructed release: nobody was told then, and what was "
        "known on its day was put together later.",
        "%(count)s of them come from reconstructed releases: nobody was told then, and what was "
        "known on their days was put together later.",
        test.reconstructed,
    )
    return text % {"count": test.reconstructed}


def level_name(level: Level) -> str:
    """A level of a message in words."""
    names = {
        Level.ALERT: gettext("alert"),
        Level.WARN: gettext("warning"),
        Level.RECOVERED: gettext("recovery"),
    }
    return names[level]


def _row(tested: Tested, events: Mapping[int, Event]) -> Row:
    message = tested.message
    return Row(
        on=message.on,
        level=level_name(message.level),
        reconstructed=message.reconstructed,
        lines=tuple(
            _line(events[pk], revised_away=pk in tested.revised_away)
            for pk in tested.ids
            if pk in events
        ),
    )


def _line(event: Event, *, revised_away: bool) -> Line:
    path = places.event_path(event) if event.pk else ""
    return Line(path, wording.title(event), revised_away)
