"""Events in words: what a mail, a page and a feed say of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext, ngettext

from alerts.models import Event, Series

MINUS = "−"


@dataclass(frozen=True)
class Driver:
    """One eval's share in an event, as it is shown."""

    eval: str
    name: str
    points: str


@dataclass(frozen=True)
class Description:
    """An event as a reader meets it; every number is in index points, with one decimal."""

    event: Event
    series: str
    title: str
    move: str
    after: str
    interval: str
    standing: str
    previous: str
    noise: str
    drivers: tuple[Driver, ...]


def describe(event: Event) -> Description:
    """The event in words."""
    return Description(
        event=event,
        series=label(event.series),
        title=title(event),
        move=points(event.move),
        after=points(event.after),
        interval=_interval(event),
        standing=_standing(event),
        previous=gettext("The frontier before was %(system)s at %(value)s.")
        % {"system": event.previous_system.name, "value": points(event.before)},
        noise=_noise(event),
        drivers=tuple(
            Driver(str(row["eval"]), str(row["name"]), signed(float(row["points"])))
            for row in event.contributions
        ),
    )


def title(event: Event) -> str:
    """The event in one line, such as "GPT-6.1 Sol moved the capability index up 23.1 points"."""
    shown = points(event.move)
    text = ngettext(
        "%(system)s moved the %(series)s up %(points)s point",
        "%(system)s moved the %(series)s up %(points)s points",
        1 if shown == points(1.0) else 2,
    )
    return text % {"system": event.system.name, "series": label(event.series), "points": shown}


def label(series: str) -> str:
    """A series as it is named in a sentence, such as "capability index"."""
    return str(Series(series).label)


def points(value: float) -> str:
    """A number of points with one decimal; what would round to nothing is called less than 0.1."""
    if 0 < abs(value) < 0.05:
        return gettext("less than %(value)s") % {"value": _rounded(0.1)}
    return _rounded(value) if value >= 0 else MINUS + _rounded(-value)


def signed(value: float) -> str:
    """A contribution with its sign, which is shown for gains too."""
    return ("+" if value >= 0 else MINUS) + _rounded(abs(value))


def _rounded(value: float) -> str:
    return str(floatformat(value, 1))


def _interval(event: Event) -> str:
    if event.low is None or event.high is None:
        return ""
    return gettext("%(low)s to %(high)s") % {
        "low": points(event.low),
        "high": points(event.high),
    }


def _standing(event: Event) -> str:
    named = {
        "series": label(event.series),
        "value": points(event.after),
        "interval": _interval(event),
    }
    if not named["interval"]:
        return gettext("The %(series)s now stands at %(value)s.") % named
    return gettext("The %(series)s now stands at %(value)s (95%% interval %(interval)s).") % named


def _noise(event: Event) -> str:
    """What the interval of the distance between the systems says; nothing where there is none."""
    if event.move_low is None or event.move_high is None:
        return ""
    ends = {"low": signed(event.move_low), "high": signed(event.move_high)}
    if event.move_low <= 0:
        return (
            gettext(
                "The 95%% interval of the rise, %(low)s to %(high)s points, includes zero: "
                "the move may be noise."
            )
            % ends
        )
    return gettext("The 95%% interval of the rise is %(low)s to %(high)s points.") % ends
