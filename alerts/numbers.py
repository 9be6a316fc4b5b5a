"""Numbers and names as alerts write them."""

from __future__ import annotations

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext, ngettext

from alerts.models import Event, Series
from baskets.charts.words import unit_name
from evals.subjects import subdomain_name

MINUS = "−"
SUREST = 0.995
"""From here on a probability is said as "more than 99%": replicates cannot tell more."""


def label(series: str) -> str:
    """A series as it is named in a sentence, such as "capability index"."""
    if series in Series.values:
        return str(Series(series).label)
    if "/" in series:
        return gettext("%(subdomain)s index") % {
            "subdomain": subdomain_name(series.partition("/")[2])
        }
    return series


def domain_label(series: str) -> str:
    """A domain as a word in a sentence: "safety", and so on."""
    names = {
        "capability": gettext("capability"),
        "safety": gettext("safety"),
        "alignment": gettext("alignment"),
    }
    return names.get(series, series)


def system_name(event: Event) -> str:
    """The event's system; empty where it has none."""
    return event.system.name if event.system else ""


def previous_name(event: Event) -> str:
    """The system that it is compared with; empty where there is none."""
    return event.previous_system.name if event.previous_system else ""


def eval_name(event: Event) -> str:
    """The event's eval; empty where it has none."""
    return event.eval.name if event.eval else ""


def points(value: float) -> str:
    """A number of points with one decimal; what would round to nothing is called less than 0.1."""
    if 0 < abs(value) < 0.05:
        return gettext("less than %(value)s") % {"value": rounded(0.1)}
    return rounded(value) if value >= 0 else MINUS + rounded(-value)


def signed(value: float) -> str:
    """A contribution with its sign, which is shown for gains too."""
    return ("+" if value >= 0 else MINUS) + rounded(abs(value))


def of_points(value: float) -> str:
    """A size in points with the word: "1.0 point", "23.1 points"."""
    shown = points(abs(value))
    text = ngettext("%(points)s point", "%(points)s points", 1 if shown == points(1.0) else 2)
    return text % {"points": shown}


def rounded(value: float) -> str:
    """A number that is not negative, with one decimal."""
    return str(floatformat(value, 1))


def stated(value: float) -> str:
    """A number as somebody stated it, with one decimal at least."""
    places = len(f"{value:.10f}".rstrip("0").partition(".")[2])
    return str(floatformat(value, max(places, 1)))


def in_unit(event: Event, value: float) -> str:
    """A score with the unit of the event's eval."""
    shown = str(floatformat(value, -2)).replace("-", MINUS)
    unit = event.eval.unit if event.eval else ""
    if unit in ("%", "percent"):
        return f"{shown}%"
    return f"{shown} {unit_name(unit)}".strip()


def interval(low: float | None, high: float | None) -> str:
    """An interval of levels; empty where it is not known."""
    if low is None or high is None:
        return ""
    return gettext("%(low)s to %(high)s") % {"low": points(low), "high": points(high)}


def probability(share: float) -> str:
    """A probability in whole percent, never as certainty."""
    if share >= SUREST:
        return gettext("more than 99%%") % {}
    return f"{share * 100:.0f}%"
