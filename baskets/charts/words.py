"""Numbers and names as this site writes them: true minus signs, no false precision."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from baskets.charts.axes import MINUS
from evals.subjects import subdomain_name

SERIES = ("headline", "balanced", "capability", "safety", "alignment")
DOMAINS = ("capability", "safety", "alignment")


def series_name(series: str) -> str:
    """A series in words, to begin a sentence; a subdomain by its own name."""
    return _series_names(get_language()).get(series) or subdomain_name(series.split("/", 1)[-1])


@lru_cache(maxsize=8)
def _series_names(language: str | None) -> dict[str, str]:
    return {
        "headline": _("Headline"),
        "balanced": _("Balanced headline"),
        "capability": _("Capability"),
        "safety": _("Safety"),
        "alignment": _("Alignment"),
    }


def points(value: float | None, decimals: int = 1) -> str:
    """A number of points, for example 612.3; an empty text for None."""
    if value is None:
        return ""
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text.replace("-", MINUS)


def signed(value: float | None, decimals: int = 1) -> str:
    """A change with its sign: +23.1, −4.0, 0.0."""
    if value is None:
        return ""
    text = points(value, decimals)
    return f"+{text}" if value > 0 and float(text.replace(",", "")) != 0 else text


def interval(low: float | None, high: float | None, decimals: int = 1) -> str:
    """An interval as `590.1–634.4`, or an empty text where it is not known."""
    if low is None or high is None:
        return ""
    return f"{points(low, decimals)}–{points(high, decimals)}"


def rise(low: float | None, high: float | None, decimals: int = 1) -> str:
    """The interval of a change as `−3.2 to +19.4`, or an empty text where it is not known."""
    if low is None or high is None:
        return ""
    ends = {"low": signed(low, decimals), "high": signed(high, decimals)}
    return _("%(low)s to %(high)s") % ends


def percent(share: float | None) -> str:
    """A share (0 to 1) as whole percent."""
    return "" if share is None else f"{100 * share:.0f}%"


def number(value: float | None) -> str:
    """A measured value with the digits it was stated with, up to six."""
    return "" if value is None else f"{value:,.6g}".replace("-", MINUS)


def day(value: dt.date) -> str:
    """A date in short form: 7 Aug 2025."""
    return _day(value, get_language())


@lru_cache(maxsize=8192)
def _day(value: dt.date, language: str | None) -> str:
    return formats.date_format(value, "SHORT_DATE_FORMAT")


def items(count: str) -> str:
    """How many items were measured, as the source says it."""
    return _("items: %(n)s") % {"n": count}


def unit_name(unit: str) -> str:
    """The unit of an eval in words."""
    return _unit_names(get_language()).get(unit, unit.replace("_", " "))


@lru_cache(maxsize=8)
def _unit_names(language: str | None) -> dict[str, str]:
    return {
        "percent": _("per cent"),
        "percentage_points": _("percentage points"),
        "minutes": _("minutes"),
        "elo": _("rating (Elo)"),
        "x_speedup": _("times as fast"),
        "x_fold": _("times"),
        "score_1_10": _("score from 1 to 10"),
        "score_0_5": _("score from 0 to 5"),
        "score_0_100": _("score from 0 to 100"),
        "index_0_100": _("index from 0 to 100"),
        "ordinal": _("milestone"),
        "ap_grade_1to5": _("grade from 1 to 5"),
        "points_of_400": _("points of 400"),
        "points_of_150": _("points of 150"),
    }


def fill_model(name: str) -> str:
    """The model that fills a domain's missing cells, in words."""
    names = {
        "eval-mean": _("the eval's mean"),
        "one-dimensional": _("one ability per system"),
        "one-factor": _("one ability and one factor"),
        "two-factor": _("one ability and two factors"),
    }
    return names.get(name, name)


def way_missing(way: str) -> str:
    """How cells of the simulated tables were missing, in words."""
    names = {
        "none": _("none missing"),
        "random": _("60% missing at random"),
        "selective": _("60% missing, good scores likelier to be published"),
    }
    return names.get(way, way)


def probability(share: float | None) -> str:
    """A probability from replicates as whole percent, which are too few for 0% and 100%."""
    if share is None:
        return ""
    if share > 0.99:
        return _("more than 99%")
    if share < 0.01:
        return _("less than 1%")
    return percent(share)


def term_name(kind: str) -> str:
    """A term of a revision in words."""
    names = {
        "new_scores": _("new scores"),
        "revised_scores": _("revised scores"),
        "weights": _("weights and goalposts"),
        "fill": _("changed fill"),
        "link": _("link"),
        "method": _("method"),
    }
    return names.get(kind, kind)


def term_note(note: str) -> str:
    """Why a term's points stand in a later term, in words."""
    name = note.partition("refused: ")[2]
    if name:
        said = _(
            "The engine refused this mixture of old and new (%(name)s); its effect stands in the "
            "next term."
        )
        return said % {"name": name}
    notes = {
        "no value": _("There is no value in this mixture of old and new; see the next term."),
        "with the method": _("The way of filling changed itself; see the method."),
    }
    return notes.get(note, note)


def rung_reason(reason: str) -> str:
    """Why two generations have no like-for-like difference."""
    names = {
        "too-few-shared": _("fewer than two shared evals"),
        "domain-missing": _("no shared eval in one of the domains"),
        "no-value": _("no value in this series"),
    }
    return names.get(reason, reason)
