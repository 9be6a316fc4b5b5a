"""An event in one line, for subjects, lists and feeds.

What weights, links, a fill or the method did is said as their doing, and never as a system's.
"""

from __future__ import annotations

from django.utils.translation import gettext

from alerts.models import Event
from alerts.numbers import (
    domain_label,
    eval_name,
    label,
    of_points,
    previous_name,
    system_name,
)
from alerts.rules import PROGRESS, Cause, Kind


def title(event: Event) -> str:
    """The event in one line, such as "GPT-6.1 Sol moved the capability index up 23.1 points".

    An event of a reader's own basket begins with its name, so that none is taken for the index's.
    """
    said = _title(event)
    if event.own is None:
        return said
    named = {"name": event.own.name, "event": said}
    return gettext("Own basket “%(name)s”: %(event)s") % named


def _title(event: Event) -> str:
    words = {
        Kind.FRONTIER: _frontier,
        Kind.MOVED: _moved,
        Kind.RANK: _rank,
        Kind.BASELINE: _baseline,
        Kind.LIFECYCLE: _lifecycle,
        Kind.REGRESSION: _regression,
        Kind.GAP: _gap,
        Kind.PUBLISHED: _published,
        Kind.REVISED: _revised,
        Kind.SILENT: _silent,
    }
    return words[Kind(event.kind)](event)


def _named(event: Event) -> dict[str, object]:
    return {
        "system": system_name(event),
        "previous": previous_name(event),
        "series": label(event.series),
        "domain": domain_label(event.series),
        "eval": eval_name(event),
        "points": of_points(event.move or 0.0),
    }


def _frontier(event: Event) -> str:
    if event.cause in PROGRESS:
        return gettext("%(system)s moved the %(series)s up %(points)s") % _named(event)
    texts = {
        Cause.WEIGHTS: gettext("New weights put %(system)s first in the %(series)s"),
        Cause.LINK: gettext("A new link of basket versions put %(system)s first in the %(series)s"),
        Cause.IMPUTATION: gettext(
            "A new fill of missing scores put %(system)s first in the %(series)s"
        ),
        Cause.METHOD: gettext("A change of method put %(system)s first in the %(series)s"),
    }
    revised = gettext("Revised scores put %(system)s first in the %(series)s")
    return texts.get(Cause(event.cause), revised) % _named(event)


def _moved(event: Event) -> str:
    up = (event.move or 0.0) > 0
    if event.cause == Cause.NEW_SCORE or event.cause == Cause.NEW_SYSTEM:
        text = (
            gettext("New scores raised %(system)s by %(points)s in the %(series)s")
            if up
            else gettext("New scores lowered %(system)s by %(points)s in the %(series)s")
        )
        return text % _named(event)
    return _not_measured(event, up=up) % _named(event)


def _not_measured(event: Event, *, up: bool) -> str:
    texts = {
        Cause.REVISION: (
            gettext("Revised scores raised %(system)s by %(points)s in the %(series)s"),
            gettext("Revised scores lowered %(system)s by %(points)s in the %(series)s"),
        ),
        Cause.WEIGHTS: (
            gettext("New weights raised %(system)s by %(points)s in the %(series)s"),
            gettext("New weights lowered %(system)s by %(points)s in the %(series)s"),
        ),
        Cause.LINK: (
            gettext("A new link raised %(system)s by %(points)s in the %(series)s"),
            gettext("A new link lowered %(system)s by %(points)s in the %(series)s"),
        ),
        Cause.IMPUTATION: (
            gettext(
                "A new fill of missing scores raised %(system)s by %(points)s in the %(series)s"
            ),
            gettext(
                "A new fill of missing scores lowered %(system)s by %(points)s in the %(series)s"
            ),
        ),
    }
    method = (
        gettext("A change of method raised %(system)s by %(points)s in the %(series)s"),
        gettext("A change of method lowered %(system)s by %(points)s in the %(series)s"),
    )
    return texts.get(Cause(event.cause), method)[0 if up else 1]


def _rank(event: Event) -> str:
    named = {
        **_named(event),
        "rank": event.facts.get("rank"),
        "was": event.facts.get("rank_before"),
    }
    if event.cause not in PROGRESS:
        return (
            gettext("%(system)s is now number %(rank)s in the %(series)s, by no score of its own")
            % named
        )
    if isinstance(named["was"], int) and named["was"] <= int(str(named["rank"])):
        return (
            gettext("%(system)s passed %(previous)s in the %(series)s and is number %(rank)s")
            % named
        )
    if named["was"] is None:
        return gettext("%(system)s enters the %(series)s as number %(rank)s") % named
    return gettext("%(system)s rose from number %(was)s to %(rank)s in the %(series)s") % named


def _baseline(event: Event) -> str:
    if event.recovered:
        return gettext("The best score on %(eval)s is below the human baseline again") % _named(
            event
        )
    return gettext("%(system)s reached the human baseline on %(eval)s") % _named(event)


def _lifecycle(event: Event) -> str:
    texts = {
        "saturating": gettext("%(eval)s is saturating"),
        "retired": gettext("%(eval)s was retired"),
    }
    other = gettext("%(eval)s is active again")
    return texts.get(str(event.facts.get("state")), other) % _named(event)


def _regression(event: Event) -> str:
    if event.recovered:
        text = gettext("%(system)s no longer scores below %(previous)s in %(domain)s")
    else:
        text = gettext("%(system)s scores below %(previous)s in %(domain)s")
    return text % _named(event)


def _gap(event: Event) -> str:
    texts = {
        ("safety", False): gettext("Capability now rises faster than safety"),
        ("safety", True): gettext("Safety now rises faster than capability"),
        ("alignment", False): gettext("Capability now rises faster than alignment"),
        ("alignment", True): gettext("Alignment now rises faster than capability"),
    }
    return texts[event.series, event.recovered]


def _published(event: Event) -> str:
    number = event.version.number if event.version else ""
    return gettext("Version %(number)s of the basket is in use") % {"number": number}


def _revised(event: Event) -> str:
    return gettext("Revised scores changed past values of the %(series)s") % _named(event)


def _silent(event: Event) -> str:
    source = event.feed.source.name if event.feed else ""
    if event.recovered:
        return gettext("Results from %(source)s arrive again") % {"source": source}
    return gettext("No results could be fetched from %(source)s") % {"source": source}
